import type { AuditLog, LogEntry, Recorded } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { transaction, truncateWal } from "../store/database.ts";
import type { KeyRing, WrappedKeys } from "../store/types.ts";
import type { ErasureBook } from "./book.ts";
import type { Holds } from "./holds.ts";
import type { ErasureOrder, ErasureStep, NamedDatabase, OtherCopies, TemplateShelf } from "./types.ts";

export interface StepDeps {
  book: ErasureBook;
  /** Every database that ever held something personal, `ledger.db` included. */
  databases: readonly NamedDatabase[];
  log: Pick<AuditLog, "appendWith" | "eraseSubjects" | "eraseDays">;
  ring: Pick<KeyRing, "generation" | "rotate">;
  /** `ring.keys("subject")` and `ring.keys("template")`. */
  subjectKeys: Pick<WrappedKeys, "destroy">;
  templateKeys: Pick<WrappedKeys, "destroy">;
  templates: TemplateShelf;
  persons: { has(id: string): boolean; erase(id: string): void };
  consents: { cut(person: string): void; forget(person: string): void };
  holds: Holds;
  others: OtherCopies;
  clock: Clock;
}

/** What each step of an erasure does. Every one may be repeated; one that cannot be done throws. */
export class Steps {
  readonly #deps: StepDeps;

  constructor(deps: StepDeps) {
    this.#deps = deps;
  }

  drop(order: ErasureOrder): void {
    this.#deps.others.drop(order);
    if (order.scope === "person") for (const person of order.persons) this.#deps.consents.forget(person);
  }

  /**
   * Payloads, keys, links, and that it was done: one transaction of `ledger.db`.
   * @throws LimenError `legal-hold`, `log-failed`
   */
  payloads(order: ErasureOrder): void {
    const { book, log, clock, holds } = this.#deps;
    if (order.scope === "person" && holds.onAny(order.persons)) throw new LimenError("legal-hold");
    const at = clock.now();
    const entry = entryOf(order, "payloads", at);
    const { fields } = entry;
    const alongside = () => {
      this.#destroyKeys(order);
      book.done(order.id, "payloads", at);
    };
    const written = (): Recorded => {
      if (order.scope === "person") return log.eraseSubjects(order.persons, { fields, alongside });
      if (order.scope === "days") return log.eraseDays(order.days, order, { fields, alongside });
      return log.appendWith([entry], alongside)[0]!;
    };
    book.setLeaf(order.id, "payloads", written().index);
  }

  /** One transaction a database, however many rows: each of them alone would wait for the disk. */
  rows(order: ErasureOrder): void {
    const { databases, persons, templates } = this.#deps;
    const remove = () => {
      for (const template of order.templates) templates.remove(template);
      if (order.scope === "person") for (const person of order.persons) persons.erase(person);
    };
    const inAll = (at: number): void => {
      const db = databases[at]?.db;
      if (db) transaction(db, () => inAll(at + 1));
      else remove();
    };
    inAll(0);
  }

  /** @throws LimenError `wal-busy` naming the database somebody is reading */
  emptyLogs(): void {
    for (const { name, db } of this.#deps.databases) {
      db.exec("PRAGMA busy_timeout=0"); // a reader is not waited for here: doors are; it is tried again later
      try {
        if (truncateWal(db).busy) throw new LimenError("wal-busy", { params: { database: name } });
      } finally {
        db.exec("PRAGMA busy_timeout=5000");
      }
    }
  }

  /** A new key-encryption key; whatever was wrapped under the old one is dead wherever a block still has it. */
  rotate(): { from: number; to: number } {
    const { ring } = this.#deps;
    return { from: ring.generation, to: ring.rotate() };
  }

  /** Whoever holds a copy elsewhere says what became of it, or throws and is asked again. */
  confirm(order: ErasureOrder): void {
    const lines = this.#deps.others.confirm?.(order) ?? [];
    this.#deps.book.setOthers(
      order.id,
      lines.map(({ copy, state }) => ({ copy, state })),
    );
  }

  record(order: ErasureOrder): void {
    const { book, clock, log } = this.#deps;
    const at = clock.now();
    const [recorded] = log.appendWith([entryOf(order, "recorded", at)], () =>
      book.done(order.id, "recorded", at),
    );
    book.setLeaf(order.id, "recorded", recorded!.index);
  }

  #destroyKeys(order: ErasureOrder): void {
    const { consents, subjectKeys, templateKeys } = this.#deps;
    for (const template of order.templates) templateKeys.destroy(template);
    if (order.scope !== "person") return;
    for (const person of order.persons) {
      consents.cut(person);
      subjectKeys.destroy(person);
    }
  }
}

/** A step as the log has it: nothing that names anybody. */
export const entryOf = ({ id, scope, cause }: ErasureOrder, step: ErasureStep, at: Date): LogEntry => ({
  class: "erasure",
  at,
  fields: { at: at.toISOString(), erasure: id, scope, cause, step },
});
