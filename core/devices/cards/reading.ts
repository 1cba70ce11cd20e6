/** What a card was on the wire: `decimal` and `hex` are lines of text whose notation the installer named. */
export type CardFormat = "em4100" | "wiegand" | "uid" | "decimal" | "hex";

/**
 * A card as a reader gave it. `number` is the canonical form: upper-case hex of every bit that was really seen, in the
 * order they came over the air, most significant first. It is the key of a clonable card: never log it.
 */
export interface CardReading {
  format: CardFormat;
  notation: string;
  number: string;
  /** How many bits the reader really saw: a WG26 reader sees 24 of an EM4100 card's 40. */
  bits: number;
}

/** Lengths of an ISO 14443 UID, in bits. */
export const uidLengths: readonly number[] = [32, 56, 80];

/** One press of a keypad that shares the card reader's wire. */
export type Key = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9" | "*" | "#";

/** What a reader's bytes turned out to be. */
export type Found =
  | { kind: "card"; card: CardReading }
  | { kind: "key"; key: Key }
  /** A text that a card has signed: as good as the card once, so never log it. */
  | { kind: "signed"; text: string };

/**
 * Bytes in at any split, whole readings out. Never throws, whatever the bytes, and holds a bounded number of them.
 * Times are monotonic milliseconds.
 */
export interface ReaderParser {
  push(bytes: Uint8Array, at: number): Found[];
  /** Ends what is waiting for more bytes once its gap is over; call it when `waitMs` after the last push has passed. */
  flush(at: number): Found[];
  /** Milliseconds after which `flush` has something to do; undefined while nothing is pending. */
  readonly waitMs: number | undefined;
  /** Frames that were damaged, too long, or not of this reader's kind, since the start. */
  readonly rejected: number;
  /** Bytes kept for a frame that is not finished: never more than one frame. */
  readonly held: number;
}

/** Upper-case hex of the low `bits` of a number, padded to whole digits. */
export const hexOf = (value: bigint, bits: number): string =>
  BigInt.asUintN(bits, value)
    .toString(16)
    .toUpperCase()
    .padStart(Math.ceil(bits / 4), "0");
