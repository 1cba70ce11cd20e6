import { isRandomUid } from "./notation.ts";
import { chipToHost, encodePn532, Pn532Frames } from "./pn532-frames.ts";
import type { CardReading, Found, ReaderParser } from "./reading.ts";

export { encodePn532 };

/** PN532 user manual 7.3.5: list targets, and its answer. */
export const inListPassiveTarget = 0x4a;

/** What a host sends a reader on a UART: wake it up, make it a card reader, then ask for one card at a time. */
export const pn532Commands = {
  /** Long preamble that wakes the chip (HSU), with SAMConfiguration in it. */
  wake: Buffer.concat([Buffer.from("5555000000", "hex"), encodePn532(Uint8Array.of(0x14, 0x01, 0x00, 0x01))]),
  samConfiguration: encodePn532(Uint8Array.of(0x14, 0x01, 0x14, 0x01)),
  firmware: encodePn532(Uint8Array.of(0x02)),
  /** One ISO 14443-A target at 106 kbit/s. */
  list: encodePn532(Uint8Array.of(inListPassiveTarget, 0x01, 0x00)),
} as const;

/** A card the chip found. */
export interface Pn532Target {
  uid: Uint8Array;
  /** SEL_RES: 08 Classic 1K, 18 Classic 4K, 00 Ultralight or NTAG21x, bit 20h ISO 14443-4. */
  sak: number;
  atqa: number;
  ats?: Uint8Array;
}

/**
 * Reads the answer to InListPassiveTarget for 106 kbit/s type A.
 * @param data TFI and what follows, without framing
 * @returns undefined when it is another answer or does not add up; an empty list when there is no card
 */
export function decodeTargets(data: Uint8Array): Pn532Target[] | undefined {
  if (data[0] !== chipToHost || data[1] !== inListPassiveTarget + 1) return undefined;
  const count = data[2];
  if (count === undefined || count > 2) return undefined;
  const targets: Pn532Target[] = [];
  let at = 3;
  for (let index = 0; index < count; index++) {
    const length = data[at + 4];
    if (length !== 4 && length !== 7 && length !== 10) return undefined; // ISO/IEC 14443-3: single, double, triple size
    const uid = data.subarray(at + 5, at + 5 + length);
    if (uid.length !== length) return undefined;
    const sak = data[at + 3]!;
    const target: Pn532Target = { uid, sak, atqa: (data[at + 1]! << 8) | data[at + 2]! };
    at += 5 + length;
    const atsLength = data[at];
    if ((sak & 0x20) !== 0 && atsLength !== undefined) {
      if (atsLength < 1 || at + atsLength > data.length) return undefined;
      target.ats = data.subarray(at + 1, at + atsLength);
      at += atsLength;
    }
    targets.push(target);
  }
  return at === data.length ? targets : undefined;
}

/** A target's UID as a reading; undefined for a UID made up for this tap, which is nobody's card. */
export function readingOf({ uid }: Pn532Target): CardReading | undefined {
  const number = Buffer.from(uid).toString("hex").toUpperCase();
  // 88 is the cascade tag: it announces a longer UID and cannot begin a 4-byte one (ISO/IEC 14443-3)
  if (isRandomUid(number) || (uid.length === 4 && uid[0] === 0x88)) return undefined;
  return { format: "uid", notation: "UID", number, bits: uid.length * 8 };
}

/** Cards out of what a PN532 answers, acknowledgements and other answers skipped. */
export class Pn532Parser implements ReaderParser {
  readonly #frames = new Pn532Frames();
  #misread = 0;

  get rejected(): number {
    return this.#frames.rejected + this.#misread;
  }

  get waitMs(): number | undefined {
    return this.#frames.waitMs;
  }

  get held(): number {
    return this.#frames.held;
  }

  push(bytes: Uint8Array, at: number): Found[] {
    return this.#read(this.#frames.push(bytes, at));
  }

  flush(at: number): Found[] {
    return this.#read(this.#frames.flush(at));
  }

  #read(frames: ReturnType<Pn532Frames["push"]>): Found[] {
    return frames.flatMap((frame): Found[] => {
      // other answers, and our own echo
      if (frame.kind !== "data" || frame.data[0] !== chipToHost || frame.data[1] !== inListPassiveTarget + 1)
        return [];
      const targets = decodeTargets(frame.data);
      if (!targets) this.#misread++;
      return (targets ?? []).flatMap((target): Found[] => {
        const card = readingOf(target);
        if (card) return [{ kind: "card", card }];
        this.#misread++;
        return [];
      });
    });
  }
}
