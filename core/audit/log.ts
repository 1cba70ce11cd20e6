import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { requireSafe, transaction } from "../store/database.ts";
import type { DayKeys, KeyRing, SubjectKeys } from "../store/types.ts";
import { Batch } from "./batch.ts";
import { checkLedger } from "./check-ledger.ts";
import { checkpointText, openCheckpoint } from "./checkpoint.ts";
import type { SigningKey } from "./ed25519.ts";
import { countFields, eraseDays, eraseSubjects, eraseUnreadable, heldPayloads } from "./erase.ts";
import { encodeLeaf } from "./leaf.ts";
import { Ledger } from "./ledger.ts";
import { append, type Edge, edgeRoot, type Hash, leafHash } from "./merkle.ts";
import { parseVkey, signNote } from "./note.ts";
import { openHead } from "./open-head.ts";
import { Payloads } from "./payload.ts";
import { proofFile } from "./proof-file.ts";
import { consistencyProof, inclusionProof, rangeHash, tileHeight } from "./prove.ts";
import { Publisher } from "./publish.ts";
import { indexesOf, queryEntries, readEntry } from "./query.ts";
import type {
  AuditLog,
  ErasureOptions,
  LeafClass,
  LogEntry,
  LogErasure,
  PayloadCount,
  ReadEntry,
  Recorded,
} from "./types.ts";

export interface AuditLogOptions {
  /** The ledger database, from `openDatabase`; the key ring's own. */
  db: DatabaseSync;
  /** Folder of the published log, `<data>/audit`. */
  tilesDir: string;
  /** The log's name: a schema-less URL without spaces or `+`, e.g. `north.example/gate`. */
  origin: string;
  ring: KeyRing;
  subjectKeys: SubjectKeys;
  dayKeys: DayKeys;
  clock: Clock;
  random?: typeof randomBytes;
  /** How long an entry waits for company, ms. */
  batchMs?: number;
  /** How long after a commit the tiles follow, ms; 0: only when `publish` is called. */
  publishMs?: number;
  /** Writes to the ledger database in the transaction of each entry; what it throws keeps that transaction from being. */
  alongside?: ((entry: LogEntry) => void) | undefined;
  /** Is told when tiles could not be written; they are tried again after the next entry. */
  trouble?: (error: unknown) => void;
}

type Coverage = ReturnType<AuditLog["coverage"]>;

/**
 * Opens the log, starting it on the first call.
 * @throws LimenError `store-unsafe`; `log-damaged` when the tree does not give its own checkpoint; `log-behind` when the
 *   published checkpoint is newer than the database (a restored one): going on would fork the log, so it takes a new
 *   origin, whose first entry then cites the old head; `log-key-lost` when its signing key is gone
 */
export const openAuditLog = (options: AuditLogOptions): AuditLog => new Log(options);

class Log implements AuditLog {
  readonly origin: string;
  readonly vkey: string;
  readonly #ledger: Ledger;
  readonly #payloads: Payloads;
  readonly #dayKeys: DayKeys;
  readonly #key: SigningKey;
  readonly #clock: Clock;
  readonly #batch: Batch;
  readonly #publisher: Publisher;
  #edge: Edge;
  #note: string;
  readonly #alongside: AuditLogOptions["alongside"];
  /** Erasures begun since the start: tells a check that goes on in turns that the ground has moved. */
  #erasures = 0;

  constructor(options: AuditLogOptions) {
    const { db, tilesDir, origin, ring, subjectKeys, dayKeys, clock, random = randomBytes } = options;
    requireSafe(db);
    this.#ledger = new Ledger(db);
    this.#payloads = new Payloads({ ring, subjects: subjectKeys, days: dayKeys, random });
    this.#dayKeys = dayKeys;
    this.#clock = clock;
    this.#alongside = options.alongside;
    const head = openHead({ ledger: this.#ledger, ring, origin, tilesDir });
    this.origin = origin;
    this.vkey = head.vkey;
    this.#key = head.key;
    this.#edge = head.edge;
    this.#note = head.note;
    this.#batch = new Batch(options.batchMs ?? 2, (entries) => this.#commitEach(entries));
    this.#publisher = new Publisher({
      folder: tilesDir,
      source: this.#ledger,
      published: head.published,
      delayMs: options.publishMs ?? 1000,
      newest: () => ({ size: this.size, note: this.#note, vkey: this.vkey, origin }),
      trouble: options.trouble ?? (() => undefined),
    });
    if (head.cites) this.appendWith([{ class: "configuration", at: clock.now(), fields: head.cites }]);
  }

  get size(): number {
    return this.#edge.size;
  }

  append(entry: LogEntry): Promise<Recorded> {
    return this.#batch.add(entry);
  }

  appendWith(entries: readonly LogEntry[], alongside?: () => void): Recorded[] {
    return this.#write(alongside, (put) => entries.map(put));
  }

  /** Grows the log together with what a caller writes; the caller's own errors pass through as they are. */
  #write<T>(alongside: (() => void) | undefined, work: (put: (entry: LogEntry) => Recorded) => T): T {
    if (this.#ledger.db.isTransaction) {
      throw new TypeError("an entry is durable on return only outside of a transaction");
    }
    let own: unknown;
    try {
      return this.#grow((put) => {
        try {
          alongside?.();
        } catch (error) {
          own = error;
          throw error;
        }
        return work(put);
      });
    } catch (error) {
      throw error === own ? error : logFailed(error);
    }
  }

  /** One transaction for many callers; an entry that cannot be sealed fails alone. */
  #commitEach(entries: readonly LogEntry[]): (Recorded | Error)[] {
    try {
      return this.#grow((put) =>
        entries.map((entry) => {
          try {
            return put(entry);
          } catch (error) {
            // Refused before anything was written. What the database says concerns the whole transaction.
            if (error instanceof LimenError || error instanceof TypeError) return logFailed(error);
            throw error;
          }
        }),
      );
    } catch (error) {
      return entries.map(() => logFailed(error));
    }
  }

  /** Rows, leaves and the new signed checkpoint in one transaction; in memory the tree grows only after it. */
  #grow<T>(work: (put: (entry: LogEntry) => Recorded) => T): T {
    const ledger = this.#ledger;
    let edge = this.#edge;
    let note = this.#note;
    const put = (entry: LogEntry): Recorded => {
      const index = edge.size;
      const { leaf, row } = this.#payloads.close(entry, index);
      const bytes = encodeLeaf(leaf);
      ledger.addPayload(row);
      ledger.addLeaf(index, bytes);
      this.#alongside?.(entry);
      edge = append(edge, leafHash(bytes), (height, at, hash) => {
        if (height > 0 && height % tileHeight === 0) ledger.addHash(height / tileHeight, at, hash);
      });
      return { index, origin: this.origin };
    };
    try {
      const result = transaction(ledger.db, () => {
        const done = work(put);
        if (edge.size > this.size) {
          note = this.#sign(edge);
          ledger.advance(this.size, edge.size, note);
        }
        return done;
      });
      const grown = edge.size > this.size;
      this.#edge = edge;
      this.#note = note;
      if (grown) this.#publisher.later();
      return result;
    } catch (error) {
      this.#payloads.forget(); // a day key made in a transaction that never was
      throw error;
    }
  }

  #sign(edge: Edge): string {
    const text = checkpointText({ origin: this.origin, size: edge.size, root: edgeRoot(edge) });
    return signNote(text, this.origin, this.#key);
  }

  checkpoint(): string {
    return this.#note;
  }

  inclusion(index: number, size = this.size): Hash[] {
    if (!(Number.isInteger(index) && index >= 0 && index < size && size <= this.size)) throw noSuchEntry();
    return inclusionProof(this.#ledger, index, size);
  }

  consistency(from: number, to = this.size): Hash[] {
    if (!(Number.isInteger(from) && from >= 0 && from <= to && to <= this.size)) throw noSuchEntry();
    return from === 0 ? [] : consistencyProof(this.#ledger, from, to);
  }

  proofFile(index: number, { disclose = false } = {}): string {
    if (!(Number.isInteger(index) && index >= 0 && index < this.size)) throw noSuchEntry();
    const witnessed = this.#ledger.db
      .prepare("SELECT size, note || lines AS note FROM cosigned WHERE size > ? ORDER BY size DESC LIMIT 1")
      .get(index) as { size: number; note: string } | undefined;
    const { size, note } = witnessed ?? { size: this.size, note: this.#note };
    const row = disclose ? this.#ledger.payload(index) : undefined;
    return proofFile({
      index,
      leaf: this.#ledger.entries(index, index + 1)[0]!,
      proof: this.inclusion(index, size),
      checkpoint: note,
      ...(row && { items: this.#payloads.open(row) }),
    });
  }

  read(index: number): ReadEntry | undefined {
    if (!(Number.isInteger(index) && index >= 0 && index < this.size)) return undefined;
    return readEntry(this.#parts, index);
  }

  query(filter: Parameters<AuditLog["query"]>[0]): ReadEntry[] {
    return queryEntries(this.#parts, filter);
  }

  indexesOf(subject: string, classes: readonly LeafClass[]): number[] {
    return indexesOf(this.#parts, subject, classes);
  }

  get #parts() {
    return { ledger: this.#ledger, payloads: this.#payloads, origin: this.origin };
  }

  held(): PayloadCount[] {
    return heldPayloads(this.#ledger.db);
  }

  eraseSubjects(subjects: readonly string[], options: ErasureOptions = {}): LogErasure {
    return this.#erase(options, () =>
      eraseSubjects(this.#ledger, (subject, day) => this.#payloads.tag(subject, day), subjects),
    );
  }

  eraseDays(
    days: readonly string[],
    { classes, part = "all" }: { classes: readonly LeafClass[]; part?: "personal" | "all" },
    options: ErasureOptions = {},
  ): LogErasure {
    if (classes.includes("erasure")) throw new TypeError("counts of erasures are kept: they cover the gaps");
    return this.#erase(options, () => eraseDays(this.#ledger, this.#dayKeys, { days, classes, part }));
  }

  eraseUnreadable(options: ErasureOptions = {}): LogErasure {
    return this.#erase(options, () => eraseUnreadable(this.#ledger, this.#payloads));
  }

  #erase({ fields = {}, alongside }: ErasureOptions, work: () => PayloadCount[]): LogErasure {
    this.#erasures += 1;
    this.#payloads.forget(); // keys that are about to be destroyed must not live on here
    return this.#write(alongside, (put) => {
      const counts = work();
      const all = { ...fields, ...countFields(counts) };
      const recorded = put({ class: "erasure", at: this.#clock.now(), fields: all });
      const entries = counts.reduce((sum, { whole, personal }) => sum + whole + Math.max(0, personal), 0);
      return { ...recorded, counts, entries };
    });
  }

  coverage(): Coverage {
    const steps = this.#check();
    for (;;) {
      const { done, value } = steps.next();
      if (done) return value;
    }
  }

  async coverageInTurns(): Promise<Coverage> {
    for (;;) {
      const erasures = this.#erasures;
      const steps = this.#check();
      for (let step = steps.next(); this.#erasures === erasures; step = steps.next()) {
        if (step.done) return step.value;
        await setImmediate();
      } // what was counted before an erasure does not fit what is there after it: from the start
    }
  }

  #check(): Generator<void, Coverage> {
    return checkLedger({ ...this.#parts, size: this.size, note: this.#note, vkey: this.vkey });
  }

  keepWitnessed(checkpoint: string, lines: readonly string[]): void {
    const opened = openCheckpoint(checkpoint, [parseVkey(this.vkey)!]);
    const own =
      opened && opened.size <= this.size && opened.root.equals(rangeHash(this.#ledger, 0, opened.size));
    if (!own) throw new LimenError("checkpoint-foreign", { status: 422 });
    this.#ledger.db
      .prepare("INSERT OR REPLACE INTO cosigned (size, note, lines) VALUES (?, ?, ?)")
      .run(opened.size, checkpoint, lines.join(""));
  }

  publish(): Promise<void> {
    return this.#publisher.publish();
  }

  close(): void {
    this.#batch.close();
    this.#publisher.stop();
    this.#payloads.forget();
  }
}

const noSuchEntry = () => new LimenError("no-such-entry", { status: 404 });

/** Whatever the disk, SQLite or a missing key said: for the caller the thing did not get onto the record. */
function logFailed(error: unknown): LimenError {
  if (error instanceof LimenError) return error;
  return new LimenError("log-failed", { status: 503, cause: error, message: `log: ${String(error)}` });
}
