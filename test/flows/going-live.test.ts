import assert from "node:assert/strict";
import { momentOf, writtenIn } from "../../core/entry/emergency.ts";
import { EntryRule } from "../../core/entry/rule.ts";
import type { DoorPapers, Papers } from "../../core/policy/context.ts";
import { refusals } from "../../core/policy/finding.ts";
import { lint } from "../../core/policy/lint.ts";
import { siteFacts } from "../../core/policy/papers/facts.ts";
import { parse } from "../../core/schema.ts";
import { type FlowNode, flowsIn, readFlow } from "./files.ts";

const now = "2026-11-24T08:00:00+08:00";

/** The same community with real doors, each with somebody who notices when its reader is dead. */
function real(flow: FlowNode[]): FlowNode[] {
  const readers = flow
    .filter(({ type }) => /^(?:card|pin|pass)-read$/.test(type))
    .map(({ reader }) => reader);
  return flow.map((node) => {
    if (node.type === "limen-site") return { ...node, demonstration: false };
    if (node.type === "limen-door") return { ...node, simulated: false };
    return node.type === "door-watch" ? { ...node, ways: readers } : node;
  });
}

/** Papers of every door with a face, each about what the flow says of that door. */
const papersFor = (flow: FlowNode[]): Record<string, DoorPapers> =>
  Object.fromEntries(
    siteFacts(flow)
      .doors.filter(({ face }) => face)
      .map(({ id, spelt: facts }) => [
        id,
        {
          decision: { at: "2026-10-01T10:00:00+08:00", quorum: 0.7, agreed: 0.6 },
          notice: { publishedAt: "2026-10-10T10:00:00+08:00", facts, signsUp: true },
          assessment: { at: "2026-10-08T10:00:00+08:00", facts, necessity: "Asked for.", search: "Elders." },
        },
      ]),
  );

const wrong = (flow: FlowNode[], papers?: Papers) => [
  ...new Set(
    refusals(lint(flow, { now, ...(papers ? { papers } : {}) })).map(({ rule, door }) =>
      `${rule} ${door ?? ""}`.trim(),
    ),
  ),
];

describe("communities with real doors", () => {
  for (const file of flowsIn("flows/communities")) {
    const flow = real(readFlow(file));
    const doors = papersFor(flow);
    const faces = Object.keys(doors);

    it(`${file}: keeps every face off without papers, and asks nothing else of anybody`, () => {
      assert.deepEqual(wrong(flow).sort(), faces.map((door) => `notice-in-force ${door}`).sort());
    });

    it(`${file}: is lawful with papers of each door, and not with those of all doors but one`, () => {
      assert.deepEqual(wrong(flow, { doors }), []);
      for (const left of faces) {
        const { [left]: _, ...others } = doors;
        assert.deepEqual(wrong(flow, { doors: others }), [`notice-in-force ${left}`]);
      }
    });

    if (faces.length > 1)
      it(`${file}: needs papers of its own for a door that comes to check one card`, () => {
        const one = faces[0];
        const checked = flow.map((node) => {
          const at = flow.find(({ id, type }) => type === "limen-door" && id === node.door)?.door;
          return node.type === "face-match" && at === one ? { ...node, mode: "1:1" } : node;
        });
        assert.deepEqual(wrong(checked, { doors }), [`notice-in-force ${one}`]);
        assert.deepEqual(wrong(checked, { doors: papersFor(checked) }), []);
      });
  }

  it("have one emergency that ends by itself, and a twin whose emergency does not", () => {
    const ruleOf = (file: string) =>
      readFlow(file).find(({ emergency }) => typeof emergency === "string" && emergency !== "none");
    const written = (file: string) => {
      const { id: _, type: __, z, name, version, x, y, wires, ...rule } = ruleOf(file)!;
      return parse(EntryRule, rule);
    };
    const lawful = writtenIn(written("flows/communities/epidemic-profile.json"), 30);
    assert.equal(lawful?.end.toISOString(), momentOf("2027-02-01 00:00", "Asia/Shanghai")?.toISOString());
    assert.deepEqual([lawful?.two, lawful?.noVisitors], [false, true]);
    assert.equal(writtenIn(written("test/flows/as-reported/epidemic-profile.json"), 30), undefined);
  });
});
