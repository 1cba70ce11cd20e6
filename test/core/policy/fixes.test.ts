import assert from "node:assert/strict";
import { fixOf } from "../../../core/policy/fixes.ts";
import { lint } from "../../../core/policy/lint.ts";
import { change, flow, lane, node, plus } from "./build.ts";
import { type Fixture, fixtures } from "./fixtures/index.ts";

const reader = lane("a", ["card"]).map((each) =>
  each.id === "a-reader" ? { ...each, wires: [["a-card", "look"]] } : each,
);
const watched: Fixture = {
  what: "a reader's bytes in the debug sidebar",
  flow: plus(flow(reader), node("look", "debug", [], { active: true, console: "false" })),
};

describe("fixes offered at a click", () => {
  it("take their finding away, at every flow that has it", () => {
    const used = new Set<string>();
    for (const { what, flow, options } of [...Object.values(fixtures).flatMap(({ fail }) => fail), watched])
      for (const finding of lint(flow, options)) {
        const fix = fixOf(finding);
        if (!fix) continue;
        used.add(`${finding.rule}.${finding.params.variant}`);
        const mended = change(flow, { [fix.node]: fix.settings });
        const same = lint(mended, options).filter(
          ({ rule, node, params }) =>
            rule === finding.rule && node === finding.node && params.variant === finding.params.variant,
        );
        assert.deepEqual(same, [], `${finding.rule}: ${what}`);
      }
    assert.deepEqual([...used].sort(), [
      "equal-ways.fee",
      "no-leak.attempt.debug",
      "no-leak.attempt.log",
      "no-leak.attempt.status",
      "no-leak.reading.debug",
      "retention-stated.above",
      "retention-stated.below",
      "safe-relay.retained",
    ]);
  });
});
