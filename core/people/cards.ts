import { createHmac } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { type CardNumber, forms, isRandomUid } from "../devices/cards/notation.ts";
import { LimenError } from "../errors.ts";

/** A form of a number in the index. */
interface Row {
  credential: string;
  whole: number;
  bits: number;
  active: number;
}

/**
 * Whose card is this number? Numbers exist here only as HMAC-SHA-256 under a secret of the site: 24 or 32 bits are few
 * enough to try all, so a plain hash would hide nothing.
 *
 * A credential is indexed under the bits known at issue, and under what a reader of fewer bits would make of them. No two
 * active credentials share any form (`add` refuses), so every reader's answer is one credential or none.
 */
export class CardIndex {
  readonly #db: DatabaseSync;
  readonly #secret: Buffer;

  /** @param secret 32 bytes (`ring.secret("card-number")`) */
  constructor(db: DatabaseSync, secret: Buffer) {
    this.#db = db;
    this.#secret = secret;
  }

  /**
   * Checks a number that is to be issued.
   * @throws LimenError `card-uid-random`, `card-taken` (the same number), `card-collides` (the same to a reader of
   *   `bits` bits) at /number
   */
  check(number: CardNumber, notation: string): void {
    if (notation.startsWith("UID") && isRandomUid(number.hex)) {
      throw new LimenError("card-uid-random", { field: "/number", params: { field: "/number" } });
    }
    for (const form of forms(number)) {
      const other = this.#rows(form).find(({ active }) => active === 1);
      if (!other) continue;
      const same = form.bits === number.bits && other.whole === 1;
      throw new LimenError(same ? "card-taken" : "card-collides", {
        field: "/number",
        params: { bits: form.bits },
        status: 409,
      });
    }
  }

  /** Indexes a checked number. */
  add(credential: string, number: CardNumber): void {
    const insert = this.#db.prepare(
      "INSERT INTO card_form (hash, bits, whole, credential) VALUES (?, ?, ?, ?)",
    );
    for (const form of forms(number)) {
      insert.run(this.#hash(form), form.bits, form.bits === number.bits ? 1 : 0, credential);
    }
  }

  /**
   * The credential a reader's number belongs to; an active one before a blocked one. A reader that gives more bits than
   * were known at issue is matched on those it shares.
   */
  find(read: CardNumber): string | undefined {
    for (const form of forms(read)) {
      const all = this.#rows(form);
      // what the reader really saw may be anyone's short form; what it is cut down to must be all that was known at issue
      const rows = form.bits === read.bits ? all : all.filter(({ whole }) => whole === 1);
      const active = rows.filter((row) => row.active === 1);
      const [only, another] = active.length > 0 ? active : rows;
      if (only && !(another && active.length > 1)) return only.credential;
    }
    return undefined;
  }

  /** Whether a reader could take another card in use for this one. */
  isAnothers(credential: string): boolean {
    return (
      this.#db
        .prepare(
          `SELECT 1 FROM card_form f JOIN card_form g ON g.hash = f.hash AND g.credential <> f.credential
           JOIN credential c ON c.id = g.credential WHERE f.credential = ? AND c.state = 'active'`,
        )
        .get(credential) !== undefined
    );
  }

  #rows(form: CardNumber): Row[] {
    return this.#db
      .prepare(
        `SELECT f.credential, f.whole, f.bits, c.state = 'active' AS active
         FROM card_form f JOIN credential c ON c.id = f.credential WHERE f.hash = ? ORDER BY c.issued DESC`,
      )
      .all(this.#hash(form)) as unknown as Row[];
  }

  #hash(number: CardNumber): Buffer {
    return numberHash(this.#secret, number);
  }
}

/** What is stored of a number. @param secret 32 bytes (`ring.secret("card-number")`) */
export const numberHash = (secret: Buffer, { hex, bits }: CardNumber): Buffer =>
  createHmac("sha256", secret).update(`card|${bits}|${hex.toUpperCase()}`).digest();

/** The last digits as printed, to tell two cards apart at a desk. */
export const tailOf = (printed: string): string => printed.replace(/[^0-9A-Za-z]/g, "").slice(-4);
