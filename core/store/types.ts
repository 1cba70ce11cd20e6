/** Keys of one kind, wrapped under the KEK, in the ring's own table: a rotation cannot forget one. */
export interface WrappedKeys {
  /** A new random 32-byte key, or the one already there. Durable with the transaction it is called in. */
  create(id: string): Buffer;
  get(id: string): Buffer | undefined;
  /** Deletes the wrapped key. Unreadable for good once the WAL is truncated and the KEK rotated. */
  destroy(id: string): void;
  ids(): string[];
}

/** Keys of the site. Nothing outside core/store ever holds the KEK; subject and day keys stay inside the vault process. */
export interface KeyRing {
  /** Counts up with every rotation; written into erasure receipts. */
  readonly generation: number;
  /** Are the slots locked under a key the service manager unsealed? */
  readonly store: "slots" | "systemd-creds";
  /** Codes of what an installer must know about the disk the keys lie on; empty when nothing. */
  readonly warnings: readonly string[];
  /** AES-256-KW (RFC 3394) of a 32-byte key under the present KEK. @returns 40 bytes */
  wrap(key: Buffer): Buffer;
  /** @throws LimenError `key-unwrap` when the wrapped key is of another generation or damaged */
  unwrap(wrapped: Buffer): Buffer;
  /** The ring's own table of wrapped keys, by kind (`subject`, `day`, …). Survives rotations by itself. */
  keys(kind: string): WrappedKeys;
  /**
   * A new KEK in the spare slot; every key of the ring's table rewrapped, and in the same transaction whatever `rewrap`
   * keeps elsewhere in the same database; then the old slot zeroed in place and synced. Crash-safe: at the next start
   * the table tells which of two slots is the live one, and the other is zeroed.
   * @returns the new generation
   */
  rotate(rewrap?: (from: (wrapped: Buffer) => Buffer, to: (key: Buffer) => Buffer) => void): number;
  /** A named 32-byte secret of the site derived from a random root that is itself wrapped: HMAC keys, tokens, rotation. */
  secret(name: string): Buffer;
  close(): void;
}

/** What a sealed record is bound to; a record pasted onto another row does not open. */
export interface SealContext {
  kind: string;
  version: number;
  site: string;
  subject: string;
  model?: string;
}

/** One 32-byte key per person; its destruction is the erasure of everything sealed under it. */
export interface SubjectKeys {
  create(subject: string): Buffer;
  get(subject: string): Buffer | undefined;
  destroy(subject: string): void;
}

/** One 32-byte key per day (`2026-11-23`, UTC); its destruction is the end of that day's payloads. */
export interface DayKeys extends WrappedKeys {}
