import { LineSplitter } from "../cards/lines.ts";
import type { Key } from "../cards/reading.ts";
import { keyOf4bit, keyOf8bit, keyOfOsdp } from "./bursts.ts";

/**
 * How a keypad sends its keys. `keys`: a character a press. `shared`: the same on a wire that also carries card numbers;
 * only a byte that stands alone is a press. `code`: a whole code a message. `w26-bcd`, `w26-number`: a whole code as a card
 * of 26 bits, which a converter prints in hex as it does a card.
 */
export const keypadFormats = [
  "keys",
  "shared",
  "wiegand4",
  "wiegand8",
  "osdp",
  "code",
  "w26-bcd",
  "w26-number",
] as const;
export type KeypadFormat = (typeof keypadFormats)[number];

/** Bytes in, presses out. Never throws; holds at most one byte of a line. */
export interface KeySource {
  push(bytes: Uint8Array, at: number): Key[];
  /** For `shared`: a byte that has stood alone long enough. */
  flush(at: number): Key[];
  readonly waitMs: number | undefined;
}

/** Silence that makes a byte a press where card numbers share the wire, ms (S4A converters use 25). */
const aloneMs = 25;

/** A character as keypads and Wiegand converters print it: A and B are the 4-bit codes of `*` and `#`. */
function keyOfText(char: number): Key | undefined {
  if (char === 0x0d || char === 0x0a) return "#";
  if (char === 0x41 || char === 0x42) return keyOf4bit(char - 0x37);
  return char === 0x7f ? undefined : keyOfOsdp(char);
}

type ByKey = Exclude<KeypadFormat, "shared" | "code" | "w26-bcd" | "w26-number">;

const readers: Record<ByKey, (byte: number) => Key | undefined> = {
  keys: keyOfText,
  wiegand4: keyOf4bit,
  wiegand8: keyOf8bit,
  osdp: keyOfOsdp,
};

const simple = (read: (byte: number) => Key | undefined): KeySource => ({
  waitMs: undefined,
  flush: () => [],
  push: (bytes) => Array.from(bytes, read).filter((key) => key !== undefined),
});

const entered = (digits: string): Key[] => ["*", ...digits, "#"] as Key[];

/** A message is one code, whole: it is entered as if `#` had followed. Anything else in it makes it nothing. */
const wholeCode: KeySource = {
  waitMs: undefined,
  flush: () => [],
  push: (bytes) => {
    const text = Buffer.from(bytes).toString("latin1").trim();
    return /^\d{1,16}#?$/.test(text) ? entered(text.replace("#", "")) : [];
  },
};

/**
 * A whole code in the 24 bits of a Wiegand-26 card (Rosslare AYC keypads): six digits, four bits each, or a number to 65,535
 * under the keypad's own facility code. A number has no leading zeros. Nothing tells such a code from a card, so this is for
 * a line on which there are no cards, or, as a number, a facility code no card has.
 */
class CodeAsCard implements KeySource {
  readonly #lines = new LineSplitter({ maxLength: 64, gapMs: 1000 });
  readonly #read: (hex: string) => string | undefined;

  constructor(read: (hex: string) => string | undefined) {
    this.#read = read;
  }

  get waitMs(): number | undefined {
    return this.#lines.waitMs;
  }

  push(bytes: Uint8Array, at: number): Key[] {
    return this.#keys(this.#lines.push(bytes, at));
  }

  flush(at: number): Key[] {
    return this.#keys(this.#lines.flush(at));
  }

  #keys(lines: ReturnType<LineSplitter["push"]>): Key[] {
    return lines.flatMap((line) => {
      const hex = line.kind === "line" && /^[0-9a-f]{6}$/i.test(line.text) ? line.text : undefined;
      const digits = hex && this.#read(hex);
      return digits ? entered(digits) : [];
    });
  }
}

const bcd = (hex: string): string | undefined => (/^\d{6}$/.test(hex) ? hex : undefined);
const numberUnder =
  (facility: number) =>
  (hex: string): string | undefined =>
    Number.parseInt(hex.slice(0, 2), 16) === facility ? String(Number.parseInt(hex.slice(2), 16)) : undefined;

class SharedWire implements KeySource {
  readonly #lines = new LineSplitter({ maxLength: 64, gapMs: 1000, loneMs: aloneMs });

  get waitMs(): number | undefined {
    return this.#lines.waitMs;
  }

  push(bytes: Uint8Array, at: number): Key[] {
    return this.#keys(this.#lines.push(bytes, at));
  }

  flush(at: number): Key[] {
    return this.#keys(this.#lines.flush(at));
  }

  #keys(lines: ReturnType<LineSplitter["push"]>): Key[] {
    return lines.flatMap((line) => {
      const key = line.kind === "lone" ? (keyOfText(line.byte) ?? keyOf8bit(line.byte)) : undefined;
      return key ? [key] : [];
    });
  }
}

/** @param facility the keypad's own facility code: of `w26-number` only, where every other is a card's */
export function keySourceFor(format: KeypadFormat, facility = 0): KeySource {
  if (format === "shared") return new SharedWire();
  if (format === "w26-bcd") return new CodeAsCard(bcd);
  if (format === "w26-number") return new CodeAsCard(numberUnder(facility));
  return format === "code" ? wholeCode : simple(readers[format]);
}
