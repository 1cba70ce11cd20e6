import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import type { ChipKind } from "../devices/cards/chip-kind.ts";
import { keyCount, keyNumbers } from "../devices/cards/ntag424/chip.ts";
import { diversified } from "../devices/cards/ntag424/diversify.ts";
import type { Migration } from "../store/migrate.ts";
import type { KeyRing } from "../store/types.ts";
import { numberHash } from "./cards.ts";

/**
 * Cards with a chip of their own keys. The keys are nowhere: they come from the site's master key, the card's number and
 * a random part that lies here. When the row goes, with its credential or its person, nobody can make the keys again.
 */
export const chipMigrations: readonly Migration[] = [
  {
    version: 1,
    name: "chip cards",
    sql: `CREATE TABLE chip_card (
      -- keyed hash of its UID, as in card_form
      number BLOB PRIMARY KEY,
      person TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
      -- none: being written, and not issued before it was proved
      credential TEXT UNIQUE REFERENCES credential (id) ON DELETE CASCADE,
      part BLOB NOT NULL,
      key_version INTEGER NOT NULL,
      -- signs a URL at every reading
      sun INTEGER NOT NULL,
      -- also opens where a reader only reads its number, as a card that can be copied
      by_number INTEGER NOT NULL,
      -- the highest count of readings taken; -1: none yet
      counter INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID`,
  },
  {
    version: 2,
    name: "kinds of chip",
    sql: `ALTER TABLE chip_card ADD COLUMN chip TEXT NOT NULL DEFAULT 'ntag424' CHECK (chip IN ('ntag424', 'desfire'))`,
  },
];

export interface ChipRow {
  number: Buffer;
  person: string;
  credential: string | null;
  part: Buffer;
  key_version: number;
  sun: number;
  by_number: number;
  counter: number;
  chip: ChipKind;
}

/** UID of an NTAG 424 DNA or a DESFire: seven bytes. */
export const chipNumber = (uid: string): { hex: string; bits: number } => ({ hex: uid, bits: 56 });

/** Which master key new cards are written under. */
export const keyVersion = 1;

/** Chip cards as they are stored, and their keys. */
export class Chips {
  readonly #db: DatabaseSync;
  readonly #ring: Pick<KeyRing, "secret">;

  constructor(db: DatabaseSync, ring: Pick<KeyRing, "secret">) {
    this.#db = db;
    this.#ring = ring;
  }

  find(uid: string): ChipRow | undefined {
    const row = this.#db.prepare("SELECT * FROM chip_card WHERE number = ?").get(this.#hash(uid));
    return row && ({ ...row, part: Buffer.from(row.part as Uint8Array) } as unknown as ChipRow);
  }

  /**
   * Takes down that a card is about to be written: durable before its first key changes, or a card torn away in the
   * middle would be lost to everybody. One that was begun before keeps its keys.
   */
  begin(
    uid: string,
    person: string,
    { chip, sun, byNumber }: { chip: ChipKind; sun: boolean; byNumber: boolean },
  ): ChipRow {
    this.#db
      .prepare(
        `INSERT INTO chip_card (number, person, credential, part, key_version, sun, by_number, counter, chip)
         VALUES (?, ?, NULL, ?, ?, ?, ?, -1, ?)
         ON CONFLICT (number) DO UPDATE SET person = excluded.person, credential = NULL, sun = excluded.sun,
           by_number = excluded.by_number, chip = excluded.chip`,
      )
      .run(this.#hash(uid), person, randomBytes(16), keyVersion, Number(sun), Number(byNumber), chip);
    return this.find(uid)!;
  }

  /** The card is written and proved, and this is its credential. @param counter what it counted when it was proved */
  issued(uid: string, credential: string, counter = -1): void {
    this.#db
      .prepare("UPDATE chip_card SET credential = ?, counter = max(counter, ?) WHERE number = ?")
      .run(credential, counter, this.#hash(uid));
  }

  /**
   * Takes a reading by its count, once and only rising. Durable when it returns, so that no crash lets it be taken again.
   * @returns whether it was a new one
   */
  take(uid: string, counter: number): boolean {
    const { changes } = this.#db
      .prepare("UPDATE chip_card SET counter = ? WHERE number = ? AND counter < ?")
      .run(counter, this.#hash(uid), counter);
    return changes === 1;
  }

  /** Whether the chip card behind a credential also opens by its number alone. */
  byNumber(credential: string): boolean {
    return (
      this.#db.prepare("SELECT by_number FROM chip_card WHERE credential = ?").get(credential)?.by_number ===
      1
    );
  }

  /** A card's five keys. All but the meta key are its own. */
  keysOf(uid: string, { part, key_version }: Pick<ChipRow, "part" | "key_version">): Buffer[] {
    const master = this.#ring.secret(`chip-cards/${key_version}`).subarray(0, 16);
    return Array.from({ length: keyCount }, (_, number) =>
      number === keyNumbers.meta
        ? this.meta(key_version)
        : diversified(master, Buffer.concat([Buffer.from(uid, "hex"), Buffer.of(number), part])),
    );
  }

  /** The site's key for who-is-it in a card's URL. */
  meta(version: number = keyVersion): Buffer {
    return this.#ring.secret(`chip-cards-meta/${version}`).subarray(0, 16);
  }

  #hash(uid: string): Buffer {
    return numberHash(this.#ring.secret("card-number"), chipNumber(uid));
  }
}
