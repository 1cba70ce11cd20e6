import assert from "node:assert/strict";
import { basename } from "node:path";
import { refusals } from "../../core/policy/finding.ts";
import { lint } from "../../core/policy/lint.ts";
import { flowsIn, readFlow } from "./files.ts";

/** What newspapers reported of each place, in the rules that refuse it today. */
const expected: Record<string, readonly string[]> = {
  "beijing-village": ["deliberate-act", "doors-only", "fire-wired", "no-leak", "notice-in-force"],
  "card-only": ["equal-ways"],
  changping: ["another-way", "notice-in-force", "plain-notice"],
  "chengtou-kuanting": ["another-way"],
  "epidemic-profile": ["another-way", "deliberate-act", "emergency-ends"],
  gongyuandao: ["another-way", "no-adverts"],
  "luneng-gongguan": ["no-leak"],
  "nanhu-zhongyuan": ["another-way", "notice-in-force"],
  "sanjing-street": ["another-way", "deliberate-act", "no-leak", "no-tenure-rule", "plain-notice"],
  "visitors-and-couriers": ["visitors-without-face"],
  "xiangkai-xincheng": ["another-way", "no-adverts", "no-leak"],
  "youjian-gongyu": ["another-way"],
};

const name = (file: string): string => basename(file, ".json");

describe("communities as reported", () => {
  it("are the twins of the communities that are lawful", () => {
    const twins = flowsIn("test/flows/as-reported").map(name);
    assert.deepEqual(twins, flowsIn("flows/communities").map(name));
    assert.deepEqual(twins, Object.keys(expected).sort());
  });

  for (const file of flowsIn("test/flows/as-reported"))
    it(`${name(file)}: ${expected[name(file)]?.join(", ")}`, () => {
      const rules = new Set(refusals(lint(readFlow(file))).map(({ rule }) => rule));
      assert.deepEqual([...rules].sort(), expected[name(file)]);
    });
});
