import assert from "node:assert/strict";
import { join } from "node:path";
import { EntryRule } from "../../core/entry/rule.ts";
import { parse } from "../../core/schema.ts";
import { sentencesOf } from "../../nodes/entry-rule/sentences.ts";
import { catalogueOf, languages } from "../../scripts/build/pages.ts";

const root = join(import.meta.dirname, "../..");
const plain: EntryRule = parse(EntryRule, { timeZone: "Asia/Taipei" });

/** The rule in one language's own catalogue; a key it lacks fails the test. */
function read(rule: EntryRule, language: string): string[] {
  const words = catalogueOf(root, "entry-rule", language);
  const word = (key: string, values: Record<string, string | number> = {}): string => {
    const text = words.get(key);
    assert.ok(text, `${language} ${key}`);
    return text.replace(/__(\w+)__/g, (_, name: string) => {
      assert.ok(name in values, `${key} ${name}`);
      return String(values[name]);
    });
  };
  return sentencesOf(
    rule,
    (key, values) => word(`say.${key}`, values),
    (day) => word(`option.hours-days.${day}`),
    (reason) => word(`option.emergency.${reason}`),
  );
}

describe("an entry rule in words", () => {
  it("is open to everybody with rights when nothing is set", () => {
    assert.deepEqual(read(plain, "en-US"), [
      "Open at any time to everyone who has rights to this door.",
      "A card or code that has hours of its own opens only in those as well.",
      "The same for card, PIN, pass, phone and face.",
    ]);
  });

  it("names days as people do, and says when a stretch runs over midnight", () => {
    const days = ["mon", "tue", "wed", "thu", "fri"] as const;
    const hours: EntryRule["hours"] = [
      { days: [...days], from: "07:00", to: "23:00" },
      { days: ["sun", "sat"], from: "22:00", to: "06:00" },
      { days: ["wed", "mon"], from: "00:00", to: "24:00" },
      { days: [...days, "sat", "sun"], from: "08:00", to: "09:00" },
    ];
    assert.deepEqual(read({ ...plain, hours }, "zh-TW").slice(0, 5), [
      "週一至週五 07:00 至 23:00 開放。",
      "週六與週日 22:00 至隔日 06:00 開放。",
      "週一, 週三 00:00 至 24:00 開放。",
      "每天 08:00 至 09:00 開放。",
      "以 Asia/Taipei 時間為準。",
    ]);
  });

  it("says everything else a rule can hold, in every language", () => {
    const rule: EntryRule = {
      ...plain,
      hours: [{ days: ["mon"], from: "07:00", to: "23:00" }],
      holidays: ["2026-10-01", "2026-10-02"],
      holidayHours: [{ from: "09:00", to: "12:00" }],
      assurance: "strong",
      antiPassback: "soft",
      antiPassbackMinutes: 3,
      interlock: ["lobby-inner", "lobby-outer"],
      firstPerson: "required",
    };
    for (const language of languages) {
      const soft = read(rule, language);
      const timed = read({ ...rule, antiPassback: "timed", holidayHours: [] }, language);
      assert.equal(soft.length, 9);
      assert.equal(timed.length, 9);
      assert.match(soft.join(), /lobby-inner, lobby-outer/);
      assert.match(soft.join(), /09:00.*12:00.*3/s);
      assert.notDeepEqual(soft, timed);
      assert.notDeepEqual(read({ ...rule, firstPerson: "relaxes" }, language), soft);
    }
  });

  it("says what an emergency asks, until when, and that no way goes", () => {
    const asked: EntryRule = {
      ...plain,
      emergency: "epidemic",
      emergencyFrom: "2027-01-18 00:00",
      emergencyUntil: "2027-01-31 22:00",
      emergencyTwo: true,
      emergencyNoVisitors: true,
    };
    for (const language of languages) {
      assert.equal(read(asked, language).length, 7);
      assert.match(read(asked, language).join(), /2027-01-18 00:00.*2027-01-31 22:00.*Asia\/Taipei/);
      assert.equal(read({ ...asked, emergencyUntil: "" }, language).length, 4);
    }
  });
});
