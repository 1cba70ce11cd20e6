import assert from "node:assert/strict";
import fc from "fast-check";
import { AttemptBook } from "../../../core/entry/book.ts";
import { cameBack, refusal } from "../../../core/entry/decide.ts";
import { Leaves } from "../../../core/entry/interlock.ts";
import { EntryRule } from "../../../core/entry/rule.ts";
import { closedBecause, isWithin, localTime, serviceDay } from "../../../core/entry/schedule.ts";
import { instantOf } from "../../../core/entry/wall-clock.ts";
import { ZoneMemory } from "../../../core/entry/zones.ts";
import { parse } from "../../../core/schema.ts";
import { handClock } from "../hand-clock.ts";

const minute = 60_000;
const rule = (fields: object = {}): EntryRule => parse(EntryRule, fields);
const text = (at: number): string =>
  `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`;
const week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Berlin's hours ahead of UTC by the rule of 2000/84/EC: summer from the last Sunday of March to that of October, 01:00 UTC. */
function berlin(at: number): number {
  const year = new Date(at).getUTCFullYear();
  const lastSunday = (month: number): number => {
    const last = new Date(Date.UTC(year, month + 1, 0));
    return Date.UTC(year, month, last.getUTCDate() - last.getUTCDay(), 1);
  };
  return at >= lastSunday(2) && at < lastSunday(9) ? 2 : 1;
}

describe("hours, whatever the clocks do", () => {
  const moments = fc
    .integer({ min: Date.UTC(2026, 0), max: Date.UTC(2029, 0) })
    .map((ms) => ms - (ms % minute));
  /** Within three hours of a change of clocks. */
  const changes = fc
    .tuple(
      fc.constantFrom(Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1), Date.UTC(2027, 2, 28, 1)),
      fc.integer({ min: -180, max: 180 }),
    )
    .map(([change, minutes]) => change + minutes * minute);
  const span = fc.record({
    days: fc.uniqueArray(fc.constantFrom(...week), { minLength: 1 }),
    from: fc.integer({ min: 0, max: 1439 }).map(text),
    to: fc.integer({ min: 0, max: 1440 }).map(text),
  });
  const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

  it("are those of the wall at the door, through daylight saving and holidays", () => {
    fc.assert(
      fc.property(
        fc.oneof(moments, changes),
        fc.array(span, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (at, hours, off) => {
          const wall = new Date(at + berlin(at) * 60 * minute);
          const date = wall.toISOString().slice(0, 10);
          const now = wall.getUTCHours() * 60 + wall.getUTCMinutes();
          const day = off ? "sun" : week[(wall.getUTCDay() + 6) % 7]!;
          const before = week[(week.indexOf(day) + 6) % 7]!;
          const open = hours.some(({ days, from, to }) => {
            const [start, end] = [minutesOf(from), minutesOf(to)];
            if (start < end) return days.includes(day) && now >= start && now < end;
            return (days.includes(day) && now >= start) || (days.includes(before) && now < end);
          });
          const fields = { timeZone: "Europe/Berlin", hours, holidays: off ? [date] : [] };
          assert.equal(closedBecause(rule(fields), new Date(at)) === undefined, open);
          if (!off) assert.equal(isWithin(hours, new Date(at), "Europe/Berlin"), open);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("are found again: every minute that the wall shows is a moment that shows it", () => {
    const zones = ["Asia/Shanghai", "Asia/Taipei", "Europe/Berlin", "America/Chicago", "Australia/Lord_Howe"];
    fc.assert(
      fc.property(fc.oneof(moments, changes), fc.constantFrom(...zones), (at, zone) => {
        const shown = localTime(new Date(at), zone);
        const found = instantOf(`${shown.date} ${text(shown.minute)}`, zone);
        assert.deepEqual(localTime(found, zone), shown);
        assert.ok(found.getTime() <= at, "of an hour that comes twice, the first");
        assert.ok(at - found.getTime() <= 60 * minute);
      }),
      { numRuns: 500 },
    );
  });

  it("make one day of a night: a stretch over midnight begins one day, and ends it", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1081, max: 1439 }),
        fc.integer({ min: 1, max: 1080 }),
        moments,
        (from, to, at) => {
          const night = rule({
            timeZone: "UTC",
            hours: [{ days: [...week], from: text(from), to: text(to) }],
          });
          const now = Math.floor((at % 86_400_000) / minute);
          const begun = now < to ? at - 86_400_000 : at;
          assert.equal(serviceDay(night, new Date(at)), new Date(begun).toISOString().slice(0, 10));
        },
      ),
    );
  });
});

describe("anti-passback", () => {
  const step = fc.record({
    pass: fc.integer({ min: 0, max: 9 }),
    who: fc.constantFrom("cred_a", "cred_b"),
    zone: fc.constantFrom("estate", "garage"),
    what: fc.constantFrom("enter", "enter", "enter", "reset", "clock"),
  });

  it("refuses who came in so recently, until their time or a reset, whatever the wall clock says; soft never refuses", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 20 }), (steps, minutes) => {
        const clock = handClock();
        const zones = new ZoneMemory(clock);
        const book = new AttemptBook(clock);
        const last = new Map<string, number>();
        let now = 0;
        for (const { pass, who, zone, what } of steps) {
          clock.pass(pass * minute);
          now += pass;
          if (what === "clock") clock.set(new Date(Date.UTC(2001, 0, 1 + pass)));
          if (what === "reset") {
            zones.forget(zone);
            for (const key of [...last.keys()]) if (key.startsWith(zone)) last.delete(key);
          }
          if (what !== "enter") continue;
          const since = now - (last.get(`${zone} ${who}`) ?? Number.NEGATIVE_INFINITY);
          const door = { id: "gate", lockedDown: false, minutesSinceEntry: zones.minutesSince(zone, who) };
          const ask = (antiPassback: "timed" | "soft") =>
            refusal(
              rule({ antiPassback, antiPassbackMinutes: minutes }),
              book.begin("gate", "estate", "card"),
              { resident: true },
              door,
              clock.now(),
            );
          assert.equal(ask("timed"), since < minutes ? "anti-passback" : undefined);
          assert.equal(ask("soft"), undefined);
          assert.equal(
            cameBack(rule({ antiPassback: "soft", antiPassbackMinutes: minutes }), door),
            since < minutes,
          );
          if (since < minutes) continue;
          zones.entered(zone, who);
          last.set(`${zone} ${who}`, now);
        }
      }),
    );
  });
});

describe("an interlock, under fire", () => {
  const doors = ["inner", "outer", "side"] as const;
  const kinds = ["opened", "exit", "forced", "held", "closed", "not-taken", "fire", "fire-reset"] as const;
  const happening = fc.record({
    door: fc.constantFrom(...doors),
    kind: fc.constantFrom(...kinds),
    pass: fc.integer({ min: 0, max: 20_000 }),
  });

  it("holds nobody up at a door that burns, and no door waits for one that does", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (all) => {
        const clock = handClock();
        const leaves = new Leaves(clock);
        const burning = new Set<string>();
        for (const { door, kind, pass } of all) {
          clock.pass(pass);
          leaves.heard(door, kind, 5);
          if (kind === "fire") burning.add(door);
          if (kind === "fire-reset") burning.delete(door);
          for (const here of doors) {
            const holding = leaves.holding(here, doors);
            if (burning.has(here)) assert.deepEqual(holding, []);
            assert.ok(!holding.includes(here) && holding.every((other) => !burning.has(other)));
          }
        }
      }),
    );
  });

  it("never waits for ever: doors of which nothing is heard come free by themselves", () => {
    const quiet = happening.filter(({ kind }) => kind !== "forced" && kind !== "held");
    fc.assert(
      fc.property(fc.array(quiet, { maxLength: 30 }), (all) => {
        const clock = handClock();
        const leaves = new Leaves(clock);
        for (const { door, kind, pass } of all) {
          clock.pass(pass);
          leaves.heard(door, kind, 5);
        }
        clock.pass(6 * minute);
        for (const here of doors) assert.deepEqual(leaves.holding(here, doors), []);
      }),
    );
  });
});
