import type { Found, ReaderParser } from "./reading.ts";

const stx = 0x02;
const etx = 0x03;
const frameLength = 14;

const nibble = (char: number): number => {
  if (char >= 0x30 && char <= 0x39) return char - 0x30;
  const upper = char & 0xdf;
  return upper >= 0x41 && upper <= 0x46 ? upper - 0x37 : -1;
};

/**
 * RDM6300, RDM630 and other "125 kHz UART" readers, 9600 8N1: `02`, ten hex digits (version byte, 32-bit id), two of
 * checksum (XOR of the five bytes), `03`.
 * @returns the ten digits in upper case, or undefined when anything is wrong with the 14 bytes
 */
export function decodeRdm6300(frame: Uint8Array): string | undefined {
  if (frame.length !== frameLength || frame[0] !== stx || frame[frameLength - 1] !== etx) return undefined;
  let check = 0;
  let digits = "";
  for (let at = 1; at < 13; at += 2) {
    const high = nibble(frame[at]!);
    const low = nibble(frame[at + 1]!);
    if (high < 0 || low < 0) return undefined;
    check ^= (high << 4) | low;
    if (at < 11) digits += high.toString(16) + low.toString(16);
  }
  return check === 0 ? digits.toUpperCase() : undefined;
}

/** The frame a reader sends for a card. @param digits ten hex digits */
export function encodeRdm6300(digits: string): Uint8Array {
  const check = Buffer.from(digits, "hex").reduce((sum, byte) => sum ^ byte, 0);
  return Buffer.from(
    `\x02${digits.toUpperCase()}${check.toString(16).toUpperCase().padStart(2, "0")}\x03`,
    "latin1",
  );
}

/**
 * Frames out of a stream. Every `02` starts over, so half a frame or noise costs only itself. There is no time-out: the
 * next frame's `02` ends a broken one.
 */
export class Rdm6300Parser implements ReaderParser {
  readonly waitMs = undefined;
  rejected = 0;
  readonly #frame = new Uint8Array(frameLength);
  #have = 0;
  #noise = false;

  push(bytes: Uint8Array): Found[] {
    const found: Found[] = [];
    for (const byte of bytes) {
      if (byte === stx) {
        if (this.#have > 0) this.rejected++;
        this.#have = 0;
        this.#noise = false;
      } else if (this.#have === 0) {
        // bytes between frames: one run of them is one rejection
        if (!this.#noise) this.rejected++;
        this.#noise = true;
        continue;
      }
      this.#frame[this.#have++] = byte;
      if (this.#have < frameLength) continue;
      this.#have = 0;
      const number = decodeRdm6300(this.#frame);
      if (number === undefined) this.rejected++;
      else found.push({ kind: "card", card: { format: "em4100", notation: "10H", number, bits: 40 } });
    }
    return found;
  }

  get held(): number {
    return this.#have;
  }

  flush(): Found[] {
    return [];
  }
}
