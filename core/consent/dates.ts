import { localTime } from "../entry/schedule.ts";

const dayMs = 24 * 60 * 60_000;

/** The instant a calendar day begins in a zone. @param date YYYY-MM-DD */
export function dayStart(date: string, timeZone: string): Date {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  // no zone is more than 14 hours from UTC: look for the first quarter of an hour in which the wall shows this date
  for (let at = midnight - 15 * 3600_000; at < midnight + dayMs; at += 15 * 60_000) {
    if (localTime(new Date(at), timeZone).date >= date) return new Date(at);
  }
  return new Date(midnight);
}

/** The day somebody turns `years`; born on 29 February: 1 March where there is none. */
export function birthday(birthDate: string, years: number): string {
  const [year, month, day] = birthDate.split("-").map(Number) as [number, number, number];
  return new Date(Date.UTC(year + years, month - 1, day)).toISOString().slice(0, 10);
}

/** Is somebody younger than `years` at this moment, there? Without a birth date: no. */
export const youngerThan = (
  birthDate: string | undefined,
  years: number,
  at: Date,
  timeZone: string,
): boolean => birthDate !== undefined && localTime(at, timeZone).date < birthday(birthDate, years);

/** The same day so many months later, or the last of that month. */
export function addMonths(at: Date, months: number): Date {
  const later = new Date(at);
  later.setUTCDate(1);
  later.setUTCMonth(later.getUTCMonth() + months);
  const last = new Date(Date.UTC(later.getUTCFullYear(), later.getUTCMonth() + 1, 0)).getUTCDate();
  later.setUTCDate(Math.min(at.getUTCDate(), last));
  return later;
}
