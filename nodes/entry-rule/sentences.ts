import type { EntryRule, WeekSpan } from "../../core/entry/rule.ts";

/** A phrase of the node's catalogue (`entry-rule.say.<key>`) in the viewer's language. */
export type SayRule = (key: string, values?: Record<string, string | number>) => string;
type Day = WeekSpan["days"][number];

const week: readonly Day[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const isSet = (days: readonly Day[], wanted: readonly Day[]): boolean =>
  days.length === wanted.length && wanted.every((day) => days.includes(day));

/**
 * A rule in words, one sentence an entry, so that an installer reads what will happen before deploying it.
 * @param dayName a day's short name in the viewer's language
 * @param reasonName an emergency's reason in the viewer's language
 */
export function sentencesOf(
  rule: EntryRule,
  say: SayRule,
  dayName: (day: Day) => string,
  reasonName: (reason: string) => string,
): string[] {
  const daysOf = (days: readonly Day[]): string => {
    if (isSet(days, week)) return say("everyDay");
    if (isSet(days, week.slice(0, 5))) return say("weekdays");
    if (isSet(days, week.slice(5))) return say("weekend");
    return week
      .filter((day) => days.includes(day))
      .map(dayName)
      .join(", ");
  };
  const lines = rule.hours.map(({ days, from, to }) =>
    say(to <= from ? "overnight" : "span", { days: daysOf(days), from, to }),
  );
  if (lines.length === 0) lines.push(say("always"));
  else lines.push(say("zone", { zone: rule.timeZone }));
  const count = rule.holidays.length;
  if (count > 0 && rule.hours.length > 0) {
    if (rule.holidayHours.length === 0) lines.push(say("holidaySunday", { count }));
    for (const { from, to } of rule.holidayHours) lines.push(say("holidaySpan", { count, from, to }));
  }
  if (rule.assurance === "strong") lines.push(say("strong"));
  if (rule.antiPassback !== "off") lines.push(say(rule.antiPassback, { minutes: rule.antiPassbackMinutes }));
  const others = rule.interlock.filter((door) => door);
  if (others.length > 0) lines.push(say("interlock", { doors: others.join(", ") }));
  if (rule.firstPerson !== "off") lines.push(say(`firstPerson-${rule.firstPerson}`));
  lines.push(...emergencyOf(rule, say, reasonName), say("credential"), say("equal"));
  return lines;
}

function emergencyOf(rule: EntryRule, say: SayRule, reasonName: (reason: string) => string): string[] {
  if (rule.emergency === "none") return [];
  const reason = reasonName(rule.emergency);
  if (!rule.emergencyFrom || !rule.emergencyUntil) return [say("emergencyEndless", { reason })];
  const term = { reason, from: rule.emergencyFrom, until: rule.emergencyUntil, zone: rule.timeZone };
  return [
    say("emergency", term),
    ...(rule.emergencyTwo ? [say("emergencyTwo")] : []),
    ...(rule.emergencyNoVisitors ? [say("emergencyNoVisitors")] : []),
    say("emergencyCards"),
  ];
}
