import assert from "node:assert/strict";
import fc from "fast-check";
import { mostVertices } from "../../../core/policy/graph/expand.ts";
import { readGraph } from "../../../core/policy/graph/graph.ts";
import { lint } from "../../../core/policy/lint.ts";
import { siteFacts } from "../../../core/policy/papers/facts.ts";
import { aboutFaces, flowNotices, paper, paperKinds, toHtml } from "../../../core/policy/papers/index.ts";
import { refusalText } from "../../../core/policy/refusal.ts";
import { lawfulFlows, readFlow } from "../../flows/files.ts";
import { change, flow, fromEnv, lane, node } from "./build.ts";

const whole = readFlow("flows/default.json");
const junk = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>,
  fc.constantFrom(
    undefined,
    Number.NaN,
    "",
    fromEnv("X"),
    [[]],
    [["x", null]],
    { wires: 1 },
    "__proto__",
    true,
  ),
);

describe("the rules on flows nobody meant", () => {
  it("never throw on any list of anything", () => {
    fc.assert(
      fc.property(fc.array(junk, { maxLength: 8 }), (anything) => {
        refusalText(lint(anything as object[]), "zh-CN");
      }),
      { numRuns: 2000 },
    );
  });

  it("never throw on nodes of our own types with any settings", () => {
    const types = [
      ...new Set(whole.map(({ type }) => type)),
      "subflow",
      "group",
      "function",
      "link call",
      "global-config",
    ];
    const field = fc.constantFrom(
      "z",
      "g",
      "d",
      "wires",
      "links",
      "scope",
      "env",
      "in",
      "out",
      "door",
      "camera",
      "rules",
      "days",
      "hours",
      "holidays",
      "buttons",
      "func",
      "topic",
      "ways",
    );
    const entry = fc.record({
      id: fc.constantFrom("a", "b", "c", "d", "e"),
      type: fc.oneof(fc.constantFrom(...types), fc.constant("subflow:a")),
      more: fc.dictionary(field, junk, { maxKeys: 6 }),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 8 }), (entries) => {
        const made = entries.map(({ id, type, more }) => ({ ...more, id, type }));
        lint(made);
        flowNotices(made);
        const face = siteFacts(made).doors.some((door) => door.face);
        for (const kind of paperKinds) {
          const write = () => toHtml(paper(made, kind, { language: "zh-TW", hash: "" }));
          if (face || !aboutFaces.has(kind)) write();
          else assert.throws(write, { code: "no-face-here" });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("never throw on a lawful flow with one field spoilt, and judge the same flow the same twice", () => {
    const spots = whole.flatMap((each, index) => Object.keys(each).map((name) => [index, name] as const));
    fc.assert(
      fc.property(fc.constantFrom(...spots), junk, ([index, name], value) => {
        const spoilt = whole.map((each, at) => (at === index ? { ...each, [name]: value } : each));
        assert.deepEqual(lint(spoilt), lint(spoilt));
      }),
      { numRuns: 3000 },
    );
  });

  it("do not depend on the order of nodes", () => {
    for (const file of lawfulFlows()) assert.deepEqual(lint(readFlow(file).reverse()), [], file);
  });

  it("leave the flow they read untouched", () => {
    const before = JSON.stringify(whole);
    lint(whole);
    assert.equal(JSON.stringify(whole), before);
  });

  it("stop at subflows that double at every level, and say so", () => {
    const levels = Array.from({ length: 40 }, (_, level) => [
      { id: `s${level}`, type: "subflow", in: [], out: [] },
      node(`x${level}`, `subflow:s${level + 1}`, [], { z: `s${level}` }),
      node(`y${level}`, `subflow:s${level + 1}`, [], { z: `s${level}` }),
    ]);
    const bomb = [
      ...flow(lane("a", ["card"])),
      ...levels.flat(),
      { id: "s40", type: "subflow" },
      node("go", "subflow:s0"),
    ];
    assert.ok(readGraph(bomb).vertices.length < 2 * mostVertices);
    assert.ok(
      lint(bomb).some(({ rule, params }) => rule === "readable-flow" && params.variant === "too-large"),
    );
  });

  it("end on environments that refer to themselves", () => {
    const circular = change(flow(lane("a", ["card"])), {
      tab: {
        env: [
          { name: "A", type: "env", value: "B" },
          { name: "B", type: "env", value: "A" },
        ],
      },
      "a-card": { door: fromEnv("A") },
    });
    assert.ok(Array.isArray(lint(circular)));
  });
});
