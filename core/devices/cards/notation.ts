import { LimenError } from "../../errors.ts";
import { hexOf } from "./reading.ts";

/** A card number with nothing left of how it was printed. */
export interface CardNumber {
  /** Upper-case hex, air order, most significant first. */
  hex: string;
  bits: number;
}

interface Notation {
  /** What the number may look like; the groups are handed to `read`. */
  shape: RegExp;
  /** An example that is valid, for the sentence an error becomes. */
  example: string;
  /** The number, or undefined when a part is out of range. */
  read(...groups: string[]): CardNumber | undefined;
}

const separator = "[,.:\\- ]";

const whole = (digits: string, bits: number): CardNumber | undefined => {
  const value = BigInt(digits);
  return value >> BigInt(bits) === 0n ? { hex: hexOf(value, bits), bits } : undefined;
};

/** Two decimal halves printed side by side, e.g. facility code and card number. */
const halves = (high: string, low: string, highBits: number, lowBits: number): CardNumber | undefined => {
  if (BigInt(high) >> BigInt(highBits) !== 0n || BigInt(low) >> BigInt(lowBits) !== 0n) return undefined;
  return {
    hex: hexOf((BigInt(high) << BigInt(lowBits)) | BigInt(low), highBits + lowBits),
    bits: highBits + lowBits,
  };
};

const hexDigits = (digits: string): CardNumber => ({ hex: digits.toUpperCase(), bits: digits.length * 4 });

const reversed = ({ hex, bits }: CardNumber): CardNumber => ({
  hex: Buffer.from(hex, "hex").reverse().toString("hex").toUpperCase(),
  bits,
});

const uid = (digits: string): CardNumber => hexDigits(digits.replace(/[: -]/g, ""));
const uidShape =
  /^((?:[0-9a-f]{2}[: -]?){3}[0-9a-f]{2}|(?:[0-9a-f]{2}[: -]?){6}[0-9a-f]{2}|(?:[0-9a-f]{2}[: -]?){9}[0-9a-f]{2})$/i;

/**
 * The ways a card's number is printed and sent. The same card has many: 6H8D and WG26 are both eight digits and both
 * plausible, so a notation is always named and never guessed.
 *
 * H: hex digits, D: decimal digits. `8H10D`: the low 8 hex digits (32 bits) as 10 decimal digits.
 */
const notations = {
  /** EM4100, all 40 bits in hex. */
  "10H": { shape: /^([0-9a-f]{10})$/i, example: "01026F6C3A", read: hexDigits },
  /** EM4100, all 40 bits in decimal; vendors print 12, 13 or 14 digits. */
  "10H13D": { shape: /^(\d{12,14})$/, example: "0004335823930", read: (digits) => whole(digits, 40) },
  "8H": { shape: /^([0-9a-f]{8})$/i, example: "026F6C3A", read: hexDigits },
  /** "Ten digits", ABA10: the low 32 bits. */
  "8H10D": { shape: /^(\d{10})$/, example: "0040856634", read: (digits) => whole(digits, 32) },
  /** What a Wiegand-26 converter prints: XXYYZZ. */
  "6H": { shape: /^([0-9a-f]{6})$/i, example: "6F6C3A", read: hexDigits },
  /** The low 24 bits as one number. */
  "6H8D": { shape: /^(\d{8})$/, example: "07302202", read: (digits) => whole(digits, 24) },
  /** "3,5": facility code and number of the same 24 bits. */
  WG26: {
    shape: new RegExp(`^(\\d{1,3})${separator}(\\d{1,5})$|^(\\d{3})(\\d{5})$`),
    example: "111,27706",
    read: (high, low) => halves(high!, low!, 8, 16),
  },
  /** "5,5": two halves of 32 bits. */
  "4H4H": {
    shape: new RegExp(`^(\\d{1,5})${separator}(\\d{1,5})$|^(\\d{5})(\\d{5})$`),
    example: "00623,27706",
    read: (high, low) => halves(high!, low!, 16, 16),
  },
  /** H10304: 16 bits of facility code, 19 of number. */
  WG37: {
    shape: new RegExp(`^(\\d{1,5})${separator}(\\d{1,6})$`),
    example: "12345,123456",
    read: (high, low) => halves(high!, low!, 16, 19),
  },
  /** ISO 14443 UID, first byte over the air first: 4, 7 or 10 bytes. */
  UID: { shape: uidShape, example: "04DE5F1EACC040", read: uid },
  /** The same with the last byte first, as some readers send it. */
  "UID-LSB": { shape: uidShape, example: "40C0AC1E5FDE04", read: (digits) => reversed(uid(digits)) },
  /** A 4-byte UID as ten decimal digits, first byte most significant. */
  "UID-10D": { shape: /^(\d{10})$/, example: "3735928559", read: (digits) => whole(digits, 32) },
  /** A 4-byte UID as ten decimal digits, first byte least significant. */
  "UID-10D-LSB": {
    shape: /^(\d{10})$/,
    example: "4022250974",
    read: (digits) => {
      const number = whole(digits, 32);
      return number && reversed(number);
    },
  },
} as const satisfies Record<string, Notation>;

/** A number of fewer bits is no card's, and one of more fits on no line (`site-formats`). */
const [fewest, most] = [16, 64];
const sized = (bits: number): boolean => bits >= fewest && bits <= most;

/**
 * How people type what no reader prints. `SITE`: a card of a layout the installer named (`SiteFormat`), with the width of its
 * parts before the number, as the layout's spans say: `12+20:3456,123456` for facility code and card, `32:123456` for a number
 * in one piece.
 */
const typed = {
  SITE: {
    shape: new RegExp(
      `^(\\d{1,2})\\+(\\d{1,2}): ?(\\d{1,15})${separator}(\\d{1,15})$|^(\\d{1,2}): ?(\\d{1,20})$`,
    ),
    example: "12+20:3456,123456",
    read: (first, second, high, low) => {
      if (high === undefined) return sized(Number(first)) ? whole(second!, Number(first)) : undefined;
      const [highBits, lowBits] = [Number(first), Number(second)];
      return sized(highBits + lowBits) ? halves(high, low!, highBits, lowBits) : undefined;
    },
  },
} as const satisfies Record<string, Notation>;

export type NotationName = keyof typeof notations;
export const notationNames = Object.keys(notations) as NotationName[];

const every: Readonly<Record<string, Notation>> = { ...notations, ...typed };

/**
 * A 4-byte UID that begins 08 is made up anew at every tap (ISO/IEC 14443-3: RID, as phones and some DESFire do), so it
 * can be nobody's card.
 */
export const isRandomUid = (hex: string): boolean => hex.length === 8 && hex.startsWith("08");

/**
 * Reads a card number as it is printed or sent.
 * @param notation one of `notationNames`, or `SITE`; never guessed
 * @throws LimenError `notation-unknown` at /notation; `card-number-form` (not of that shape), `card-number-range` (a
 *   part too large) or `card-uid-random` at /number
 */
export function parseNotation(notation: string, number: string): CardNumber {
  const named = Object.hasOwn(every, notation) ? every[notation] : undefined;
  if (!named)
    throw new LimenError("notation-unknown", { field: "/notation", params: { field: "/notation" } });
  const { shape, example, read } = named;
  const params = { field: "/number", notation, example };
  const groups = shape.exec(number.trim());
  if (!groups) throw new LimenError("card-number-form", { field: "/number", params });
  const found = read(...groups.slice(1).filter((group) => group !== undefined));
  if (!found) throw new LimenError("card-number-range", { field: "/number", params });
  if (notation.startsWith("UID") && isRandomUid(found.hex))
    throw new LimenError("card-uid-random", { field: "/number", params: { field: "/number" } });
  return found;
}

/** The lengths one EM4100 number is cut to on its way: a reader of fewer bits sends the low ones. */
const cuts = [32, 24];

/**
 * The number as readers of fewer bits see it: the whole one first, then the low 32 and low 24 bits. Two credentials with
 * an equal form cannot be told apart by such a reader, so the second must be refused at issue. A 7- or 10-byte UID and a
 * 37-bit card have only themselves: what a shorter reader makes of those differs by maker.
 */
export function forms({ hex, bits }: CardNumber): CardNumber[] {
  const value = BigInt(`0x${hex}`);
  const shorter = bits === 40 || bits === 32 ? cuts.filter((cut) => cut < bits) : [];
  return [{ hex, bits }, ...shorter.map((cut) => ({ hex: hexOf(value, cut), bits: cut }))];
}
