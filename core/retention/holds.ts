import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";

export interface Hold {
  id: string;
  /** Whose records, where it is about a person. */
  person?: string;
  /** UTC days, both included, whose entries are kept. */
  from: string;
  to: string;
  reason: string;
  /** RFC 3339: a hold has an end (RD-44). */
  expires: string;
}

/** Records somebody needs for a claim. A hold keeps records; it never keeps a face in use (RD-44). */
export class Holds {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;

  constructor(deps: { db: DatabaseSync; clock: Clock }) {
    this.#db = deps.db;
    this.#clock = deps.clock;
  }

  /** @throws LimenError `hold-bad` at the field: no reason, days the wrong way round, no end or one over two years away */
  put(hold: Omit<Hold, "id">, by: string): string {
    const now = this.#clock.now().getTime();
    const ends = Date.parse(hold.expires);
    const wrong =
      hold.reason.trim().length < 3
        ? "/reason"
        : hold.from > hold.to
          ? "/to"
          : !(ends > now && ends < now + 2 * 366 * 24 * 3_600_000)
            ? "/expires"
            : undefined;
    if (wrong) throw new LimenError("hold-bad", { field: wrong, params: { field: wrong } });
    const id = opaqueId("hold");
    this.#db
      .prepare(
        "INSERT INTO hold (id, person, from_day, to_day, reason, by, at, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      )
      .run(
        id,
        hold.person ?? null,
        hold.from,
        hold.to,
        hold.reason,
        by,
        new Date(now).toISOString(),
        hold.expires,
      );
    return id;
  }

  lift(id: string): void {
    this.#db
      .prepare("UPDATE hold SET lifted = coalesce(lifted, ?) WHERE id = ?")
      .run(this.#clock.now().toISOString(), id);
  }

  /** Those in force now. */
  list(): Hold[] {
    return this.#db
      .prepare("SELECT * FROM hold WHERE lifted IS NULL AND expires > ? ORDER BY at")
      .all(this.#clock.now().toISOString())
      .map((row) => ({
        id: String(row.id),
        from: String(row.from_day),
        to: String(row.to_day),
        reason: String(row.reason),
        expires: String(row.expires),
        ...(row.person !== null && { person: String(row.person) }),
      }));
  }

  onAny(persons: readonly string[]): boolean {
    return this.list().some(({ person }) => person !== undefined && persons.includes(person));
  }

  /** Those of these days that nothing holds. */
  free(days: readonly string[]): string[] {
    const holds = this.list();
    return days.filter((day) => !holds.some(({ from, to }) => day >= from && day <= to));
  }
}
