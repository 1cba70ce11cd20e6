import { days, type EntryRule, type WeekSpan } from "./rule.ts";

type Day = (typeof days)[number];

/** A moment as the door's clock on the wall shows it. */
export interface LocalTime {
  /** YYYY-MM-DD */
  date: string;
  day: Day;
  /** Minutes since midnight on that wall, 0 to 1439. A day of 23 or 25 hours (daylight saving) still reads 0 to 1439. */
  minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/**
 * The wall time of a place, daylight saving included.
 * @throws RangeError when the zone is no IANA name
 */
export function localTime(at: Date, timeZone: string): LocalTime {
  let format = formats.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      weekday: "short",
    });
    formats.set(timeZone, format);
  }
  const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    date: `${part.year}-${part.month}-${part.day}`,
    day: part.weekday!.toLowerCase() as Day,
    minute: Number(part.hour) * 60 + Number(part.minute),
  };
}

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

const opens = (hours: readonly WeekSpan[], day: Day, minute: number): boolean =>
  hours.length === 0 || hours.some((span) => within(span, day, minute));
