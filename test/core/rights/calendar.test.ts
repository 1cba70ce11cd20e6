import assert from "node:assert/strict";
import fc from "fast-check";
import { type Calendar, dueAt, isWorkingDay, levelOf } from "../../../core/rights/calendar.ts";
import { rightsPack } from "../../../core/rights/packs.ts";

const shanghai = "Asia/Shanghai";
const day = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(new Date(at.getTime() - 1));

describe("working days", () => {
  const cn = rightsPack("cn").calendar;
  const eu = rightsPack("eu").calendar;
  const us = rightsPack("us-il").calendar;

  // published calendars of the State Council, and the federal and Western calendars: the days themselves, not shifted ones
  const shut: [Calendar, string[]][] = [
    [cn, ["2026-01-01", "2026-02-16", "2026-02-17", "2026-02-18", "2026-02-19", "2026-05-01", "2026-10-01"]],
    [cn, ["2025-01-28", "2025-01-29", "2025-04-04", "2025-10-06", "2027-04-05", "2027-06-09"]],
    [eu, ["2026-04-03", "2026-04-06", "2025-04-21", "2024-03-29", "2026-12-25", "2026-05-01"]],
    [us, ["2026-11-26", "2026-05-25", "2026-01-19", "2026-02-16", "2026-09-07"]],
  ];
  for (const [calendar, dates] of shut)
    for (const date of dates) it(`${date} is none`, () => assert.equal(isWorkingDay(date, calendar), false));

  for (const date of ["2026-02-20", "2026-04-07", "2026-11-23", "2026-11-24", "2025-10-09"])
    it(`${date} is one in China`, () => assert.equal(isWorkingDay(date, cn), true));
});

describe("when an answer is due", () => {
  const { calendar, request } = rightsPack("cn");

  it("ends ten days later, at midnight where the site is, and the day of filing is not counted", () => {
    const due = dueAt(new Date("2026-11-16T20:00:00Z"), request, { calendar, timeZone: shanghai }); // the 17th there
    assert.equal(due.toISOString(), "2026-11-27T16:00:00.000Z");
    assert.equal(day(due, shanghai), "2026-11-27");
  });

  it("gives way to the next working day after a weekend or a holiday", () => {
    const weekend = dueAt(new Date("2026-11-18T02:00:00Z"), request, { calendar, timeZone: shanghai });
    assert.equal(day(weekend, shanghai), "2026-11-30"); // the 28th is a Saturday
    const spring = dueAt(new Date("2026-02-07T02:00:00Z"), request, { calendar, timeZone: shanghai });
    assert.equal(day(spring, shanghai), "2026-02-20"); // the 17th is New Year's Day of the lunar calendar
  });

  it("counts months to the same date, or the last of a short month", () => {
    const { calendar, request } = rightsPack("eu");
    const at = (filed: string) =>
      day(dueAt(new Date(filed), request, { calendar, timeZone: "Europe/Paris" }), "Europe/Paris");
    assert.equal(at("2026-09-15T10:00:00Z"), "2026-10-15");
    assert.equal(at("2028-01-31T10:00:00Z"), "2028-02-29");
  });

  it("is never later than the notice promises, but for the last day's holiday", () => {
    const { calendar, request } = rightsPack("eu");
    const options = { calendar, timeZone: "Europe/Paris", promised: 14 };
    const due = dueAt(new Date("2026-09-15T10:00:00Z"), request, options);
    assert.equal(day(due, "Europe/Paris"), "2026-09-29");
  });

  it("counts working days one by one", () => {
    const due = dueAt(
      new Date("2026-09-25T02:00:00Z"),
      { count: 15, unit: "working-days" },
      { calendar, timeZone: shanghai },
    );
    assert.equal(day(due, shanghai), "2026-10-20"); // three days of October are the nation's
  });

  it("always ends on a working day, after the filing, and later for more days", () => {
    const year = Date.parse("2026-01-01T00:00:00Z");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 365 * 24 }), fc.integer({ min: 1, max: 60 }), (hours, count) => {
        const filed = new Date(year + hours * 3_600_000);
        for (const pack of ["cn", "eu", "us-il"]) {
          const { calendar } = rightsPack(pack);
          for (const unit of ["days", "working-days"] as const) {
            const due = (more: number) =>
              dueAt(filed, { count: count + more, unit }, { calendar, timeZone: shanghai });
            assert.ok(due(0) > filed);
            assert.ok(due(1) >= due(0));
            assert.ok(isWorkingDay(day(due(0), shanghai), calendar));
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it("turns amber, red and then everybody's matter", () => {
    const filed = new Date("2026-11-02T00:00:00Z");
    const due = new Date("2026-11-14T00:00:00Z");
    const at = (date: string) => levelOf(filed, due, new Date(date), 3);
    assert.equal(at("2026-11-09T00:00:00Z"), "green");
    assert.equal(at("2026-11-10T00:00:00Z"), "amber");
    assert.equal(at("2026-11-13T23:59:59Z"), "amber");
    assert.equal(at("2026-11-14T00:00:00Z"), "red");
    assert.equal(at("2026-11-17T00:00:00Z"), "escalated");
  });
});
