import type { DatabaseSync } from "node:sqlite";
import type { Migration } from "../store/migrate.ts";

export const firstInMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "doors whose day has begun",
    sql: "CREATE TABLE first_in (door TEXT PRIMARY KEY, day TEXT NOT NULL) STRICT, WITHOUT ROWID",
  },
];

/**
 * Doors that somebody named for it has opened today (first person in). On disk: a restart does not ask them to come
 * again. A day is named by its date, so a clock that is set does not carry one day's opening into another.
 */
export class FirstIn {
  readonly #db: DatabaseSync;
  readonly #days = new Map<string, string>();

  /** @param db `ledger.db`, with `firstInMigrations` */
  constructor(db: DatabaseSync) {
    this.#db = db;
    for (const { door, day } of db.prepare("SELECT door, day FROM first_in").all())
      this.#days.set(String(door), String(day));
  }

  begun(door: string, day: string): boolean {
    return this.#days.get(door) === day;
  }

  /** @returns whether it had not begun before */
  begin(door: string, day: string): boolean {
    if (this.begun(door, day)) return false;
    this.#db
      .prepare(
        "INSERT INTO first_in (door, day) VALUES (?, ?) ON CONFLICT (door) DO UPDATE SET day = excluded.day",
      )
      .run(door, day);
    this.#days.set(door, day);
    return true;
  }
}
