import assert from "node:assert/strict";
import fc from "fast-check";
import { days, type EntryRule } from "../../../core/entry/rule.ts";
import { closedBecause } from "../../../core/entry/schedule.ts";
import { comparedDays, hoursOf, openOnlyIn, paint } from "../../../core/policy/hours.ts";

const time = fc
  .integer({ min: 0, max: 1440 })
  .map((at) => `${String(Math.floor(at / 60)).padStart(2, "0")}:${String(at % 60).padStart(2, "0")}`);
const rule = fc.record({
  timeZone: fc.constant("UTC"),
  hours: fc.array(
    fc.record({ days: fc.uniqueArray(fc.constantFrom(...days), { minLength: 1 }), from: time, to: time }),
    { maxLength: 3 },
  ),
  holidays: fc.uniqueArray(fc.constantFrom("2026-12-01", "2026-12-06", "2026-12-25"), { maxLength: 2 }),
  holidayHours: fc.array(fc.record({ from: time, to: time }), { maxLength: 2 }),
});

describe("the hours the rules compare", () => {
  it("are the hours the vault decides by", () => {
    fc.assert(
      fc.property(rule, fc.integer({ min: 0, max: 31 * 1440 - 1 }), (config, minute) => {
        const at = new Date(Date.UTC(2026, 11, 1) + minute * 60_000);
        const date = at.toISOString().slice(0, 10);
        const hours = hoursOf(config);
        const compared = comparedDays([hours]);
        const place = compared.includes(date) ? date : days[(at.getUTCDay() + 6) % 7]!;
        const painted = paint(hours, compared)[compared.indexOf(place) * 1440 + (minute % 1440)];
        assert.equal(painted === 1, closedBecause(config as unknown as EntryRule, at) === undefined);
      }),
      { numRuns: 2000 },
    );
  });

  it("count the minutes in which one is open and the other is not", () => {
    const all = hoursOf({});
    const most = hoursOf({ hours: [{ days, from: "00:01", to: "24:00" }] });
    const compared = comparedDays([all, most]);
    assert.equal(openOnlyIn(paint(all, compared), paint(most, compared)), 7);
    assert.equal(openOnlyIn(paint(most, compared), paint(all, compared)), 0);
  });

  it("read settings as the editor may have kept them: as text", () => {
    const text = hoursOf({ hours: JSON.stringify([{ days: ["mon"], from: "08:00", to: "09:00" }]) });
    assert.equal(openOnlyIn(paint(text, comparedDays([text])), new Uint8Array(7 * 1440)), 60);
  });
});
