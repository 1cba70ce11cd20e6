import type { DatabaseSync } from "node:sqlite";
import type { ChipKind } from "../devices/cards/chip-kind.ts";
import { keyNumbers } from "../devices/cards/ntag424/chip.ts";
import type { Personal } from "../devices/cards/ntag424/personalise.ts";
import { findSun, isFresh, openSun, uidIn } from "../devices/cards/ntag424/sun.ts";
import { LimenError } from "../errors.ts";
import type { KeyRing } from "../store/types.ts";
import type { By } from "./by.ts";
import { type ChipRow, Chips, chipNumber, keyVersion } from "./chips.ts";
import type { Credentials } from "./credentials.ts";
import type { Assurance, Sensed } from "./types.ts";

export interface StrongCardsDeps {
  /** `people.db`, with `peopleMigrations` and `chipMigrations`. */
  db: DatabaseSync;
  ring: Pick<KeyRing, "secret">;
  credentials: Pick<Credentials, "checkCard" | "issueChip" | "sensed">;
}

/** What is to become of a card. */
export interface ChipOrder {
  person: string;
  /** Signs a URL at every reading, for readers that only read. */
  sun: boolean;
  /** Also opens doors whose reader only reads its number. */
  byNumber: boolean;
  doors?: string[];
  /** RFC 3339. */
  validUntil?: string;
  /** Who gives it, for the record. */
  by?: By;
}

const isUid = (uid: string): boolean => /^[0-9A-F]{14}$/.test(uid);

/** Cards that prove who they are: NTAG 424 DNA or DESFire with keys of this site. Their keys are made here and never handed out. */
export class StrongCards {
  readonly #chips: Chips;
  readonly #credentials: StrongCardsDeps["credentials"];

  constructor({ db, ring, credentials }: StrongCardsDeps) {
    this.#chips = new Chips(db, ring);
    this.#credentials = credentials;
  }

  /**
   * Prepares a card for being written.
   * @param uid 14 hex digits, upper case
   * @throws LimenError `card-other-chip` for a UID of another length or a chip that cannot sign, `card-taken` for one in use
   */
  begin(
    uid: string,
    { person, sun, byNumber }: ChipOrder,
    chip: ChipKind = "ntag424",
  ): Omit<Personal, "random"> {
    if (sun && chip !== "ntag424") throw new LimenError("card-signs-nothing", { status: 422 });
    if (!isUid(uid)) throw new LimenError("card-other-chip", { status: 422 });
    this.#credentials.checkCard(chipNumber(uid), "UID");
    const begun = this.#chips.find(uid) !== undefined;
    const row = this.#chips.begin(uid, person, { chip, sun, byNumber });
    return { uid, keys: this.#chips.keysOf(uid, row), keyVersion, begun, sun };
  }

  /**
   * Issues a card that was written and proved. @param counter its count of readings, where it signs its URL
   * @throws LimenError `person-unknown`, `residency-ended`, `card-taken`, `log-failed`
   */
  issue(
    uid: string,
    { person, doors, validUntil, by }: ChipOrder,
    counter: number | undefined,
  ): { id: string; assurance: Assurance } {
    const card = { person, ...(doors && { doors }), ...(validUntil !== undefined && { validUntil }) };
    const also = (id: string): void => this.#chips.issued(uid, id, counter);
    return this.#credentials.issueChip(card, chipNumber(uid), also, by);
  }

  /** Does this number belong to a card that can be asked for a proof? */
  has(uid: string): boolean {
    return isUid(uid) && this.#issued(uid) !== undefined;
  }

  /** The key a card has to prove at a door, and its number on the card. @throws LimenError `credential-unknown` */
  proofOf(uid: string): { chip: ChipKind; key: Buffer; number: number } {
    const row = this.#issued(uid);
    if (!row) throw new LimenError("credential-unknown", { status: 404 });
    return { chip: row.chip, key: this.#chips.keysOf(uid, row)[keyNumbers.door]!, number: keyNumbers.door };
  }

  /** Whose card this is, once it has proved that it is the one; or who is being copied, when it could not. */
  sensed(uid: string, proved: boolean): Sensed {
    const row = this.#issued(uid);
    if (!row) return { code: "no-such-credential" };
    const { person, credential } = row;
    return proved
      ? this.#credentials.sensed(credential, "card")
      : { code: "card-not-genuine", person, credential };
  }

  /**
   * Whose card signed this text? Its count is taken before the answer, once and only rising: a URL that was photographed,
   * sent on or kept opens nothing after the card was read again.
   */
  findSun(text: string): Sensed {
    const sun = findSun(text);
    const uid = sun && uidIn(sun, this.#chips.meta());
    const row = uid && this.#issued(uid);
    if (!sun || !uid || !row || row.sun !== 1) return { code: "no-such-credential" };
    const { person, credential } = row;
    const keys = this.#chips.keysOf(uid, row);
    try {
      const tap = openSun(sun, { meta: keys[keyNumbers.meta]!, file: keys[keyNumbers.file]! });
      if (!isFresh(tap, row.counter) || !this.#chips.take(uid, tap.counter))
        return { code: "replayed", person, credential };
    } catch (error) {
      if (error instanceof LimenError) return { code: "card-not-genuine", person, credential };
      throw error;
    }
    return this.#credentials.sensed(credential, "card");
  }

  #issued(uid: string): (ChipRow & { credential: string }) | undefined {
    const row = this.#chips.find(uid);
    return row && row.credential !== null ? { ...row, credential: row.credential } : undefined;
  }
}
