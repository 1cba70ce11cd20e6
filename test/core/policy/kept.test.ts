import assert from "node:assert/strict";
import { keptDays } from "../../../core/policy/kept.ts";

const rule = (id: string, config: object) => ({ id, type: "retention-rule", z: "t", wires: [[]], ...config });

describe("how long a flow keeps what", () => {
  it("is the longest its running rules say, by class; a preview promises nothing", () => {
    const flow = [
      { id: "t", type: "tab" },
      rule("a", { class: "entry-events", days: 30, mode: "run" }),
      rule("b", { class: "entry-events", days: 90, mode: "run" }),
      rule("c", { class: "passes", days: 7, mode: "run" }),
      rule("d", { class: "look-ups", days: 400, mode: "preview" }),
      { ...rule("e", { class: "consents", days: 10, mode: "run" }), d: true },
    ];
    assert.deepEqual(keptDays(flow), [
      { class: "entry-events", days: 90 },
      { class: "passes", days: 7 },
    ]);
    assert.deepEqual(keptDays([]), []);
  });
});
