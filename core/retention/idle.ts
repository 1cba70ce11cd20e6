import type { DatabaseSync } from "node:sqlite";
import type { Clock } from "../clock.ts";
import { type Migration, migrate } from "../store/database.ts";

/** A month says enough: which day somebody came home is nobody's business years later. */
const idleMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "month of last use",
    sql: "CREATE TABLE template_use (id TEXT PRIMARY KEY, month TEXT NOT NULL) STRICT, WITHOUT ROWID",
  },
];

export interface IdleDeps {
  /** `faces.db`. */
  db: DatabaseSync;
  clock: Clock;
  templates: { of(person: string): readonly string[] };
  /** Everybody who may have a template. */
  people(): Iterable<string>;
  /** Years after which an unused face goes; undefined: the law here names none. */
  years(): number | undefined;
  /** Erases a face; its consent stays as it is. */
  erase(person: string): unknown;
}

/** `2026-11`, UTC. */
const monthOf = (at: Date): string => at.toISOString().slice(0, 7);

/** The month so many years after one. @param month `2026-11` */
const yearsAfter = (month: string, years: number): string =>
  `${Number(month.slice(0, 4)) + years}${month.slice(4)}`;

/**
 * Faces nobody has used for years. Illinois asks for their destruction within three years of a person's last interaction
 * (740 ILCS 14/15(a)); by whole months, so at the latest on that day and up to a month before it.
 */
export class IdleFaces {
  readonly #deps: IdleDeps;
  /** Template → month of its last use, as on disk. */
  readonly #months: Map<string, string>;

  constructor(deps: IdleDeps) {
    this.#deps = deps;
    migrate(deps.db, "template use", idleMigrations);
    const rows = deps.db.prepare("SELECT id, month FROM template_use").all();
    this.#months = new Map(rows.map(({ id, month }) => [String(id), String(month)]));
  }

  /** Somebody opened a door by their face. */
  used(person: string): void {
    const month = monthOf(this.#deps.clock.now());
    for (const id of this.#deps.templates.of(person)) this.#set(id, month);
  }

  /**
   * Erases every face whose last use, or enrolment, is as many years ago as the law says.
   * @returns how many people's
   */
  sweep(): number {
    const { clock, erase, people, templates } = this.#deps;
    const years = this.#deps.years();
    const now = monthOf(clock.now());
    const over: string[] = [];
    const known = new Set<string>();
    for (const person of people()) {
      const ids = templates.of(person);
      for (const id of ids) {
        known.add(id);
        if (!this.#months.has(id)) this.#set(id, now); // enrolled since
      }
      const idle = (id: string) => yearsAfter(this.#months.get(id) ?? now, years ?? 0) <= now;
      if (years !== undefined && ids.length > 0 && ids.every(idle)) over.push(person);
    }
    for (const id of [...this.#months.keys()].filter((id) => !known.has(id))) this.#forget(id);
    for (const person of over) erase(person);
    return over.length;
  }

  #set(id: string, month: string): void {
    if (this.#months.get(id) === month) return;
    this.#deps.db
      .prepare(
        "INSERT INTO template_use (id, month) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET month = excluded.month",
      )
      .run(id, month);
    this.#months.set(id, month);
  }

  #forget(id: string): void {
    this.#deps.db.prepare("DELETE FROM template_use WHERE id = ?").run(id);
    this.#months.delete(id);
  }
}
