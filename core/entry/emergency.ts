import type { Method } from "./attempt.ts";
import { instantOf } from "./wall-clock.ts";

/** What may make a community ask more of everybody for a while (RD-13). A closed list: "security" is no emergency. */
export const emergencyReasons = [
  "epidemic",
  "storm",
  "flood",
  "earthquake",
  "unrest",
  "police",
  "outage",
] as const;
export type EmergencyReason = (typeof emergencyReasons)[number];

/** `YYYY-MM-DD HH:MM`, as an installer writes a moment on the wall clock at the door. */
export const moment = "[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]) ([01][0-9]|2[0-3]):[0-5][0-9]";

/** What is asked of everybody while it lasts. */
export interface Demands {
  /** Two ways in one attempt, or one strong one. */
  two: boolean;
  noVisitors: boolean;
}

export interface Term {
  start: Date;
  end: Date;
}

export interface Emergency extends Demands, Term {
  reason: EmergencyReason;
  note: string;
}

interface Written {
  timeZone: string;
  emergency: "none" | EmergencyReason;
  emergencyNote: string;
  emergencyFrom: string;
  emergencyUntil: string;
  emergencyTwo: boolean;
  emergencyNoVisitors: boolean;
}

const dayMs = 86_400_000;

/** What keeps a time from being an emergency's; undefined: nothing. */
export function faultOf(
  { start, end }: { start: Date | undefined; end: Date | undefined },
  mostDays: number,
): "endless" | "backwards" | "too-long" | undefined {
  if (!start || !end || Number.isNaN(end.getTime()) || Number.isNaN(start.getTime())) return "endless";
  if (end <= start) return "backwards";
  return end.getTime() - start.getTime() > mostDays * dayMs ? "too-long" : undefined;
}

/**
 * The emergency an entry rule carries; undefined without one, and for one that has no end, ends before it starts or
 * lasts longer than the policy pack allows: those ask nothing.
 */
export function writtenIn(rule: Written, mostDays: number): Emergency | undefined {
  if (rule.emergency === "none") return undefined;
  const start = momentOf(rule.emergencyFrom, rule.timeZone);
  const end = momentOf(rule.emergencyUntil, rule.timeZone);
  if (!start || !end || faultOf({ start, end }, mostDays)) return undefined;
  return {
    reason: rule.emergency,
    note: rule.emergencyNote,
    start,
    end,
    two: rule.emergencyTwo,
    noVisitors: rule.emergencyNoVisitors,
  };
}

/** @returns undefined for what is no moment */
export function momentOf(local: string, timeZone: string): Date | undefined {
  if (!new RegExp(`^${moment}$`).test(local)) return undefined;
  try {
    return instantOf(local, timeZone);
  } catch {
    return undefined; // no such time zone
  }
}

/** How one gets into a door: first ways, and those that a second time in the same attempt may ask for. */
export interface DoorWays {
  ways: readonly Method[];
  /** Ways that may follow another one in the same attempt. */
  seconds: readonly Method[];
}

const faceless = (way: Method): boolean => way !== "face" && way !== "guard";

/** Pairs of different ways, neither of them a face, that one attempt can hold at this door. */
export const facelessPairs = ({ ways, seconds }: DoorWays): [Method, Method][] =>
  ways
    .filter(faceless)
    .flatMap((first) =>
      seconds
        .filter((second) => second !== first && faceless(second))
        .map((second): [Method, Method] => [first, second]),
    );

/**
 * What an emergency really asks at a door of somebody. Whatever was written, it never makes a face the only way, nor
 * takes the last way that is none (RD-01, RD-13): two ways are asked for only where two can be had without a face, and
 * only of those who have them; visitors' passes rest only where residents need no pass to come in.
 * @param held ways this person has without a face; undefined: nobody in particular
 */
export function lawful(asked: Demands, door: DoorWays, held: readonly Method[] | undefined): Demands {
  return {
    two:
      asked.two &&
      held !== undefined &&
      facelessPairs(door).some((pair) => pair.every((way) => held.includes(way))),
    noVisitors: asked.noVisitors && door.ways.some((way) => way === "card" || way === "pin"),
  };
}

/** What cannot be asked at a door at all, for whoever is about to; undefined: everything can. */
export function unlawfulAt(asked: Demands, door: DoorWays): "two" | "visitors" | undefined {
  if (asked.two && facelessPairs(door).length === 0) return "two";
  if (asked.noVisitors && !lawful(asked, door, undefined).noVisitors) return "visitors";
  return undefined;
}

/** Several at once ask what any of them asks. */
export const together = (all: readonly Demands[]): Demands => ({
  two: all.some(({ two }) => two),
  noVisitors: all.some(({ noVisitors }) => noVisitors),
});
