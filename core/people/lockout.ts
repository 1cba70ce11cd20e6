import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";

/** Wrong codes in a row, and wrong codes in ten minutes however many right ones come between, that lock a keypad. */
const inARow = 5;
const inWindow = 10;
const windowMs = 10 * 60_000;
/** The first lock lasts a minute, each further one twice as long, at most an hour; a quiet day starts over. */
const firstMs = 60_000;
const longestMs = 60 * 60_000;
const forgivenMs = 24 * 60 * 60_000;

interface Row {
  streak: number;
  recent: number;
  since: number;
  level: number;
  until: number;
}

/**
 * Locks keypads after wrong codes, each reader and each door for itself, across restarts: rows are written before the
 * answer is given. A clock set back cannot prolong a lock, and one set forward while the vault runs cannot shorten it.
 */
export class Lockout {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  /** Monotonic ms until which a place is locked, for locks made or met by this process. */
  readonly #held = new Map<string, number>();

  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Milliseconds for which the longest of these places stays locked; 0: none is. */
  remaining(places: readonly string[]): number {
    return Math.max(0, ...places.map((place) => this.#left(place)));
  }

  /** Counts a wrong code at every place. @returns milliseconds locked from now on; 0: not yet */
  failed(places: readonly string[]): number {
    for (const place of places) this.#fail(place);
    return this.remaining(places);
  }

  /** A right code ends a row of wrong ones; the count of the last ten minutes stays. */
  passed(places: readonly string[]): void {
    for (const place of places) this.#db.prepare("UPDATE lockout SET streak = 0 WHERE place = ?").run(place);
  }

  #left(place: string): number {
    const row = this.#row(place);
    if (!row) return 0;
    const held = this.#held.get(place);
    if (held !== undefined) return held - this.#clock.monotonic();
    const left = row.until - this.#clock.now().getTime();
    // after a restart: no lock is longer than the longest, so a clock set back holds nobody out for days
    const bounded = Math.min(left, lockMs(row.level - 1));
    if (bounded > 0) this.#held.set(place, this.#clock.monotonic() + bounded);
    return bounded;
  }

  #fail(place: string): void {
    const now = this.#clock.now().getTime();
    const found = this.#row(place) ?? { streak: 0, recent: 0, since: now, level: 0, until: 0 };
    const quiet = Math.abs(now - found.since);
    const row: Row = {
      streak: found.streak + 1,
      recent: quiet > windowMs ? 1 : found.recent + 1,
      since: quiet > windowMs ? now : found.since,
      level: Math.abs(now - Math.max(found.since, found.until)) > forgivenMs ? 0 : found.level,
      until: found.until,
    };
    if (row.streak >= inARow || row.recent >= inWindow) {
      const ms = lockMs(row.level);
      Object.assign(row, { streak: 0, recent: 0, since: now, level: row.level + 1, until: now + ms });
      this.#held.set(place, this.#clock.monotonic() + ms);
    }
    this.#db
      .prepare(
        `INSERT INTO lockout (place, streak, recent, since, level, until) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (place) DO UPDATE SET streak = excluded.streak, recent = excluded.recent,
           since = excluded.since, level = excluded.level, until = excluded.until`,
      )
      .run(place, row.streak, row.recent, row.since, row.level, row.until);
  }

  #row(place: string): Row | undefined {
    return this.#db
      .prepare("SELECT streak, recent, since, level, until FROM lockout WHERE place = ?")
      .get(place) as Row | undefined;
  }
}

const lockMs = (level: number): number =>
  Math.min(longestMs, firstMs * 2 ** Math.min(Math.max(level, 0), 10));
