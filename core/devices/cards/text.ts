import { LimenError } from "../../errors.ts";
import { keyOf4bit, keyOf8bit } from "../keypad/bursts.ts";
import { type LineOptions, LineSplitter } from "./lines.ts";
import { type NotationName, parseNotation } from "./notation.ts";
import type { CardReading, Found, Key, ReaderParser } from "./reading.ts";

/** Longest line any notation has, with separators (a 10-byte UID with colons), and some room to say "too long". */
const maxLength = 32;

export interface TextOptions {
  notation: NotationName;
  gapMs?: number;
  /** The converter also sends key presses, each as one bare byte. */
  keys?: boolean;
  /** Silence that makes a bare byte a key press, ms. */
  keyGapMs?: number;
}

/** A converter's key press: the ASCII character of a 4-bit key, or an 8-bit burst as it is. */
function keyOf(byte: number): Key | undefined {
  if (byte >= 0x30 && byte <= 0x39) return String.fromCharCode(byte) as Key;
  if (byte === 0x2a || byte === 0x23) return String.fromCharCode(byte) as Key;
  if (byte === 0x41 || byte === 0x42) return keyOf4bit(byte - 0x37);
  return keyOf8bit(byte);
}

const hexNotations: readonly NotationName[] = ["10H", "8H", "6H", "UID", "UID-LSB"];

/**
 * Readers and Wiegand converters that send the number as a line of text, decimal or hex, in the notation their maker
 * chose. The notation is the installer's to name: two of them can fit the same eight digits.
 */
export class TextParser implements ReaderParser {
  readonly #lines: LineSplitter;
  readonly #notation: NotationName;
  #misread = 0;

  constructor({ notation, gapMs = 1000, keys = false, keyGapMs = 25 }: TextOptions) {
    const options: LineOptions = { maxLength, gapMs, ...(keys ? { loneMs: keyGapMs } : {}) };
    this.#lines = new LineSplitter(options);
    this.#notation = notation;
  }

  get rejected(): number {
    return this.#misread + this.#lines.rejected;
  }

  get held(): number {
    return this.#lines.held;
  }

  get waitMs(): number | undefined {
    return this.#lines.waitMs;
  }

  push(bytes: Uint8Array, at: number): Found[] {
    return this.#read(this.#lines.push(bytes, at));
  }

  flush(at: number): Found[] {
    return this.#read(this.#lines.flush(at));
  }

  #read(lines: ReturnType<LineSplitter["push"]>): Found[] {
    return lines.flatMap((line): Found[] => {
      if (line.kind === "lone") {
        const key = keyOf(line.byte);
        if (key) return [{ kind: "key", key }];
      } else {
        const card = this.#card(line.text);
        if (card) return [{ kind: "card", card }];
      }
      this.#misread++;
      return [];
    });
  }

  #card(text: string): CardReading | undefined {
    const notation = this.#notation;
    try {
      const { hex, bits } = parseNotation(notation, text);
      return { format: hexNotations.includes(notation) ? "hex" : "decimal", notation, number: hex, bits };
    } catch (error) {
      if (error instanceof LimenError) return undefined;
      throw error;
    }
  }
}
