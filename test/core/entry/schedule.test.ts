import assert from "node:assert/strict";
import fc from "fast-check";
import { EntryRule } from "../../../core/entry/rule.ts";
import { closedBecause, localTime } from "../../../core/entry/schedule.ts";
import { parse } from "../../../core/schema.ts";

const rule = (fields: object) => parse(EntryRule, fields);
const at = (text: string) => new Date(text);

describe("schedule", () => {
  it("is open always when it says nothing", () => {
    assert.equal(closedBecause(rule({}), at("2026-11-23T03:00:00Z")), undefined);
  });

  it("reads hours on the wall of the door's own place", () => {
    const office = rule({
      timeZone: "Asia/Shanghai",
      hours: [{ days: ["mon"], from: "08:00", to: "18:00" }],
    });
    assert.equal(closedBecause(office, at("2026-11-23T00:00:00Z")), undefined); // Monday 08:00 in Shanghai
    assert.equal(closedBecause(office, at("2026-11-22T23:59:00Z")), "outside-hours");
    assert.equal(closedBecause(office, at("2026-11-23T10:00:00Z")), "outside-hours"); // 18:00: the end is out
    assert.equal(closedBecause(office, at("2026-11-24T00:00:00Z")), "outside-hours"); // Tuesday
  });

  it("runs over midnight into the next day", () => {
    const night = rule({ timeZone: "UTC", hours: [{ days: ["fri"], from: "22:00", to: "02:00" }] });
    assert.equal(closedBecause(night, at("2026-11-27T23:00:00Z")), undefined); // Friday
    assert.equal(closedBecause(night, at("2026-11-28T01:59:00Z")), undefined); // Saturday morning
    assert.equal(closedBecause(night, at("2026-11-28T23:00:00Z")), "outside-hours");
    assert.equal(closedBecause(night, at("2026-11-27T01:00:00Z")), "outside-hours"); // Thursday's night is not Friday's
  });

  it("takes 24:00 as the end of a day", () => {
    const day = rule({ timeZone: "UTC", hours: [{ days: ["mon"], from: "00:00", to: "24:00" }] });
    assert.equal(closedBecause(day, at("2026-11-23T23:59:00Z")), undefined);
    assert.equal(closedBecause(day, at("2026-11-24T00:00:00Z")), "outside-hours");
  });

  it("keeps to the wall through daylight saving", () => {
    const berlin = rule({
      timeZone: "Europe/Berlin",
      hours: [{ days: ["sun"], from: "02:30", to: "03:30" }],
    });
    // 2026-10-25: 02:30 happens twice, and both are inside
    assert.equal(closedBecause(berlin, at("2026-10-25T00:30:00Z")), undefined);
    assert.equal(closedBecause(berlin, at("2026-10-25T01:30:00Z")), undefined);
    // 2026-03-29: 02:30 never happens; 03:00 follows 01:59
    assert.equal(closedBecause(berlin, at("2026-03-29T00:59:00Z")), "outside-hours");
    assert.equal(closedBecause(berlin, at("2026-03-29T01:00:00Z")), undefined);
  });

  it("follows holiday hours on holidays, and Sunday's where there are none", () => {
    const hours = [
      { days: ["mon"], from: "08:00", to: "18:00" },
      { days: ["sun"], from: "10:00", to: "12:00" },
    ];
    const holidays = ["2026-11-23"];
    const plain = rule({ timeZone: "UTC", hours, holidays });
    assert.equal(closedBecause(plain, at("2026-11-23T09:00:00Z")), "holiday");
    assert.equal(closedBecause(plain, at("2026-11-23T11:00:00Z")), undefined);
    const special = rule({
      timeZone: "UTC",
      hours,
      holidays,
      holidayHours: [{ from: "14:00", to: "15:00" }],
    });
    assert.equal(closedBecause(special, at("2026-11-23T11:00:00Z")), "holiday");
    assert.equal(closedBecause(special, at("2026-11-23T14:30:00Z")), undefined);
  });

  it("agrees with a clock read minute by minute", () => {
    const time = fc.integer({ min: 0, max: 1439 });
    const text = (minute: number) =>
      `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
    fc.assert(
      fc.property(time, time, fc.integer({ min: 0, max: 7 * 1440 - 1 }), (from, to, moment) => {
        const monday = Date.UTC(2026, 10, 23);
        const now = new Date(monday + moment * 60_000);
        const span = rule({ timeZone: "UTC", hours: [{ days: ["wed"], from: text(from), to: text(to) }] });
        const start = 2 * 1440 + from;
        const length = from < to ? to - from : 1440 - from + to;
        const open = (moment - start + 7 * 1440) % (7 * 1440) < length;
        assert.equal(closedBecause(span, now) === undefined, open);
      }),
    );
  });

  it("names the day and minute of any place", () => {
    assert.deepEqual(localTime(at("2026-11-23T16:30:00Z"), "Asia/Taipei"), {
      date: "2026-11-24",
      day: "tue",
      minute: 30,
    });
    assert.throws(() => localTime(new Date(), "Nowhere/Land"), RangeError);
  });
});
