import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { AttemptBook } from "../../core/entry/book.ts";
import { FirstIn, firstInMigrations } from "../../core/entry/first-in.ts";
import { Leaves } from "../../core/entry/interlock.ts";
import { Lockdown, lockdownMigrations } from "../../core/entry/lockdown.ts";
import { Terms, termMigrations } from "../../core/entry/terms.ts";
import { ZoneMemory } from "../../core/entry/zones.ts";
import { readGraph } from "../../core/policy/graph/graph.ts";
import { doorId } from "../../core/policy/site.ts";
import { type Way, waysOf } from "../../core/policy/ways.ts";
import { config, version } from "../../nodes/entry-rule/config.ts";
import { readConfig } from "../../nodes/lib/config.ts";
import type { Services } from "../../vault/services.ts";
import { Site } from "../../vault/site.ts";
import { decide } from "../../vault/verbs/decide.ts";
import { handClock } from "../core/hand-clock.ts";
import { estate } from "../vault/rig.ts";
import { flowsIn, readFlow } from "./files.ts";

const hour = 3_600_000;
const person = "person_0123456789abcdef";

/** RD-02 by what the vault itself answers, hour by hour; `parity.test.ts` reads it off the rules. */
describe("whoever declines a face, by the vault's own decisions (RD-02)", () => {
  for (const file of flowsIn("flows/communities"))
    it(`is let in at every door of ${file} whenever one who agreed is`, () => {
      const graph = readGraph(readFlow(file));
      const doors = waysOf(graph);
      const clock = handClock("2026-11-22T16:00:00.000Z"); // a Monday begins in Shanghai
      const site = new Site({ faces: () => true, papers: () => true });
      const plain = estate();
      site.configure({
        ...plain,
        doors: doors.map(({ door }) => ({
          ...plain.doors[0]!,
          id: doorId(door),
          class: door.config.class as "unit",
        })),
        cameras: [],
      });
      const db = new DatabaseSync(":memory:");
      for (const { sql } of [...firstInMigrations, ...lockdownMigrations, ...termMigrations]) db.exec(sql);
      const book = new AttemptBook(clock);
      const ask = decide({
        book,
        clock,
        site,
        firstIn: new FirstIn(db),
        leaves: new Leaves(clock),
        lockdown: new Lockdown(db),
        terms: new Terms(db, clock),
        zones: new ZoneMemory(clock),
        emergencies: { at: () => [] },
        persons: { standing: () => ({ resident: true }) },
        credentials: { of: () => [], kindsOf: () => new Set(["card", "pin"]) },
      } as unknown as Services);
      const granted = (door: string, { kind, combos }: Way): boolean =>
        combos.some(({ rules }) => {
          const attempt = book.begin(door, "estate", kind);
          attempt.view.person = person;
          if (kind !== "face") attempt.view.credential = "cred_0123456789abcdef";
          for (const rule of rules) {
            const { id, config: node } = graph.vertices[rule]!;
            const { name: _, ...asked } = readConfig({ config, version }, node) as { name: string };
            void ask({ attempt: attempt.view.id, node: id, rule: asked as never }, undefined as never);
          }
          return attempt.view.checks.every(({ result }) => result === "pass");
        });
      let opened = 0;
      for (let step = 0; step < 168; step++, clock.pass(hour))
        for (const { door, live, possible } of doors) {
          const refuser = live.some((way) => granted(doorId(door), way));
          const agreed = possible.some((way) => way.kind === "face" && granted(doorId(door), way));
          assert.equal(refuser, refuser || agreed, `${doorId(door)} at ${clock.now().toISOString()}`);
          if (refuser) opened++;
        }
      assert.ok(opened > 0, "nothing ever opened");
    });
});
