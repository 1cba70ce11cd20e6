const order = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const perDay = 1440;

/** The parts of an `entry-rule` node's settings that say when a door opens, read leniently: any JSON may stand there. */
export interface Hours {
  timeZone: string;
  spans: ReadonlyArray<{ days: readonly string[]; from: number; to: number }>;
  holidays: ReadonlySet<string>;
  holidaySpans: ReadonlyArray<{ from: number; to: number }>;
}

const minutes = (value: unknown): number => {
  const match = /^(\d\d):(\d\d)$/.exec(String(value));
  return match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN;
};

const list = (value: unknown): Record<string, unknown>[] => {
  const parsed = typeof value === "string" && value.trim() !== "" ? parseJson(value) : value;
  return Array.isArray(parsed)
    ? parsed.filter((item): item is Record<string, unknown> => typeof item === "object" && item !== null)
    : [];
};

const words = (value: unknown): string[] => {
  const parsed = typeof value === "string" && value.trim() !== "" ? parseJson(value) : value;
  return Array.isArray(parsed) ? parsed.filter((item): item is string => typeof item === "string") : [];
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Reads the hours of an `entry-rule` node. What is not a span is left out: such a rule opens less, never more. */
export function hoursOf(config: Readonly<Record<string, unknown>>): Hours {
  const span = (entry: Record<string, unknown>) => ({ from: minutes(entry.from), to: minutes(entry.to) });
  const sound = ({ from, to }: { from: number; to: number }) => Number.isFinite(from) && Number.isFinite(to);
  return {
    timeZone: typeof config.timeZone === "string" ? config.timeZone : "Asia/Shanghai",
    spans: list(config.hours)
      .map((entry) => ({ days: words(entry.days), ...span(entry) }))
      .filter(sound),
    holidays: new Set(words(config.holidays)),
    holidaySpans: list(config.holidayHours).map(span).filter(sound),
  };
}

/** Always open: no hours, no holidays. */
export const isAlways = ({ spans, holidays }: Hours): boolean => spans.length === 0 && holidays.size === 0;

/**
 * The days rules are compared on: an ordinary week, and every date any of them calls a holiday.
 * @returns dates `YYYY-MM-DD`, or weekday names
 */
export function comparedDays(all: readonly Hours[]): string[] {
  return [...order, ...new Set(all.flatMap(({ holidays }) => [...holidays]))];
}

const weekday = (date: string): string => order[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7] ?? "mon";
const dayBefore = (day: string): string => order[(order.indexOf(day) + 6) % 7]!;

/** A bit for each minute of each compared day: set where the door is open by these hours. */
export function paint(hours: Hours, compared: readonly string[]): Uint8Array {
  const open = new Uint8Array(compared.length * perDay);
  compared.forEach((name, index) => {
    const fill = (from: number, to: number) => open.fill(1, index * perDay + from, index * perDay + to);
    const holiday = hours.holidays.has(name);
    if (holiday && hours.holidaySpans.length > 0) {
      for (const { from, to } of hours.holidaySpans) fill(from, from < to ? to : perDay);
      return;
    }
    if (hours.spans.length === 0) {
      fill(0, perDay);
      return;
    }
    const day = holiday ? "sun" : order.includes(name) ? name : weekday(name);
    for (const { days, from, to } of hours.spans) {
      if (from < to) {
        if (days.includes(day)) fill(from, to);
        continue;
      }
      if (days.includes(day)) fill(from, perDay);
      if (days.includes(dayBefore(day))) fill(0, to);
    }
  });
  return open;
}

/** Minutes in which `more` is open and `less` is not, over the compared days. */
export function openOnlyIn(more: Uint8Array, less: Uint8Array): number {
  let count = 0;
  for (let index = 0; index < more.length; index++) if (more[index] && !less[index]) count++;
  return count;
}
