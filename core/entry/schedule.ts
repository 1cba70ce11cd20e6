import { days, type EntryRule, type WeekSpan } from "./rule.ts";
import { type LocalTime, localTime } from "./wall-clock.ts";

export { type LocalTime, localTime } from "./wall-clock.ts";

type Day = LocalTime["day"];

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
const before = (day: Day): Day => days[(days.indexOf(day) + 6) % 7]!;

/** True while `minute` lies in the span; a span whose end is not after its start runs over midnight. */
function within(span: WeekSpan, day: Day, minute: number): boolean {
  const from = minutes(span.from);
  const to = minutes(span.to);
  if (from < to) return span.days.includes(day) && minute >= from && minute < to;
  return (span.days.includes(day) && minute >= from) || (span.days.includes(before(day)) && minute < to);
}

/**
 * Is the door's schedule open at this moment?
 * @returns `undefined` when it is, else why not
 */
export function closedBecause(rule: EntryRule, at: Date): "outside-hours" | "holiday" | undefined {
  if (rule.hours.length === 0 && rule.holidays.length === 0) return undefined;
  const { date, day, minute } = localTime(at, rule.timeZone);
  if (rule.holidays.includes(date)) {
    const spans = rule.holidayHours.map((span) => ({ ...span, days: [day] }));
    const open =
      spans.length > 0 ? spans.some((span) => within(span, day, minute)) : opens(rule.hours, "sun", minute);
    return open ? undefined : "holiday";
  }
  return opens(rule.hours, day, minute) ? undefined : "outside-hours";
}

/** Do these stretches of the week hold this moment? */
export function isWithin(hours: readonly WeekSpan[], at: Date, timeZone: string): boolean {
  const { day, minute } = localTime(at, timeZone);
  return opens(hours, day, minute);
}

/**
 * The day a door is in, for what begins anew each day: it ends at midnight, or with the stretch of hours that runs over
 * midnight.
 * @returns YYYY-MM-DD, where the hours are local
 */
export function serviceDay(rule: Pick<EntryRule, "hours" | "timeZone">, at: Date): string {
  const { date, day, minute } = localTime(at, rule.timeZone);
  const fromYesterday = rule.hours.some(
    (span) =>
      minutes(span.from) >= minutes(span.to) &&
      span.days.includes(before(day)) &&
      minute < minutes(span.to) &&
      !(span.days.includes(day) && minute >= minutes(span.from)),
  );
  if (!fromYesterday) return date;
  return new Date(Date.parse(`${date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
}

const opens = (hours: readonly WeekSpan[], day: Day, minute: number): boolean =>
  hours.length === 0 || hours.some((span) => within(span, day, minute));
