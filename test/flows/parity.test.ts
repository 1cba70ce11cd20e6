import assert from "node:assert/strict";
import type { EntryRule } from "../../core/entry/rule.ts";
import { closedBecause } from "../../core/entry/schedule.ts";
import { readGraph } from "../../core/policy/graph/graph.ts";
import { doorId } from "../../core/policy/site.ts";
import { type Way, waysOf } from "../../core/policy/ways.ts";
import { lawfulFlows, readFlow } from "./files.ts";

const hour = 3_600_000;
/** A week that begins on a Monday at midnight in Shanghai, and one that holds the epidemic profile's dates. */
const weeks = [Date.parse("2026-11-23T00:00:00+08:00"), Date.parse("2027-01-18T00:00:00+08:00")];

describe("whoever declines a face (RD-02)", () => {
  for (const file of lawfulFlows())
    it(`opens every door of ${file} in every hour in which a twin who agreed does`, () => {
      const graph = readGraph(readFlow(file));
      const open = ({ combos }: Way, at: Date): boolean =>
        combos.some(({ rules }) =>
          rules.every(
            (rule) => closedBecause(graph.vertices[rule]!.config as unknown as EntryRule, at) === undefined,
          ),
        );
      const doors = waysOf(graph);
      assert.ok(doors.length > 0);
      let opened = 0;
      for (const { door, live, possible } of doors)
        for (const start of weeks)
          for (let step = 0; step < 168; step++) {
            const at = new Date(start + step * hour);
            const refuser = live.some((way) => open(way, at));
            const twin = refuser || possible.some((way) => way.kind === "face" && open(way, at));
            assert.equal(refuser, twin, `${doorId(door)} at ${at.toISOString()}`);
            if (refuser) opened++;
          }
      assert.ok(opened > 168 * doors.length, "nothing ever opened");
    });
});
