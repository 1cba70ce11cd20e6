import type { DatabaseSync } from "node:sqlite";
import type { AuditLog } from "../audit/types.ts";
import type { Signer, Together } from "../consent/index.ts";
import { errorCode, LimenError } from "../errors.ts";
import { opaqueId } from "../ids.ts";
import { transaction } from "../store/database.ts";
import type { KeyRing } from "../store/types.ts";
import { type Entry, ErasureBook } from "./book.ts";
import { type CertificateDeps, receiptOf } from "./certificate.ts";
import { entryOf, type StepDeps, Steps } from "./steps.ts";
import type { ErasureOrder, ErasureStep, ErasureView } from "./types.ts";

export interface ErasureDeps extends Omit<StepDeps, "book" | "ring" | "log"> {
  /** `ledger.db`, with `retentionMigrations`: the connection the log and the ring write to. */
  db: DatabaseSync;
  log: Pick<AuditLog, "origin" | "appendWith" | "eraseSubjects" | "eraseDays" | "query" | "read">;
  ring: Pick<KeyRing, "generation" | "rotate" | "warnings">;
  signer: Signer;
  /** Fixed for the life of the data folder. */
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
  readonly #steps: Steps;
  readonly #certificate: CertificateDeps;
  readonly #later: (ms: number, work: () => void) => void;
  #planned = false;
  #closed = false;
  #checked = false;
  /** Write-ahead logs may still have what an enrolment left that was cut short: a row, and the key that was to open it. */
  #leftOver: boolean;
  #leftOverTries = 0;

  constructor(deps: ErasureDeps) {
    this.#deps = deps;
    this.#book = new ErasureBook(deps.db);
    this.#steps = new Steps({ ...deps, book: this.#book });
    this.#certificate = { ...deps, book: this.#book };
    this.#leftOver = deps.templates.leftOver > 0;
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

  /** How many are still being carried out or wait for something. */
  unfinished(): number {
    return this.#book.unfinished().length;
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
    again(this.#clean());
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
      this.#step(order, "memory", () => this.#steps.drop(order), true) ??
      this.#step(order, "payloads", () => this.#steps.payloads(order)) ??
      this.#step(order, "rows", () => this.#steps.rows(order))
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
      if (!emptied) this.#steps.emptyLogs();
      emptied = true;
    };
    let keys: { from: number; to: number } | undefined;
    const rotate = ({ id }: ErasureOrder) => {
      keys ??= this.#steps.rotate();
      this.#book.setKeys(id, keys.from, keys.to);
    };
    const logged = through("write-ahead-logs", empty, entries);
    const locked = through("keys", rotate, logged);
    const confirmed = through("other-copies", (order) => this.#steps.confirm(order), locked);
    for (const { order } of confirmed) failed.push(this.#record(order));
    return failed;
  }

  /** What was never on record goes without one: nobody was told that it was there. @returns tries so far when it failed */
  #clean(): number | undefined {
    if (!this.#leftOver) return undefined;
    try {
      this.#steps.emptyLogs();
      this.#steps.rotate();
      this.#leftOver = false;
      return undefined;
    } catch {
      return ++this.#leftOverTries;
    }
  }

  /** The completion leaf, then the receipt that cites it. */
  #record(order: ErasureOrder): number | undefined {
    const tries = this.#step(order, "recorded", () => this.#steps.record(order));
    if (tries !== undefined) return tries;
    const { id } = order;
    try {
      transaction(this.#deps.db, () =>
        this.#book.finish(id, receiptOf(this.#certificate, this.#book.read(id))),
      );
      return undefined;
    } catch (error) {
      return this.#book.failed(id, "recorded", problemOf(error));
    }
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
