import assert from "node:assert/strict";
import fc from "fast-check";
import { flowDiff } from "../../../../core/policy/changes/diff.ts";
import { papersDiff } from "../../../../core/policy/changes/papers.ts";
import { sayDiff } from "../../../../core/policy/changes/say.ts";
import { FlowDiff } from "../../../../core/policy/changes/schema.ts";
import { parse } from "../../../../core/schema.ts";
import { languages } from "../../../../core/words.ts";
import { readFlow } from "../../../flows/files.ts";
import { type AnyNode, change, flow, lane, node } from "../build.ts";

const base = flow(lane("a", ["card", "face"]));
const without = (id: string): AnyNode[] => (base as AnyNode[]).filter((each) => each.id !== id);

describe("the difference between two flows", () => {
  it("is nothing between a flow and itself, in whatever order its nodes stand", () => {
    const diff = flowDiff(base, [...base].reverse());
    assert.deepEqual(
      [diff.added, diff.removed, diff.changed, diff.moved, diff.nodes, diff.doors, diff.facts],
      [0, 0, 0, 0, [], [], []],
    );
  });

  it("names a setting before and after, the door it is about, and what the rules make of it", () => {
    const diff = flowDiff(base, change(base, { "door-a": { class: "amenity" } }));
    assert.deepEqual(
      diff.nodes.map(({ id, change: what, properties }) => [id, what, properties]),
      [["door-a", "changed", [{ name: "class", before: "entrance", after: "amenity" }]]],
    );
    assert.deepEqual(diff.doors, ["a"]);
    assert.deepEqual(diff.facts, [{ door: "a", name: "class", before: "entrance", after: "amenity" }]);
    assert.match(sayDiff(diff, "zh-CN").summary[0]!, /通往：楼栋入口 → 公共设施/);
  });

  it("says which ways a door loses", () => {
    const reader = (base as AnyNode[]).find(({ type }) => type === "card-read")!;
    const diff = flowDiff(base, without(reader.id));
    assert.equal(diff.removed, 1);
    assert.ok(
      diff.facts.some(({ name, before, after }) => name === "ways" && before === "card" && after === ""),
    );
    assert.match(
      sayDiff(diff, "en-US").summary.join("\n"),
      /without a face and without staff: card → nothing/,
    );
    assert.match(sayDiff(diff, "zh-TW").summary.join("\n"), /感應卡 → 無/);
  });

  it("only counts what lies elsewhere on the canvas", () => {
    const diff = flowDiff(base, change(base, { "a-rule": { x: 500 } }));
    assert.deepEqual([diff.moved, diff.changed, diff.nodes], [1, 0, []]);
  });

  it("tells wires by the names of the nodes they lead to", () => {
    const before = [node("one", "inject", [["two"]]), node("two", "debug"), node("three", "debug")];
    const after = [node("one", "inject", [["three"]]), node("two", "debug"), node("three", "debug")];
    assert.deepEqual(flowDiff(before, after).nodes[0]?.wires, { added: ["1 → three"], removed: ["1 → two"] });
  });

  it("tells a node whose type was swapped under its id", () => {
    const before = [node("one", "consent-check")];
    const [changed] = flowDiff(before, [node("one", "junction")]).nodes;
    assert.deepEqual(changed?.properties, [{ name: "type", before: "consent-check", after: "junction" }]);
  });

  it("shows no secret, contact, address, code, number or unknown setting of another's node", () => {
    const secretive = (tail: string) => [
      node("fn", "function", [], { func: `return "${tail}-code"` }),
      node("in", "inject", [], { payload: `0040856634-${tail}`, topic: `0040856634-${tail}` }),
      node("http", "http request", [], {
        url: `https://user:${tail}@example.invalid/`,
        headers: [{ keyValue: tail }],
      }),
      { id: "site", type: "limen-site", controllerContact: `desk-${tail}`, controllerAddress: tail },
      { id: "cam", type: "limen-camera", url: `http://${tail}.invalid/`, password: tail, user: tail },
      { id: "mq", type: "mqtt-broker", broker: `b-${tail}@example.invalid`, credentials: { password: tail } },
    ];
    const text = JSON.stringify(flowDiff(secretive("alpha"), secretive("bravo"), ["mq"]));
    assert.doesNotMatch(text, /alpha|bravo|0040856634/);
    const diff = JSON.parse(text) as FlowDiff;
    assert.equal(diff.changed, 6);
    assert.deepEqual(diff.secrets, ["mq"]);
    assert.ok(diff.nodes.every(({ properties }) => properties?.every(({ hidden }) => hidden)));
  });

  it("stays small however much there is, and says how much it leaves out", () => {
    const many = Array.from({ length: 3000 }, (_, index) =>
      node(`n${index}`, "card-read", [[`n${index + 1}`]], {
        reader: "r".repeat(100),
        name: "门".repeat(100),
      }),
    );
    const diff = flowDiff([], many);
    assert.ok(Buffer.byteLength(JSON.stringify(diff)) < 160_000, "three bytes a character at most");
    assert.ok(JSON.stringify(diff).length < 50_000);
    assert.equal(diff.added, 3000);
    assert.equal(diff.nodes.length + diff.more, 3000);
    parse(FlowDiff, diff);
  });

  it("fits its own schema between any two flows, and is said in every language", () => {
    const any = readFlow("flows/default.json");
    const dropping = fc.subarray(any);
    const twisting = fc.array(
      fc.record({ at: fc.nat(any.length - 1), key: fc.string({ maxLength: 200 }), value: fc.jsonValue() }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(dropping, dropping, twisting, (before, some, twists) => {
        const after = some.map((each, index) => {
          const twist = twists.find(({ at }) => at === index);
          return twist ? { ...each, [twist.key]: twist.value } : each;
        });
        const diff = parse(FlowDiff, flowDiff(before, after));
        for (const language of languages)
          for (const line of [
            ...sayDiff(diff, language).summary,
            ...sayDiff(diff, language).nodes.flatMap(({ title, lines }) => [title, ...lines]),
          ])
            assert.doesNotMatch(line, /^(change|way)\./);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the difference between two states of a site's papers", () => {
  const papers = {
    decision: { at: "2026-01-01T00:00:00Z", doors: ["a"], quorum: 0.7, minutes: "Frau Wu fragte" },
    assessment: { at: "2026-01-02T00:00:00Z", facts: "{}", necessity: "long words" },
  };
  it("names each field, and none of the words somebody wrote", () => {
    const diff = papersDiff(papers, {
      ...papers,
      decision: { ...papers.decision, quorum: 0.5, minutes: "Herr Li" },
      commissionedAt: "2026-03-01T00:00:00Z",
    });
    assert.deepEqual(diff.papers, [
      { name: "decision.quorum", before: "0.7", after: "0.5" },
      { name: "decision.minutes", hidden: true },
      { name: "commissionedAt", after: "2026-03-01T00:00:00Z" },
    ]);
  });
  it("is everything when they are new, and nothing when they are the same", () => {
    assert.deepEqual(papersDiff(papers, structuredClone(papers)).papers, []);
    assert.ok(papersDiff(undefined, papers).papers!.length >= 6);
  });
});
