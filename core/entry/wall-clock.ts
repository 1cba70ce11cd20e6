/** A moment as the door's clock on the wall shows it. */
export interface LocalTime {
  /** YYYY-MM-DD */
  date: string;
  day: "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
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
    day: part.weekday!.toLowerCase() as LocalTime["day"],
    minute: Number(part.hour) * 60 + Number(part.minute),
  };
}

/**
 * The moment at which a place's wall clock shows a date and time. An hour that is skipped by daylight saving is taken as
 * the one after it, an hour that comes twice as its first.
 * @param local YYYY-MM-DD HH:MM
 * @throws RangeError when the zone is no IANA name
 */
export function instantOf(local: string, timeZone: string): Date {
  const wanted = Date.parse(`${local.replace(" ", "T")}:00Z`);
  const shownAt = (instant: number): number => {
    const { date, minute } = localTime(new Date(instant), timeZone);
    return Date.parse(`${date}T00:00:00Z`) + minute * 60_000;
  };
  // offsets a day before and after: the first one under which the clock shows it is the earlier of two
  const offsets = [wanted - 86_400_000, wanted + 86_400_000].map((near) => shownAt(near) - near);
  const guesses = offsets.map((offset) => wanted - offset);
  const fits = guesses.filter((guess) => shownAt(guess) === wanted);
  return new Date(fits.length > 0 ? Math.min(...fits) : Math.max(...guesses));
}
