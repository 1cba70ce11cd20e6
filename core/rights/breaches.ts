import type { DatabaseSync } from "node:sqlite";
import type { AuditLog, FieldValue } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import type { RightsPack } from "./packs.ts";

/** Kinds of data that can be lost; what each is to people is in the words (`rights.breach-<kind>`). */
export const breachKinds = ["faces", "names", "cards", "entries", "accounts"] as const;
export type BreachKind = (typeof breachKinds)[number];

/** `renew-faces`: every template gets another secret rotation, and what was stolen compares with nothing any more. */
export const breachMeasures = ["renew-faces", "other"] as const;
export type BreachMeasure = (typeof breachMeasures)[number];

/** What staff know of an incident (PIPL 57; GDPR 33(3)). No names: the list of people is made from the stores. */
export interface BreachFacts {
  kinds: readonly BreachKind[];
  /** Doors it touches; none: the whole site. */
  doors: readonly string[];
  /** RFC 3339: when it happened, as far as is known. */
  from: string;
  to: string;
  cause: string;
  harm: string;
  /** What has been and will be done. */
  measures: string;
  /** What those concerned can do themselves. */
  advice: string;
}

export interface Affected {
  persons: readonly string[];
  minors: number;
  /** How many of each kind. */
  counts: Readonly<Partial<Record<BreachKind, number>>>;
}

export interface BreachView extends Omit<BreachFacts, "kinds" | "doors"> {
  kinds: BreachKind[];
  doors: string[];
  id: string;
  drill: boolean;
  /** When the office came to know: the clock's start. */
  aware: string;
  opened: string;
  /** Until when the authority must know; absent: the law names no hours. */
  due?: string;
  /** The law says at once; `due` is only when it is too late in any case. */
  prompt: boolean;
  late: boolean;
  counts: Partial<Record<BreachKind, number>>;
  people: number;
  minors: number;
  contained: { measure: BreachMeasure; at: string }[];
  authority?: string;
  told?: string;
  closed?: string;
  lessons?: string;
}

export interface BreachDeps {
  /** `ledger.db`, with `rightsMigrations`. */
  db: DatabaseSync;
  log: Pick<AuditLog, "appendWith">;
  clock: Clock;
  pack(): RightsPack;
}

interface Row {
  id: string;
  drill: number;
  facts: string;
  aware: string;
  opened: string;
  counts: string;
  people: number;
  minors: number;
  contained: string | null;
  authority: string | null;
  told: string | null;
  closed: string | null;
  lessons: string | null;
}

/** Incidents and drills (RD-59): who is affected, what was done, who was told and when, what was learnt. */
export class Breaches {
  readonly #deps: BreachDeps;

  constructor(deps: BreachDeps) {
    this.#deps = deps;
  }

  /**
   * Opens an incident; the clock runs from `aware`.
   * @throws LimenError `breach-bad` at the field
   */
  open(
    facts: BreachFacts,
    { drill, aware }: { drill: boolean; aware: string },
    affected: Affected,
    by: string,
  ): string {
    const { db, clock } = this.#deps;
    const now = clock.now();
    const wrong = !(Date.parse(aware) <= now.getTime())
      ? "/aware"
      : !(Date.parse(facts.from) <= Date.parse(facts.to))
        ? "/from"
        : facts.kinds.length === 0
          ? "/kinds"
          : undefined;
    if (wrong) throw new LimenError("breach-bad", { field: wrong, params: { field: wrong }, status: 422 });
    const id = opaqueId("breach");
    const { persons, minors, counts } = affected;
    const fields = { breach: id, by, drill, kinds: facts.kinds.join(" "), people: persons.length };
    this.#record("breach-opened", fields, () => {
      db.prepare(
        "INSERT INTO breach (id, drill, facts, aware, opened, counts, people, minors) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      ).run(
        id,
        drill ? 1 : 0,
        JSON.stringify(facts),
        aware,
        now.toISOString(),
        JSON.stringify(counts),
        persons.length,
        minors,
      );
      const add = db.prepare("INSERT INTO breach_person (breach, person) VALUES (?, ?)");
      for (const person of persons) add.run(id, person);
    });
    return id;
  }

  /** Something was done about it. @throws LimenError `breach-unknown`, `breach-closed` */
  contain(id: string, measure: BreachMeasure, by: string): void {
    const row = this.#open(id);
    const at = this.#deps.clock.now().toISOString();
    const contained = JSON.stringify([...containedIn(row), { measure, at }]);
    this.#record("breach-contained", { breach: id, by, measure }, () =>
      this.#deps.db.prepare("UPDATE breach SET contained = ? WHERE id = ?").run(contained, id),
    );
  }

  /** The authority was told. @param at when, RFC 3339 @throws LimenError `breach-unknown`, `breach-closed`, `breach-bad` */
  reported(id: string, at: string, by: string): void {
    const row = this.#open(id);
    if (!(Date.parse(at) <= this.#deps.clock.now().getTime() && at >= row.aware)) {
      throw new LimenError("breach-bad", { field: "/at", params: { field: "/at" }, status: 422 });
    }
    this.#record("breach-reported", { breach: id, by, reported: at }, () =>
      this.#deps.db.prepare("UPDATE breach SET authority = ? WHERE id = ?").run(at, id),
    );
  }

  /** Puts it on the page of everybody it concerns. In a drill nobody is told. @throws LimenError `breach-unknown`, `breach-closed`, `breach-drill` */
  tell(id: string, by: string): void {
    const row = this.#open(id);
    if (row.drill === 1) throw new LimenError("breach-drill", { field: "/id", status: 409 });
    const at = this.#deps.clock.now().toISOString();
    this.#record("breach-told", { breach: id, by, people: row.people }, () =>
      this.#deps.db.prepare("UPDATE breach SET told = coalesce(told, ?) WHERE id = ?").run(at, id),
    );
  }

  /**
   * Closes it with what was learnt. A real one only after the authority and the people know, or after it is said in the
   * lessons why that was not needed.
   * @throws LimenError `breach-unknown`, `breach-closed`, `breach-lessons`
   */
  close(id: string, lessons: string, by: string): void {
    this.#open(id);
    if (lessons.trim().length < 10)
      throw new LimenError("breach-lessons", { field: "/lessons", status: 422 });
    this.#record("breach-closed", { breach: id, by }, () =>
      this.#deps.db
        .prepare("UPDATE breach SET closed = ?, lessons = ? WHERE id = ?")
        .run(this.#deps.clock.now().toISOString(), lessons.trim(), id),
    );
  }

  /** Before a letter is written to anybody. @throws LimenError `breach-unknown`, `breach-closed`, `breach-drill` */
  requireReal(id: string): void {
    if (this.#open(id).drill === 1) throw new LimenError("breach-drill", { field: "/id", status: 409 });
  }

  /** @throws LimenError `breach-unknown` */
  read(id: string): BreachView {
    return this.#view(this.#row(id));
  }

  /** Open ones first, newest first. */
  list(): BreachView[] {
    return (
      this.#deps.db
        .prepare("SELECT * FROM breach ORDER BY closed IS NOT NULL, opened DESC LIMIT 100")
        .all() as unknown as Row[]
    ).map((row) => this.#view(row));
  }

  /** When the last incident that touched a kind of data became known, RFC 3339; drills touch nothing. */
  lastAware(kind: BreachKind): string | undefined {
    const row = this.#deps.db
      .prepare(
        `SELECT aware FROM breach
         WHERE drill = 0 AND EXISTS (SELECT 1 FROM json_each(facts, '$.kinds') WHERE value = ?)
         ORDER BY julianday(aware) DESC LIMIT 1`,
      )
      .get(kind);
    return row === undefined ? undefined : String(row.aware);
  }

  /** Whom it concerns and is still here. */
  persons(id: string): string[] {
    return this.#deps.db
      .prepare("SELECT person FROM breach_person WHERE breach = ? ORDER BY person")
      .all(id)
      .map((row) => String(row.person));
  }

  /** What somebody has been told of, newest first. */
  toldTo(person: string): BreachView[] {
    return this.#deps.db
      .prepare(
        `SELECT b.* FROM breach_person p JOIN breach b ON b.id = p.breach
         WHERE p.person = ? AND b.told IS NOT NULL ORDER BY b.told DESC`,
      )
      .all(person)
      .map((row) => this.#view(row as unknown as Row));
  }

  /** Inside an erasure: the count stays. */
  cut(person: string): void {
    this.#deps.db.prepare("DELETE FROM breach_person WHERE person = ?").run(person);
  }

  #view(row: Row): BreachView {
    const { id, drill, aware, opened, counts, people, minors, authority, told, closed, lessons } = row;
    const { hours, prompt = hours === undefined } = this.#deps.pack().breach ?? {};
    const due =
      hours === undefined ? undefined : new Date(Date.parse(aware) + hours * 3_600_000).toISOString();
    const late = due !== undefined && (authority ?? this.#deps.clock.now().toISOString()) > due;
    const facts = JSON.parse(row.facts) as BreachView;
    return {
      ...facts,
      id,
      drill: drill === 1,
      aware,
      opened,
      prompt,
      late,
      counts: JSON.parse(counts) as BreachView["counts"],
      people,
      minors,
      contained: containedIn(row),
      ...(due !== undefined && { due }),
      ...(authority !== null && { authority }),
      ...(told !== null && { told }),
      ...(closed !== null && { closed }),
      ...(lessons !== null && { lessons }),
    };
  }

  #record(what: string, fields: Record<string, FieldValue>, write: () => void): void {
    const at = this.#deps.clock.now();
    this.#deps.log.appendWith(
      [{ class: "configuration", at, fields: { at: at.toISOString(), what, ...fields } }],
      write,
    );
  }

  #open(id: string): Row {
    const row = this.#row(id);
    if (row.closed !== null) throw new LimenError("breach-closed", { field: "/id", status: 409 });
    return row;
  }

  #row(id: string): Row {
    const row = this.#deps.db.prepare("SELECT * FROM breach WHERE id = ?").get(id) as Row | undefined;
    if (!row) throw new LimenError("breach-unknown", { field: "/id", status: 404 });
    return row;
  }
}

const containedIn = ({ contained }: Row): BreachView["contained"] =>
  contained === null ? [] : (JSON.parse(contained) as BreachView["contained"]);
