import type { DatabaseSync } from "node:sqlite";
import { countsIn } from "../audit/erase.ts";
import type { AuditLog, LogEntry, ReadEntry } from "../audit/types.ts";
import type { Clock } from "../clock.ts";
import { type Signer, signJson, type Together } from "../consent/index.ts";
import { errorCode, LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { transaction, truncateWal } from "../store/database.ts";
import type { KeyRing, WrappedKeys } from "../store/types.ts";
import { type Entry, ErasureBook } from "./book.ts";
import type { Holds } from "./holds.ts";
import type {
  CopyLine,
  ErasureOrder,
  ErasureReceipt,
  ErasureStep,
  ErasureView,
  NamedDatabase,
  OtherCopies,
  TemplateShelf,
} from "./types.ts";

export interface ErasureDeps {
  /** `ledger.db`, with `retentionMigrations`: the connection the log and the ring write to. */
  db: DatabaseSync;
  /** Every database that ever held something personal, `ledger.db` included. */
  databases: readonly NamedDatabase[];
  log: Pick<AuditLog, "origin" | "appendWith" | "eraseSubjects" | "eraseDays" | "query" | "read">;
  ring: Pick<KeyRing, "generation" | "rotate" | "warnings">;
  /** `ring.keys("subject")` and `ring.keys("template")`. */
  subjectKeys: Pick<WrappedKeys, "destroy">;
  templateKeys: Pick<WrappedKeys, "destroy">;
  templates: TemplateShelf;
  persons: { has(id: string): boolean; erase(id: string): void };
  consents: { cut(person: string): void; forget(person: string): void };
  holds: Holds;
  others: OtherCopies;
  signer: Signer;
  clock: Clock;
  site: string;
  /** Runs work after a pause; tests run it by hand. */
  later?: (ms: number, work: () => void) => void;
}

/** Erasures asked for within this time share one rotation of the KEK. */
const batchMs = 100;
const firstRetryMs = 500;
const longestRetryMs = 60_000;

type Plan = Omit<ErasureOrder, "id" | "days" | "classes" | "part" | "templates" | "persons"> &
  Partial<Pick<ErasureOrder, "days" | "classes" | "part" | "templates" | "persons">>;

/**
 * Erasure as a machine of steps, each written down when it is done, each safe to repeat. A restart goes on where it
 * stopped (`resume`); a step that fails is shown with its problem, tried again later, and never reported as done.
 */
export class Erasures {
  readonly #deps: ErasureDeps;
  readonly #book: ErasureBook;
  readonly #later: (ms: number, work: () => void) => void;
  #planned = false;
  #closed = false;
  #checked = false;

  constructor(deps: ErasureDeps) {
    this.#deps = deps;
    this.#book = new ErasureBook(deps.db);
    this.#later = deps.later ?? ((ms, work) => setTimeout(work, ms).unref());
  }

  /** @throws LimenError `erasure-unknown` */
  read(id: string): ErasureView {
    return this.#book.view(id);
  }

  /** Everything erased of one person so far, oldest first. */
  of(person: string): ErasureView[] {
    return this.#book.of(person).map((id) => this.#book.view(id));
  }

  /** Whose it is, for whoever decides who may see it. */
  order(id: string): ErasureOrder {
    return this.#book.read(id).order;
  }

  /** Finished erasures, for a backup that is older than them. */
  finished(): ErasureOrder[] {
    return this.#book.finished();
  }

  /**
   * An erasure that is to be written down in the transaction of what causes it: pass `together` there, then call `start`.
   */
  plan(plan: Plan): { order: ErasureOrder; together: Together } {
    const order: ErasureOrder = {
      persons: [],
      templates: [],
      days: [],
      classes: [],
      part: "all",
      ...plan,
      id: opaqueId("erasure"),
    };
    const at = this.#deps.clock.now();
    return {
      order,
      together: { entries: [entryOf(order, "asked", at)], write: () => this.#book.add(order, at) },
    };
  }

  /** Does a legal hold keep records of one of these people? */
  held(persons: readonly string[]): boolean {
    return this.#deps.holds.onAny(persons);
  }

  /** Writes an erasure down that nothing else causes, and starts it. @throws LimenError `log-failed` */
  begin(plan: Plan): string {
    const { order, together } = this.plan(plan);
    this.#deps.log.appendWith(together.entries, () => together.write());
    this.start(order);
    return order.id;
  }

  /** Drops and deletes at once; keys and write-ahead logs follow, for all that were asked for within a moment. */
  start(order: ErasureOrder): void {
    this.#delete(this.#book.read(order.id));
    this.#soon(batchMs);
  }

  /**
   * Goes on with everything unfinished, now. Call it at start before any template is loaded. The first call also erases anew
   * whoever was erased and is there again: an older copy of a database was put back (RD-45).
   */
  resume(): void {
    this.#planned = false;
    if (!this.#checked) this.#eraseRevived();
    this.#checked = true;
    let retry = Number.POSITIVE_INFINITY;
    const again = (tries: number | undefined) => {
      if (tries !== undefined) retry = Math.min(retry, firstRetryMs * 2 ** Math.min(tries - 1, 10));
    };
    const ready: Entry[] = [];
    for (const entry of this.#book.unfinished()) {
      const tries = this.#delete(entry);
      if (tries === undefined) ready.push(entry);
      again(tries);
    }
    for (const tries of this.#settle(ready)) again(tries);
    if (Number.isFinite(retry)) this.#soon(Math.min(retry, longestRetryMs));
  }

  /** Nothing is tried after this: the databases are about to close. What is unfinished goes on at the next start. */
  close(): void {
    this.#closed = true;
  }

  #eraseRevived(): void {
    const erased = this.#book.finished().filter(({ scope }) => scope === "person");
    const persons = new Set(erased.flatMap((order) => order.persons));
    const revived = [...persons].filter((person) => this.#deps.persons.has(person));
    if (revived.length > 0) this.begin({ scope: "person", cause: "restored", persons: revived });
  }

  #soon(ms: number): void {
    if (this.#planned) return;
    this.#planned = true;
    this.#later(ms, () => {
      if (this.#closed) return;
      try {
        this.resume();
      } catch {
        this.#planned = false; // not even a problem could be written down: a full or failing disk
        this.#soon(longestRetryMs);
      }
    });
  }

  /** Memory, payloads with keys, rows. @returns tries so far when a step failed */
  #delete({ order }: Entry): number | undefined {
    return (
      this.#step(order, "memory", () => this.#drop(order), true) ??
      this.#step(order, "payloads", () => this.#payloads(order)) ??
      this.#step(order, "rows", () => this.#rows(order))
    );
  }

  /** What many erasures can share: the write-ahead logs and one new KEK. */
  #settle(entries: readonly Entry[]): (number | undefined)[] {
    const failed: (number | undefined)[] = [];
    const through = (step: ErasureStep, work: (order: ErasureOrder) => void, among: readonly Entry[]) =>
      among.filter(({ order }) => {
        const tries = this.#step(order, step, () => work(order));
        failed.push(tries);
        return tries === undefined;
      });
    let emptied = false;
    const empty = () => {
      if (!emptied) this.#emptyLogs();
      emptied = true;
    };
    let keys: { from: number; to: number } | undefined;
    const rotate = ({ id }: ErasureOrder) => {
      keys ??= { from: this.#deps.ring.generation, to: this.#deps.ring.rotate() };
      this.#book.setKeys(id, keys.from, keys.to);
    };
    const logged = through("write-ahead-logs", empty, entries);
    const locked = through("keys", rotate, logged);
    const confirmed = through("other-copies", (order) => this.#confirm(order), locked);
    for (const { order } of confirmed) failed.push(this.#record(order.id));
    return failed;
  }

  #drop(order: ErasureOrder): void {
    this.#deps.others.drop(order);
    if (order.scope === "person") for (const person of order.persons) this.#deps.consents.forget(person);
  }

  /** One transaction of `ledger.db`: payloads, keys, links, and that it was done. */
  #payloads(order: ErasureOrder): void {
    const { log, clock, holds, subjectKeys, templateKeys, consents } = this.#deps;
    if (order.scope === "person" && holds.onAny(order.persons)) throw new LimenError("legal-hold");
    const at = clock.now();
    const alongside = () => {
      for (const template of order.templates) templateKeys.destroy(template);
      if (order.scope === "person") {
        for (const person of order.persons) {
          consents.cut(person);
          subjectKeys.destroy(person);
        }
      }
      this.#book.done(order.id, "payloads", at);
    };
    const fields = entryOf(order, "payloads", at).fields;
    const [recorded] =
      order.scope === "person"
        ? [log.eraseSubjects(order.persons, { fields, alongside })]
        : order.scope === "days"
          ? [log.eraseDays(order.days, order, { fields, alongside })]
          : log.appendWith([entryOf(order, "payloads", at)], alongside);
    this.#book.setLeaf(order.id, "payloads", recorded!.index);
  }

  /** One transaction a database, however many rows: each of them alone would wait for the disk. */
  #rows(order: ErasureOrder): void {
    const remove = () => {
      for (const template of order.templates) this.#deps.templates.remove(template);
      if (order.scope === "person") for (const person of order.persons) this.#deps.persons.erase(person);
    };
    this.#deps.databases.reduce(
      (work, { db }) =>
        () =>
          transaction(db, work),
      remove,
    )();
  }

  /** @throws LimenError `wal-busy` naming the database somebody is reading */
  #emptyLogs(): void {
    for (const { name, db } of this.#deps.databases) {
      if (truncateWal(db).busy) throw new LimenError("wal-busy", { params: { database: name } });
    }
  }

  /** Whoever holds a copy elsewhere says what became of it, or throws and is asked again. */
  #confirm(order: ErasureOrder): void {
    const lines = this.#deps.others.confirm?.(order) ?? [];
    this.#book.setOthers(
      order.id,
      lines.map(({ copy, state }) => ({ copy, state })),
    );
  }

  /** The completion leaf, then the receipt that cites it. */
  #record(id: string): number | undefined {
    const { log, clock, db } = this.#deps;
    const { order } = this.#book.read(id);
    const tries = this.#step(order, "recorded", () => {
      const at = clock.now();
      const [recorded] = log.appendWith([entryOf(order, "recorded", at)], () =>
        this.#book.done(id, "recorded", at),
      );
      this.#book.setLeaf(id, "recorded", recorded!.index);
    });
    if (tries !== undefined) return tries;
    try {
      transaction(db, () => this.#book.finish(id, this.#receipt(this.#book.read(id))));
      return undefined;
    } catch (error) {
      return this.#book.failed(id, "recorded", problemOf(error));
    }
  }

  #receipt(entry: Entry): string {
    const { order, keys } = entry;
    const { log, ring, signer, site } = this.#deps;
    const times = this.#book.times(order.id);
    const at = (step: ErasureStep) => times.find((time) => time.step === step)!.at;
    const { index } = this.#leaf(order.id, "recorded");
    const counts = countsIn(Object.entries(this.#leaf(order.id, "payloads").fields ?? {}));
    if (!keys) throw new LimenError("internal", { status: 503 });
    const receipt: ErasureReceipt = {
      type: "limen-erasure-receipt",
      version: 1,
      id: order.id,
      site,
      scope: order.scope,
      cause: order.cause,
      subjects: order.scope === "days" ? order.days.length : order.persons.length,
      ...(order.persons.length === 1 && { person: order.persons[0]! }),
      copies: this.#copies(entry, at),
      steps: times,
      keys,
      counts,
      log: { origin: log.origin, index },
      limits: [...ring.warnings],
    };
    return signJson(receipt, signer);
  }

  #copies({ order, others }: Entry, at: (step: ErasureStep) => string): CopyLine[] {
    const names = order.scope === "days" ? ["ledger.db"] : this.#deps.databases.map(({ name }) => name);
    const memory = order.scope === "days" ? [] : ["match memory", "match index"];
    return [
      ...memory.map((copy) => ({ copy, state: "erased" as const, at: at("memory") })),
      ...names.map((copy) => ({
        copy,
        state: "erased" as const,
        at: at(copy === "ledger.db" ? "payloads" : "rows"),
      })),
      ...names.map((name) => ({ copy: `${name}-wal`, state: "erased" as const, at: at("write-ahead-logs") })),
      { copy: "wrapped keys and the key that opened them", state: "overwritten", at: at("keys") },
      ...others.map((line) => ({ ...line, at: at("other-copies") })),
    ];
  }

  /** The fields of this erasure's leaf for a step: written in the step's own transaction. */
  #leaf(id: string, step: ErasureStep): ReadEntry {
    const noted = this.#book.leaf(id, step);
    const found =
      noted === undefined
        ? this.#deps.log
            .query({ classes: ["erasure"], limit: 1e9 })
            .find(({ fields }) => fields?.erasure === id && fields.step === step)
        : this.#deps.log.read(noted);
    if (!found) throw new LimenError("log-failed", { status: 503 });
    return found;
  }

  /** @returns undefined when done (now or before), else how often it has failed */
  #step(order: ErasureOrder, step: ErasureStep, work: () => void, always = false): number | undefined {
    const before = this.#book.isDone(order.id, step);
    if (before && !always) return undefined;
    try {
      work();
      if (!before) this.#book.done(order.id, step, this.#deps.clock.now());
      return undefined;
    } catch (error) {
      return this.#book.failed(order.id, step, problemOf(error));
    }
  }
}

const problemOf = (error: unknown): string =>
  error instanceof LimenError ? [error.code, ...Object.values(error.params)].join(" ") : errorCode(error);

const entryOf = ({ id, scope, cause }: ErasureOrder, step: ErasureStep, at: Date): LogEntry => ({
  class: "erasure",
  at,
  fields: { at: at.toISOString(), erasure: id, scope, cause, step },
});
