import type { DatabaseSync } from "node:sqlite";
import type { Migration } from "../store/migrate.ts";

export const lockdownMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "doors locked down",
    sql: "CREATE TABLE lockdown (door TEXT PRIMARY KEY, since TEXT NOT NULL) STRICT, WITHOUT ROWID",
  },
];

/** Doors that let nobody in until somebody lifts it. Kept on disk: a restart lifts nothing. */
export class Lockdown {
  readonly #db: DatabaseSync;
  readonly #doors = new Set<string>();

  /** @param db `ledger.db`, with `lockdownMigrations` */
  constructor(db: DatabaseSync) {
    this.#db = db;
    for (const { door } of db.prepare("SELECT door FROM lockdown").all()) this.#doors.add(String(door));
  }

  has(door: string): boolean {
    return this.#doors.has(door);
  }

  get doors(): string[] {
    return [...this.#doors].sort();
  }

  /** Runs inside the transaction that records it; `set` follows once that is durable. */
  write(doors: readonly string[], on: boolean, at: Date): void {
    const insert = this.#db.prepare("INSERT OR IGNORE INTO lockdown (door, since) VALUES (?, ?)");
    const remove = this.#db.prepare("DELETE FROM lockdown WHERE door = ?");
    for (const door of doors) {
      if (on) insert.run(door, at.toISOString());
      else remove.run(door);
    }
  }

  set(doors: readonly string[], on: boolean): void {
    for (const door of doors) {
      if (on) this.#doors.add(door);
      else this.#doors.delete(door);
    }
  }
}
