import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import type { Migration } from "../store/migrate.ts";
import type { Term } from "./emergency.ts";

export const termMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "how far terms have run",
    sql: `CREATE TABLE term (
      id TEXT PRIMARY KEY,
      seen INTEGER NOT NULL,
      over INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
  },
];

/** A term's progress is written down this often, ms: what a clock set back while the box is off can win at most. */
const noteMs = 60_000;

interface Running {
  seen: number;
  noted: number;
  /** Monotonic ms at which it is over, whatever the wall clock says. */
  dies: number;
  over: boolean;
}

/**
 * Whether a term is running. It ends by itself, also while the box is off; a clock that is set back neither prolongs it
 * nor brings it back, and one that is set forward ends it for good: of two mistakes, the one that asks less of people.
 */
export class Terms {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();

  /** @param db `ledger.db`, with `termMigrations` */
  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** @param id the same for the same term, also after a restart */
  running(id: string, term: Term): boolean {
    const now = this.#clock.now().getTime();
    const known = this.#running.get(id) ?? this.#load(id, term);
    if (!known) return now >= term.start.getTime() && now < term.end.getTime() && this.#begin(id, term);
    if (known.over) return false;
    if (now >= term.end.getTime() || this.#clock.monotonic() >= known.dies) {
      this.#note(id, { ...known, over: true });
      return false;
    }
    const seen = Math.max(known.seen, now);
    if (seen - known.noted >= noteMs) this.#note(id, { ...known, seen });
    return true;
  }

  /** Forgets terms that nobody will ask about again. */
  forget(id: string): void {
    this.#running.delete(id);
    this.#db.prepare("DELETE FROM term WHERE id = ?").run(id);
  }

  #begin(id: string, term: Term): true {
    const now = this.#clock.now().getTime();
    this.#note(id, { seen: now, noted: now, dies: this.#diesAt(term, now), over: false });
    return true;
  }

  /** What an earlier process saw of it: at most the rest since then is left. */
  #load(id: string, term: Term): Running | undefined {
    const row = this.#db.prepare("SELECT seen, over FROM term WHERE id = ?").get(id) as
      | { seen: number; over: number }
      | undefined;
    if (!row) return undefined;
    const from = Math.max(row.seen, this.#clock.now().getTime());
    const found = { seen: row.seen, noted: row.seen, dies: this.#diesAt(term, from), over: row.over === 1 };
    this.#running.set(id, found);
    return found;
  }

  #diesAt(term: Term, from: number): number {
    return this.#clock.monotonic() + Math.max(0, term.end.getTime() - from);
  }

  #note(id: string, now: Running): void {
    this.#running.set(id, { ...now, noted: now.seen });
    this.#db
      .prepare(
        `INSERT INTO term (id, seen, over) VALUES (?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, over = excluded.over`,
      )
      .run(id, now.seen, now.over ? 1 : 0);
  }
}
