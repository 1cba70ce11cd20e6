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
  const match = /^(\d\d):([0-5]\d)$/.exec(String(value));
  return match ? Number(match[1]) * 60 + Number(match[2]) : Number.NaN;
};

/** A span in which nothing is open. */
const never = { days: [], from: perDay, to: perDay };

/** A list of spans; what is no list is one span nobody can read. */
const list = (value: unknown): unknown[] => {
  const parsed = typeof value === "string" && value.trim() !== "" ? parseJson(value) : value;
  if (Array.isArray(parsed)) return parsed;
  return value === undefined || value === null || value === "" ? [] : [undefined];
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

/** Reads the hours of an `entry-rule` node. What is no span is one that is never open: such a rule opens less, never more. */
export function hoursOf(config: Readonly<Record<string, unknown>>): Hours {
  const span = (entry: unknown) => {
    const { days, from, to } = (entry ?? {}) as Record<string, unknown>;
    const [start, end] = [minutes(from), minutes(to)];
    return start <= perDay && end <= perDay ? { days: words(days), from: start, to: end } : never;
  };
  return {
    timeZone: typeof config.timeZone === "string" ? config.timeZone : "Asia/Shanghai",
    spans: list(config.hours).map(span),
    holidays: new Set(words(config.holidays)),
    holidaySpans: list(config.holidayHours).map(span),
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
