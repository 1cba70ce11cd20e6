import { createHmac, randomInt } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { hashSecret, verifyNothing, verifySecret } from "./phc.ts";

/** Chance that a made-up code is somebody's, at most. */
const guess = 1e-5;
const fewest = 6;
const most = 10;
/**
 * A code is typed alone, without a name: to check it against one argon2id hash instead of everyone's, each hash lies in
 * one of this many buckets, chosen by a keyed hash of the code. That tells a thief of file and key ten of the code's
 * twenty or more bits.
 */
const buckets = 1024;

/** Digits a code needs so that a guess fits one of `codes` codes with a chance of 1 in 100,000 at most. */
export const pinDigits = (codes: number): number =>
  Math.min(most, Math.max(fewest, Math.ceil(Math.log10(Math.max(1, codes) / guess))));

/** Codes that people try first: one or two digits only, a run, a repeated group, mirrored. */
export function trivial(pin: string): boolean {
  const digits = [...pin].map(Number);
  if (new Set(digits).size < 3) return true;
  const steps = new Set(digits.slice(1).map((digit, at) => (digit - digits[at]! + 10) % 10));
  if (steps.size === 1) return true;
  if (pin === [...pin].reverse().join("")) return true;
  for (let size = 1; size <= pin.length / 2; size += 1) {
    if (pin.length % size === 0 && pin.slice(0, size).repeat(pin.length / size) === pin) return true;
  }
  return /^(19|20)\d\d/.test(pin) && pin.length <= 8; // a year, a birth date
}

/** Fewest digits in which a duress code differs from the code it stands beside. */
const apart = 3;

/**
 * Whether a duress code cannot be typed by a slip, nor guessed from the code: never the code plus or minus one, never the
 * same digits in another order, never a part of it.
 */
export function farApart(pin: string, duress: string): boolean {
  if (pin.includes(duress) || duress.includes(pin)) return false;
  const sorted = (digits: string): string => [...digits].sort().join("");
  if (sorted(pin) === sorted(duress)) return false;
  if (Math.abs(Number(pin) - Number(duress)) <= 100) return false;
  const length = Math.min(pin.length, duress.length);
  const differ = (a: string, b: string): number => [...a].filter((digit, at) => digit !== b[at]).length;
  // from either end, so that a digit more or less makes no other code of it
  return (
    differ(pin.slice(0, length), duress.slice(0, length)) >= apart &&
    differ(pin.slice(-length), duress.slice(-length)) >= apart
  );
}

/** What a hash is worth keeping for: where it lies, and nothing of the code. */
export interface StoredPin {
  bucket: number;
  phc: string;
}

/** Whose code was typed: a credential's own, its duress code, or one that several people share. */
export interface PinHit {
  of: "own" | "duress" | "shared";
  id: string;
}

const tables = [
  ["own", "SELECT credential AS id, phc, duress FROM pin"],
  ["duress", "SELECT credential AS id, phc, 1 AS duress FROM duress_pin"],
  ["shared", "SELECT id, phc, 0 AS duress FROM shared_code"],
] as const;

/** Stored codes: argon2id, found by bucket. */
export class PinIndex {
  readonly #db: DatabaseSync;
  readonly #secret: Buffer;

  /** @param secret 32 bytes (`ring.secret("pin-bucket")`) */
  constructor(db: DatabaseSync, secret: Buffer) {
    this.#db = db;
    this.#secret = secret;
  }

  /** Digits a new code needs. */
  get digits(): number {
    const { codes } = this.#db
      .prepare(
        "SELECT (SELECT count(*) FROM pin) + (SELECT count(*) FROM duress_pin) + (SELECT count(*) FROM shared_code) AS codes",
      )
      .get() as { codes: number };
    return pinDigits(codes + 1);
  }

  /**
   * A new code nobody has, with what is to be stored of it.
   * @param suits further wishes
   */
  async generate(suits: (pin: string) => boolean = () => true): Promise<StoredPin & { pin: string }> {
    const { digits } = this;
    for (;;) {
      const pin = Array.from({ length: digits }, () => randomInt(10)).join("");
      if (trivial(pin) || !suits(pin) || (await this.find(pin))) continue;
      return { pin, ...(await this.store(pin)) };
    }
  }

  /** What is to be kept of a code. */
  async store(pin: string): Promise<StoredPin> {
    return { bucket: this.#bucket(pin), phc: await hashSecret(pin) };
  }

  add(credential: string, { bucket, phc }: StoredPin): void {
    this.#db
      .prepare("INSERT INTO pin (credential, bucket, phc, duress) VALUES (?, ?, ?, 0)")
      .run(credential, bucket, phc);
  }

  /** A credential's one duress code; undefined takes it away. */
  setDuress(credential: string, stored: StoredPin | undefined): void {
    this.#db.prepare("DELETE FROM duress_pin WHERE credential = ?").run(credential);
    if (!stored) return;
    this.#db
      .prepare("INSERT INTO duress_pin (credential, bucket, phc) VALUES (?, ?, ?)")
      .run(credential, stored.bucket, stored.phc);
  }

  hasDuress(credential: string): boolean {
    return this.#db.prepare("SELECT 1 FROM duress_pin WHERE credential = ?").get(credential) !== undefined;
  }

  /** Whose code is this? As slow for nobody's as for somebody's. */
  async find(pin: string): Promise<PinHit | undefined> {
    const bucket = this.#bucket(pin);
    const rows = tables.flatMap(([of, select]) =>
      (
        this.#db.prepare(`${select} WHERE bucket = ?`).all(bucket) as {
          id: string;
          phc: string;
          duress: number;
        }[]
      ).map(({ id, phc, duress }) => ({ of: duress === 1 ? ("duress" as const) : of, id, phc })),
    );
    if (rows.length === 0) await verifyNothing(pin);
    const hits = await Promise.all(rows.map(({ phc }) => verifySecret(pin, phc)));
    const row = rows[hits.indexOf(true)];
    return row && { of: row.of, id: row.id };
  }

  #bucket(pin: string): number {
    return createHmac("sha256", this.#secret).update(`pin|${pin}`).digest().readUInt32BE() % buckets;
  }
}
