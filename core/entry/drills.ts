import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import type { Migration } from "../store/migrate.ts";

export const drillMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "exit drills",
    sql: "CREATE TABLE exit_drill (door TEXT PRIMARY KEY, at TEXT NOT NULL, opened INTEGER NOT NULL) STRICT, WITHOUT ROWID",
  },
];

/** The last time somebody tried a way out. */
export interface Drill {
  /** RFC 3339. */
  at: string;
  /** Whether it opened without anything of ours. */
  opened: boolean;
}

/** A quarter: what the rules for fire safety management usually ask for. */
export const usualDrillDays = 92;
const dayMs = 24 * 3_600_000;

/**
 * The newest exit drill of each door (RD-11). Each one is on the log with who and what came of it; this is what a reminder
 * needs, written in the same transaction.
 */
export class Drills {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;

  /** @param db `ledger.db`, with `drillMigrations` */
  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** Inside the transaction that records it. */
  write(door: string, { at, opened }: Drill): void {
    this.#db
      .prepare(
        `INSERT INTO exit_drill (door, at, opened) VALUES (?, ?, ?)
         ON CONFLICT (door) DO UPDATE SET at = excluded.at, opened = excluded.opened`,
      )
      .run(door, at, opened ? 1 : 0);
  }

  last(door: string): Drill | undefined {
    const row = this.#db.prepare("SELECT at, opened FROM exit_drill WHERE door = ?").get(door);
    return row && { at: String(row.at), opened: row.opened === 1 };
  }

  /** Whether a door has to be tried again: never, too long ago, or it did not open. @param days between two drills */
  due(door: string, days: number): boolean {
    const last = this.last(door);
    return !last?.opened || this.#clock.now().getTime() - Date.parse(last.at) > days * dayMs;
  }
}
