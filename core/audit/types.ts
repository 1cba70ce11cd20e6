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
  fields?: Record<string, FieldValue>;
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
  /** The C2SP tlog-proof file of one entry: the receipt somebody keeps. */
  proofFile(index: number): string;
  /** One entry with its fields where they can still be opened. */
  read(index: number): ReadEntry | undefined;
  /** Entries with one of these classes, newest first; by door or by subject. */
  query(filter: {
    classes?: readonly LeafClass[];
    door?: string;
    subject?: string;
    since?: Date;
    until?: Date;
    limit?: number;
  }): ReadEntry[];
  /** Writes the static tiles and `checkpoint` files (tlog-tiles) that are not there yet. Idempotent. */
  publish(): void;
  close(): void;
}
