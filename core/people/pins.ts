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

/** Stored codes: argon2id, found by bucket. */
export class PinIndex {
  readonly #db: DatabaseSync;
  readonly #secret: Buffer;

  /** @param secret 32 bytes (`ring.secret("pin-bucket")`) */
  constructor(db: DatabaseSync, secret: Buffer) {
    this.#db = db;
    this.#secret = secret;
  }

  /** A new code nobody has, with what is to be stored of it. */
  async generate(): Promise<{ pin: string; bucket: number; phc: string }> {
    const { codes } = this.#db.prepare("SELECT count(*) AS codes FROM pin").get() as { codes: number };
    const digits = pinDigits(codes + 1);
    for (;;) {
      const pin = Array.from({ length: digits }, () => randomInt(10)).join("");
      if (trivial(pin) || (await this.find(pin))) continue;
      return { pin, bucket: this.#bucket(pin), phc: await hashSecret(pin) };
    }
  }

  add(credential: string, { bucket, phc }: { bucket: number; phc: string }, duress: boolean): void {
    this.#db
      .prepare("INSERT INTO pin (credential, bucket, phc, duress) VALUES (?, ?, ?, ?)")
      .run(credential, bucket, phc, duress ? 1 : 0);
  }

  /** Whose code is this? As slow for nobody's as for somebody's. */
  async find(pin: string): Promise<{ credential: string; duress: boolean } | undefined> {
    const rows = this.#db
      .prepare("SELECT credential, phc, duress FROM pin WHERE bucket = ?")
      .all(this.#bucket(pin)) as { credential: string; phc: string; duress: number }[];
    if (rows.length === 0) await verifyNothing(pin);
    const hits = await Promise.all(rows.map(({ phc }) => verifySecret(pin, phc)));
    const row = rows[hits.indexOf(true)];
    return row && { credential: row.credential, duress: row.duress === 1 };
  }

  #bucket(pin: string): number {
    return createHmac("sha256", this.#secret).update(`pin|${pin}`).digest().readUInt32BE() % buckets;
  }
}
