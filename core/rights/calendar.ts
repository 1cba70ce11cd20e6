import { addMonths, dayStart } from "../consent/dates.ts";
import { localTime } from "../entry/schedule.ts";

export interface Period {
  readonly count: number;
  readonly unit: "days" | "working-days" | "months";
}

/** Days an office is shut beside Saturdays and Sundays, as rules: a list of dates would be wrong after its last year. */
export interface Calendar {
  /** Where it says that a time ending on such a day ends on the next one that is none. */
  readonly article: string;
  /** `MM-DD` */
  readonly fixed?: readonly string[];
  /** Month and day of the Chinese calendar, `5-5`; `12-eve`: the last day of its year. */
  readonly lunar?: readonly string[];
  readonly qingming?: boolean;
  /** Days from Easter Sunday. */
  readonly easter?: readonly number[];
  /** Month, which one (-1: the last), weekday. */
  readonly nth?: readonly (readonly [month: number, which: number, day: string])[];
}

const dayMs = 86_400_000;
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const utc = (date: string): Date => new Date(`${date}T00:00:00Z`);
const iso = (at: Date): string => at.toISOString().slice(0, 10);
const later = (date: string, days: number): string => iso(new Date(utc(date).getTime() + days * dayMs));

const lunarFormat = new Intl.DateTimeFormat("en-u-ca-chinese", {
  timeZone: "UTC",
  month: "numeric",
  day: "numeric",
});

/** `month-day` of the Chinese calendar; a leap month carries its mark and is no holiday's month. */
function lunar(date: string): string {
  const part = Object.fromEntries(
    lunarFormat.formatToParts(utc(date)).map(({ type, value }) => [type, value]),
  );
  return `${part.month}-${part.day}`;
}

/** Day of April on which the sun reaches 15°, 2000 to 2099. */
const qingming = (year: number): number =>
  Math.floor((year % 100) * 0.2422 + 4.81) - Math.floor((year % 100) / 4);

/** Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876). */
function easter(year: number): string {
  const [a, b, c] = [year % 19, Math.floor(year / 100), year % 100];
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7;
  const m = Math.floor((a + 11 * h + 22 * l) / 451);
  const n = h + l - 7 * m + 114;
  return `${year}-${String(Math.floor(n / 31)).padStart(2, "0")}-${String((n % 31) + 1).padStart(2, "0")}`;
}

function isNth(date: string, [month, which, day]: readonly [number, number, string]): boolean {
  const at = utc(date);
  if (at.getUTCMonth() + 1 !== month || weekdays[at.getUTCDay()] !== day) return false;
  const of = at.getUTCDate();
  return which === -1 ? utc(later(date, 7)).getUTCMonth() + 1 !== month : Math.ceil(of / 7) === which;
}

/** Is an office open on this day? @param date YYYY-MM-DD */
export function isWorkingDay(date: string, calendar: Calendar): boolean {
  const at = utc(date);
  if (at.getUTCDay() === 0 || at.getUTCDay() === 6) return false;
  if (calendar.fixed?.includes(date.slice(5))) return false;
  if (calendar.lunar) {
    if (calendar.lunar.includes(lunar(date))) return false;
    if (calendar.lunar.includes("12-eve") && lunar(later(date, 1)) === "1-1") return false;
  }
  const year = at.getUTCFullYear();
  if (calendar.qingming && date === `${year}-04-0${qingming(year)}`) return false;
  if (calendar.easter?.some((days) => later(easter(year), days) === date)) return false;
  return !calendar.nth?.some((rule) => isNth(date, rule));
}

/** The first working day on or after one. */
function openFrom(date: string, calendar: Calendar): string {
  let day = date;
  while (!isWorkingDay(day, calendar)) day = later(day, 1);
  return day;
}

function lastDay(first: string, { count, unit }: Period, calendar: Calendar): string {
  if (unit === "days") return later(first, count);
  if (unit === "months") return iso(addMonths(utc(first), count));
  let day = first;
  for (let left = count; left > 0; ) {
    day = later(day, 1);
    if (isWorkingDay(day, calendar)) left--;
  }
  return day;
}

/**
 * When a time is over: the day of filing is not counted, and a last day on which offices are shut gives way to the next
 * one on which they are not (Civil Code 201, 203; Regulation 1182/71).
 * @param promised days the notice promises: the earlier of both counts
 * @returns the end of that day, where the site is
 */
export function dueAt(
  filed: Date,
  period: Period,
  { calendar, timeZone, promised }: { calendar: Calendar; timeZone: string; promised?: number },
): Date {
  const first = localTime(filed, timeZone).date;
  const lawful = lastDay(first, period, calendar);
  const told = promised === undefined ? lawful : later(first, promised);
  const last = openFrom(told < lawful ? told : lawful, calendar);
  return dayStart(later(last, 1), timeZone);
}

/** How urgent something unanswered is. `escalated`: late by so many days that it stands above everything else. */
export type Level = "green" | "amber" | "red" | "escalated";

/** Amber for the last third of its time, at least two days. */
export function levelOf(filed: Date, due: Date, now: Date, escalateDays: number): Level {
  const left = due.getTime() - now.getTime();
  if (left <= -escalateDays * dayMs) return "escalated";
  if (left <= 0) return "red";
  return left <= Math.max(2 * dayMs, (due.getTime() - filed.getTime()) / 3) ? "amber" : "green";
}
