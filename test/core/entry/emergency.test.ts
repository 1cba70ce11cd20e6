import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { methods } from "../../../core/entry/attempt.ts";
import { Emergencies, emergencyMigrations, writtenId } from "../../../core/entry/emergencies.ts";
import { type Emergency, lawful, momentOf, unlawfulAt, writtenIn } from "../../../core/entry/emergency.ts";
import { EntryRule } from "../../../core/entry/rule.ts";
import { Terms, termMigrations } from "../../../core/entry/terms.ts";
import { parse } from "../../../core/schema.ts";
import { migrate } from "../../../core/store/database.ts";
import { type HandClock, handClock } from "../hand-clock.ts";

const hour = 3_600_000;
const day = 24 * hour;
const start = "2026-11-23T08:00:00.000Z";

function stand() {
  const db = new DatabaseSync(":memory:");
  migrate(db, "terms", termMigrations);
  migrate(db, "emergencies", emergencyMigrations);
  const kinds: string[] = [];
  const log = {
    appendWith(entries: readonly { fields: Record<string, unknown> }[], write?: () => void) {
      write?.();
      kinds.push(...entries.map(({ fields }) => `${String(fields.kind)} ${String(fields.door)}`));
      return [];
    },
  };
  /** A process of its own on the same disk. */
  const open = (clock: HandClock) =>
    new Emergencies({ db, clock, log: log as never, terms: new Terms(db, clock) });
  return { db, kinds, open };
}

const asked = (fields: Partial<Emergency> = {}): Emergency => ({
  reason: "epidemic",
  note: "",
  start: new Date(start),
  end: new Date(Date.parse(start) + 7 * day),
  two: true,
  noVisitors: true,
  ...fields,
});
const gate = { id: "gate", ways: ["card", "face"] as const, seconds: ["pin"] as const };

describe("an emergency (RD-13)", () => {
  it("is asked at its doors while it lasts, and nowhere else", () => {
    const clock = handClock(start);
    const { open, kinds } = stand();
    const all = open(clock);
    all.declare(asked(), [gate], 30, "staff_1");
    assert.equal(all.at("gate").length, 1);
    assert.equal(all.at("unit-1").length, 0);
    assert.deepEqual(all.sweep(), { began: ["gate"], ended: [] });
    clock.pass(7 * day - 1);
    assert.equal(all.at("gate").length, 1);
    clock.pass(1);
    assert.equal(all.at("gate").length, 0);
    assert.deepEqual(all.sweep(), { began: [], ended: ["gate"] });
    assert.deepEqual(all.standing, []);
    assert.deepEqual(kinds, ["emergency gate", "emergency-over gate"]);
  });

  it("waits for its start, and is ended early by hand", () => {
    const clock = handClock(start);
    const { open } = stand();
    const all = open(clock);
    const later = { start: new Date(Date.parse(start) + day), end: new Date(Date.parse(start) + 2 * day) };
    const id = all.declare(asked(later), [gate], 30, "staff_1");
    assert.deepEqual([all.at("gate").length, all.standing.length], [0, 1]);
    clock.pass(day);
    assert.equal(all.at("gate").length, 1);
    assert.deepEqual(all.end(id, "staff_1"), ["gate"]);
    assert.deepEqual(all.standing, []);
    assert.throws(() => all.end(id, "staff_1"), { code: "emergency-unknown" });
  });

  it("ends also while the box is off, and goes on after a restart in between", () => {
    const clock = handClock(start);
    const { open, kinds } = stand();
    const before = open(clock);
    before.declare(asked(), [gate], 30, "staff_1");
    before.sweep();
    clock.pass(3 * day);
    assert.equal(open(clock).at("gate").length, 1);
    clock.pass(10 * day);
    const after = open(clock);
    assert.equal(after.at("gate").length, 0);
    assert.deepEqual(after.sweep().ended, ["gate"]);
    assert.equal(kinds.at(-1), "emergency-over gate");
  });

  it("is neither prolonged nor brought back by a clock that is set back", () => {
    const clock = handClock(start);
    const { open } = stand();
    const all = open(clock);
    all.declare(asked(), [gate], 30, "staff_1");
    assert.equal(all.at("gate").length, 1);
    clock.pass(6 * day);
    assert.equal(all.at("gate").length, 1);
    clock.set(new Date(start)); // six days back, without a restart
    clock.pass(day - hour);
    assert.equal(all.at("gate").length, 1);
    clock.pass(hour);
    assert.equal(all.at("gate").length, 0, "seven days have passed, whatever the wall says");
    const restarted = open(clock);
    assert.equal(restarted.at("gate").length, 0, "nor after a restart");
  });

  it("leaves what was left, when the clock went back while the box was off", () => {
    const clock = handClock(start);
    const { open } = stand();
    const before = open(clock);
    before.declare(asked(), [gate], 30, "staff_1");
    before.at("gate");
    clock.pass(6 * day);
    before.at("gate"); // written down
    const later = handClock("1970-01-01T00:00:00Z");
    const all = open(later);
    assert.equal(all.at("gate").length, 1);
    later.pass(day);
    assert.equal(all.at("gate").length, 0);
  });

  it("is over for good once a clock ran ahead: the mistake that asks less", () => {
    const clock = handClock(start);
    const { open } = stand();
    const all = open(clock);
    all.declare(asked(), [gate], 30, "staff_1");
    all.at("gate");
    clock.set(new Date(Date.parse(start) + 20 * day));
    assert.equal(all.at("gate").length, 0);
    clock.set(new Date(Date.parse(start) + hour));
    assert.equal(all.at("gate").length, 0);
    assert.equal(open(clock).at("gate").length, 0);
  });

  it("needs an end, within the pack, something to ask, and a way that is no face", () => {
    const { open } = stand();
    const all = open(handClock(start));
    const declare = (fields: Partial<Emergency>, door: object = {}) =>
      all.declare(asked(fields), [{ ...gate, ...door }], 30, "staff_1");
    assert.throws(() => declare({ end: new Date(Number.NaN) }), { code: "emergency-endless" });
    assert.throws(() => declare({ end: new Date(start) }), { code: "emergency-backwards" });
    assert.throws(() => declare({ end: new Date(Date.parse(start) + 31 * day) }), {
      code: "emergency-too-long",
    });
    const past = { start: new Date(Date.parse(start) - 2 * day), end: new Date(Date.parse(start) - day) };
    assert.throws(() => declare(past), { code: "emergency-backwards" });
    assert.throws(() => declare({ two: false, noVisitors: false }), { code: "emergency-empty" });
    assert.throws(() => declare({}, { seconds: [] }), { code: "emergency-last-way" });
    assert.throws(() => declare({ two: false }, { ways: ["pass", "phone", "face"] }), {
      code: "emergency-last-way",
    });
    assert.deepEqual(all.standing, []);
  });

  it("has no field that could switch a way off", () => {
    for (const field of ["emergencyMethods", "emergencyWays", "emergencyFaceOnly", "emergencyNoCards"])
      assert.throws(() => parse(EntryRule, { emergency: "epidemic", [field]: true }), { code: "invalid" });
    assert.throws(() => parse(EntryRule, { emergency: "security" }), { code: "invalid" });
  });
});

describe("what an emergency asks", () => {
  const ways = fc.uniqueArray(fc.constantFrom(...methods));
  const door = fc.record({ ways, seconds: ways });
  const demand = fc.record({ two: fc.boolean(), noVisitors: fc.boolean() });

  it("never makes a face the only way, at any door, of anybody", () => {
    fc.assert(
      fc.property(door, ways, demand, (here, held, wanted) => {
        const { two } = lawful(wanted, here, held);
        if (!two) return;
        // whoever holds these opens with two of them, neither a face nor a member of staff
        const pair = here.ways.some(
          (first) =>
            held.includes(first) &&
            here.seconds.some((second) => second !== first && held.includes(second) && second !== "face"),
        );
        const faceless = here.ways.filter((way) => way !== "face" && way !== "guard" && held.includes(way));
        assert.ok(pair && faceless.length > 0);
      }),
    );
  });

  it("never asks two ways of somebody who has one, or of a keypad code nobody can name", () => {
    fc.assert(
      fc.property(door, fc.constantFrom(...methods), (here, only) => {
        assert.equal(lawful({ two: true, noVisitors: false }, here, [only]).two, false);
        assert.equal(lawful({ two: true, noVisitors: false }, here, undefined).two, false);
      }),
    );
  });

  it("is refused where it would be dropped", () => {
    fc.assert(
      fc.property(door, demand, (here, wanted) => {
        if (unlawfulAt(wanted, here)) return;
        const everything = lawful(wanted, here, [...methods]);
        assert.deepEqual(everything, { ...wanted });
      }),
    );
  });
});

describe("an emergency written in a flow", () => {
  const rule = (fields: object) => parse(EntryRule, { emergency: "epidemic", ...fields });
  const written = { emergencyFrom: "2027-01-18 00:00", emergencyUntil: "2027-01-31 22:00" };

  it("is read in the rule's own time zone", () => {
    const found = writtenIn(rule(written), 30)!;
    assert.equal(found.start.toISOString(), "2027-01-17T16:00:00.000Z");
    assert.equal(found.end.toISOString(), "2027-01-31T14:00:00.000Z");
    assert.equal(writtenId(found), writtenId(writtenIn(rule(written), 30)!));
  });

  it("asks nothing without an end, with one too far off, or without a start", () => {
    assert.equal(writtenIn(rule({ ...written, emergencyUntil: "" }), 30), undefined);
    assert.equal(writtenIn(rule({ ...written, emergencyFrom: "" }), 30), undefined);
    assert.equal(writtenIn(rule({ ...written, emergencyUntil: "2027-03-01 00:00" }), 30), undefined);
    assert.equal(writtenIn(rule({ ...written, timeZone: "Nowhere/Land" }), 30), undefined);
    assert.equal(writtenIn(parse(EntryRule, written), 30), undefined);
  });

  it("keeps to the wall clock over daylight saving", () => {
    const berlin = (local: string) => momentOf(local, "Europe/Berlin")?.toISOString();
    assert.equal(berlin("2026-03-28 12:00"), "2026-03-28T11:00:00.000Z");
    assert.equal(berlin("2026-03-29 02:30"), "2026-03-29T01:30:00.000Z"); // skipped: an hour later
    assert.equal(berlin("2026-03-29 12:00"), "2026-03-29T10:00:00.000Z");
    assert.equal(berlin("2026-10-25 02:30"), "2026-10-25T00:30:00.000Z"); // twice: the first
    assert.equal(berlin("2026-10-25 12:00"), "2026-10-25T11:00:00.000Z");
    assert.equal(berlin("26-10-25 12:00"), undefined);
  });
});
