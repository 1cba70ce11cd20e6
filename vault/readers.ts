import type { StandingAlarms } from "../core/entry/alarms.ts";
import type { Method } from "../core/entry/attempt.ts";

export interface ReaderLevel {
  door: string;
  /** As the record names it. */
  name: string;
  alive: boolean;
  /** Which ways in it serves; absent: whoever told of it does not know. */
  ways?: readonly Method[];
}

/** What a reader serves where nobody said which. */
const usual: readonly Method[] = ["card", "pass"];

/**
 * Which reader of which door lives, as levels. A level is told again after every start, so that a change nobody was there
 * to record is made good; what has not changed is not recorded again.
 */
export class Readers {
  readonly #doors = new Map<string, Map<string, ReaderLevel>>();
  /** Told of by this flow; what an earlier one had is remembered, and shown no more. */
  #current = new WeakSet<ReaderLevel>();
  readonly #alarms: Pick<StandingAlarms, "wouldEnd">;

  /** @param alarms those that stand from before this start */
  constructor(alarms: Pick<StandingAlarms, "wouldEnd">) {
    this.#alarms = alarms;
  }

  /** @returns whether this is news, and has to be recorded */
  told(level: ReaderLevel): boolean {
    const known =
      this.#doors.get(level.door)?.get(level.name)?.alive ??
      !this.#alarms.wouldEnd(level.door, "reader-back", level.name);
    const here = this.#doors.get(level.door) ?? new Map<string, ReaderLevel>();
    this.#doors.set(level.door, here.set(level.name, level));
    this.#current.add(level);
    return known !== level.alive;
  }

  /** It is in the flow no more: what comes under its name is another, of which nothing is known. */
  drop(door: string, name: string): void {
    this.#doors.get(door)?.delete(name);
  }

  /** Another flow runs: its nodes tell anew. */
  anew(): void {
    this.#current = new WeakSet();
  }

  /** What this flow told of the readers of these doors. */
  at(doors: readonly string[]): ReaderLevel[] {
    const all = doors.flatMap((door) => [...(this.#doors.get(door)?.values() ?? [])]);
    return all.filter((level) => this.#current.has(level));
  }

  /** Ways in at a door of which every reader that was told of is silent. */
  out(door: string): Method[] {
    const served = (alive: boolean) =>
      this.at([door]).flatMap((level) => (level.alive === alive ? (level.ways ?? usual) : []));
    const living = new Set(served(true));
    return [...new Set(served(false))].filter((way) => !living.has(way)).sort();
  }
}
