/** What may be in a log entry's fields: small, flat, JSON. */
export type FieldValue = string | number | boolean | null;

export const leafClasses = {
  decision: 1,
  consent: 2,
  erasure: 3,
  "look-up": 4,
  configuration: 5,
  "key-event": 6,
  sync: 7,
  "door-event": 8,
} as const;
export type LeafClass = keyof typeof leafClasses;

/**
 * One thing to remember. The tree only gets a 36-byte leaf (version, class, day, commitment); the fields are kept
 * beside it as salted disclosures sealed under HKDF(K_day || K_subject).
 */
export interface LogEntry {
  class: LeafClass;
  at: Date;
  /** Whose K_subject also seals the fields; absent where nobody is concerned. Never enters the tree. */
  subject?: string;
  /**
   * Names of the fields only K_subject opens; the others outlive the person's erasure, until their day ends. Absent, with
   * a subject: every field, the time and the door, so that an erasure leaves nothing but the leaf.
   */
  personal?: readonly string[];
  /** An index key for queries by door; kept beside the tree in clear, gone with the payload. */
  door?: string;
  fields: Readonly<Record<string, FieldValue>>;
}

export interface Recorded {
  /** Leaf index, from 0. */
  index: number;
  /** The log's origin line. */
  origin: string;
}

/** An entry read back: `fields` is undefined once retention or erasure has destroyed a key. */
export interface ReadEntry extends Recorded {
  class: LeafClass;
  day: string;
  at?: string;
  door?: string;
  /** Only those that can still be opened. */
  fields?: Record<string, FieldValue>;
  /** Some or all of it is gone. */
  erased?: true;
  /** Whom it concerns: only in an answer to a query with `subjects`, and only while it can be opened. */
  subject?: string;
}

/** How many entries of one day and class have, or lost, their payload. */
export interface PayloadCount {
  /** `2026-11-23`, UTC. */
  day: string;
  class: LeafClass;
  /** Entries of which nothing but the leaf is left (or: which are whole, in `held`). */
  whole: number;
  /** Entries of which only the personal part is gone. */
  personal: number;
}

/** What one erasure took from the log. Its leaf states these counts, never indexes: a list would re-link the person. */
export interface LogErasure extends Recorded {
  counts: PayloadCount[];
  entries: number;
}

/** Beside an erasure, in its transaction and its leaf. */
export interface ErasureOptions {
  /** Further fields of the leaf (`step`, `reason`, …). They are kept for good and shown to auditors: nothing personal. */
  fields?: Readonly<Record<string, FieldValue>>;
  /** Writes to the ledger database in the same transaction. */
  alongside?: () => void;
}

/** Something a verifier found wrong, and where. */
export interface Finding {
  /** A code with a sentence: `finding.<code>` in `core/audit/words`. */
  code: string;
  /** `checkpoint`, `tile/0/x001/067`, `entry 67210`, `2026-11-23 decision`. */
  place: string;
  params?: Readonly<Record<string, string | number>>;
}

/** What an auditor without the database needs for the coverage check: counts, and the erasure leaves' disclosures. */
export interface CoverageSummary {
  origin: string;
  size: number;
  /** Payloads there are, per day and class: `whole` complete ones, `personal` ones whose personal part is gone. */
  held: PayloadCount[];
  /** Every erasure entry, with all its disclosures. */
  erasures: { index: number; disclosures: string[] }[];
}
/** The transparency log (RFC 6962 tree, C2SP checkpoint). */
export interface AuditLog {
  readonly origin: string;
  readonly size: number;
  /**
   * Appends in the next group commit (a few milliseconds); resolves when leaf, payload and signed checkpoint are
   * durable. @throws LimenError `log-failed` (and nothing is appended) when the disk refuses.
   */
  append(entry: LogEntry): Promise<Recorded>;
  /**
   * Appends at once, in ONE transaction with whatever `alongside` writes to the ledger database.
   * @throws LimenError `log-failed`; then nothing of either is written.
   */
  appendWith(entries: readonly LogEntry[], alongside?: () => void): Recorded[];
  /** The newest signed checkpoint (C2SP signed note). */
  checkpoint(): string;
  /** The verifier key line `name+hash+base64`. */
  readonly vkey: string;
  inclusion(index: number, size?: number): Buffer[];
  consistency(from: number, to?: number): Buffer[];
  /**
   * The C2SP tlog-proof file of one entry: the receipt somebody keeps. Its `extra` line is JSON with the `leaf` and, when
   * `disclose`, what is still open of the entry, so that the file alone proves what was recorded.
   */
  proofFile(index: number, options?: { disclose?: boolean }): string;
  /** One entry with its fields where they can still be opened. */
  read(index: number): ReadEntry | undefined;
  /** Entries with one of these classes, newest first; by door or by subject. */
  query(filter: {
    classes?: readonly LeafClass[];
    door?: string;
    subject?: string;
    since?: Date;
    until?: Date;
    /** Only entries older than this leaf: to go on where the last answer ended. */
    before?: number;
    limit?: number;
    /** Also says whom each entry concerns: for a release that two people have approved, and for nothing else. */
    subjects?: true;
  }): ReadEntry[];
  /** Indexes of one person's entries of these classes, oldest first: what is read one by one, in turns. */
  indexesOf(subject: string, classes: readonly LeafClass[]): number[];
  /** Payloads still held, per day and class, oldest day first: what a retention preview shows. */
  held(): PayloadCount[];
  /**
   * In one transaction: deletes what these people's keys seal, and appends an erasure leaf with the counts. Leaves the
   * keys, the WAL and the KEK to the erasure sequence. Batch people where possible: the counts then say less.
   */
  eraseSubjects(subjects: readonly string[], options?: ErasureOptions): LogErasure;
  /**
   * In one transaction: destroys the keys and payloads of these days' entries of these classes (never `erasure`), and
   * appends an erasure leaf with the counts. `personal`: only what names people; the rest of the entry stays.
   */
  eraseDays(
    days: readonly string[],
    what: { classes: readonly LeafClass[]; part?: "personal" | "all" },
    options?: ErasureOptions,
  ): LogErasure;
  /**
   * After a restore, which brings back payloads without the keys of those they concern: deletes what nothing opens any
   * more, and appends an erasure leaf with the counts.
   */
  eraseUnreadable(options?: ErasureOptions): LogErasure;
  /**
   * Opens every payload, recomputes its commitment, and checks that each one missing is covered by an erasure count.
   * Any finding is tampering or damage.
   */
  coverage(): { findings: Finding[]; summary: CoverageSummary };
  /** The same a few milliseconds at a time, for a log in use; begins anew when something is erased meanwhile. */
  coverageInTurns(): Promise<{ findings: Finding[]; summary: CoverageSummary }>;
  /** Keeps a checkpoint of this log with its witnesses' cosignature lines; proof files are then made to it. */
  keepWitnessed(checkpoint: string, lines: readonly string[]): void;
  /** Writes the static tiles and `checkpoint` files (tlog-tiles) that are not there yet. Idempotent. By itself, a second after a commit. */
  publish(): Promise<void>;
  /** Commits what waits. Tiles not yet published follow at the next start. */
  close(): void;
}
