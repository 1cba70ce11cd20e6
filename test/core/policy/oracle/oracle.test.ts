import assert from "node:assert/strict";
import { readGraph } from "../../../../core/policy/graph/graph.ts";
import { loadPack } from "../../../../core/policy/packs.ts";
import { anotherWay } from "../../../../core/policy/rules/another-way.ts";
import { consentBeforeFace } from "../../../../core/policy/rules/consent-before-face.ts";
import { recordBeforeAct } from "../../../../core/policy/rules/record-before-act.ts";
import { Oracle } from "./oracle.ts";
import { randomFlow } from "./random.ts";

const graphs = 10_000;
const context = { pack: loadPack("cn"), papers: undefined, now: undefined };

const pairs = [
  [consentBeforeFace, (oracle: Oracle) => oracle.consent()],
  [recordBeforeAct, (oracle: Oracle) => oracle.record()],
  [anotherWay, (oracle: Oracle) => oracle.another()],
] as const;

describe("the rules against an oracle that walks every way", () => {
  for (const [rule, ask] of pairs)
    it(`${rule.id}: no disagreement over ${graphs} random flows`, () => {
      let refused = 0;
      for (let seed = 1; seed <= graphs; seed++) {
        const flow = randomFlow(seed);
        const found = new Set(rule.check(readGraph(flow), context).map(({ node }) => node));
        const expected = ask(new Oracle(flow));
        if (expected.size > 0) refused++;
        assert.deepEqual([...found].sort(), [...expected].sort(), `${rule.id}, flow ${seed}`);
      }
      // flows that are all lawful or all hopeless would show nothing
      assert.ok(refused > graphs / 50 && refused < graphs * 0.98, `${refused} of ${graphs} refused`);
    });
});
