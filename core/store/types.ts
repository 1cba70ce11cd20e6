/** Keys of the site. Nothing outside core/store ever holds the KEK; subject and day keys stay inside the vault process. */
export interface KeyRing {
  /** Counts up with every rotation; written into erasure receipts. */
  readonly generation: number;
  /** AES-256-KW (RFC 3394) of a 32-byte key under the present KEK. @returns 40 bytes */
  wrap(key: Buffer): Buffer;
  /** @throws LimenError `key-unwrap` when the wrapped key is of another generation or damaged */
  unwrap(wrapped: Buffer): Buffer;
  /**
   * A new KEK in the spare slot, every survivor rewrapped by `rewrap` (which must be durable on return), then the old
   * slot zeroed in place and synced. Crash-safe: two valid slots at start mean "finish the zeroing".
   */
  rotate(rewrap: (from: (wrapped: Buffer) => Buffer, to: (key: Buffer) => Buffer) => void): number;
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
