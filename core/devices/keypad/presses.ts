import { LineSplitter } from "../cards/lines.ts";
import type { Key } from "../cards/reading.ts";
import { keyOf4bit, keyOf8bit, keyOfOsdp } from "./bursts.ts";

/**
 * How a keypad sends its keys. `keys`: a character a press. `shared`: the same on a wire that also carries card numbers;
 * only a byte that stands alone is a press. `code`: a whole code a message.
 */
export const keypadFormats = ["keys", "shared", "wiegand4", "wiegand8", "osdp", "code"] as const;
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

const readers: Record<Exclude<KeypadFormat, "shared" | "code">, (byte: number) => Key | undefined> = {
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

/** A message is one code, whole: it is entered as if `#` had followed. Anything else in it makes it nothing. */
const wholeCode: KeySource = {
  waitMs: undefined,
  flush: () => [],
  push: (bytes) => {
    const text = Buffer.from(bytes).toString("latin1").trim();
    return /^\d{1,16}#?$/.test(text) ? (["*", ...text.replace("#", ""), "#"] as Key[]) : [];
  },
};

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

export function keySourceFor(format: KeypadFormat): KeySource {
  if (format === "shared") return new SharedWire();
  return format === "code" ? wholeCode : simple(readers[format]);
}
