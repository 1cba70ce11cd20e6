import { isRandomUid } from "./notation.ts";
import type { CardReading, Found, ReaderParser } from "./reading.ts";

const hostToChip = 0xd4;
const chipToHost = 0xd5;
/** PN532 user manual 7.3.5: list targets, and its answer. */
const inListPassiveTarget = 0x4a;

const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => (total + byte) & 0xff, 0);

/** A normal information frame (PN532 user manual 6.2.1.1). @param data command and its parameters, at most 254 bytes */
export function encodePn532(data: Uint8Array, direction: "host" | "chip" = "host"): Uint8Array {
  const body = Uint8Array.of(direction === "host" ? hostToChip : chipToHost, ...data);
  if (body.length > 255) throw new RangeError("frame too long");
  return Uint8Array.of(0, 0, 0xff, body.length, -body.length & 0xff, ...body, -sum(body) & 0xff, 0);
}

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

/** Silence after which a frame that was announced will not be finished, ms: 260 bytes take 23. */
const gapMs = 250;

/**
 * Frames of a PN532 on a UART (HSU, 115200 8N1) out of a stream, acknowledgements skipped. A frame whose length or data
 * checksum is wrong costs its first byte only: the next may start inside it. So does one that is not finished in time,
 * or a card would wait behind a damaged length for the next card's bytes.
 */
export class Pn532Parser implements ReaderParser {
  rejected = 0;
  #pending: Uint8Array = new Uint8Array();
  #last = 0;

  get waitMs(): number | undefined {
    return this.#pending.length > 0 ? gapMs : undefined;
  }

  push(bytes: Uint8Array, at: number): Found[] {
    const found = this.flush(at);
    this.#last = at;
    const buffer = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes;
    found.push(...this.#scan(buffer, false));
    return found;
  }

  get held(): number {
    return this.#pending.length;
  }

  flush(at: number): Found[] {
    if (this.#pending.length === 0 || at - this.#last < gapMs) return [];
    return this.#scan(this.#pending, true);
  }

  #scan(buffer: Uint8Array, final: boolean): Found[] {
    const found: Found[] = [];
    let at = nextStart(buffer, 0);
    while (at < buffer.length) {
      const end = frameEnd(buffer, at);
      if (end === undefined) {
        if (!final) break;
        if (buffer.length > at + 2) this.rejected++;
        at++;
      } else if (end === 0) {
        this.rejected++;
        at++;
      } else {
        found.push(...this.#read(buffer.subarray(at + 4, end - 1)));
        at = end;
      }
      at = nextStart(buffer, at);
    }
    this.#pending = final ? new Uint8Array() : buffer.slice(at);
    return found;
  }

  #read(data: Uint8Array): Found[] {
    if (data[0] !== chipToHost || data[1] !== inListPassiveTarget + 1) return []; // other answers, and our own echo
    const targets = decodeTargets(data);
    if (!targets) this.rejected++;
    return (targets ?? []).flatMap((target): Found[] => {
      const card = readingOf(target);
      if (card) return [{ kind: "card", card }];
      this.rejected++;
      return [];
    });
  }
}

/**
 * Where the frame whose `00 FF` is at `at` ends, past its data checksum; an acknowledgement has no data and ends after
 * its two length bytes. 0 when it is none; undefined when more bytes must come.
 */
function frameEnd(buffer: Uint8Array, at: number): number | undefined {
  if (buffer.length < at + 4) return undefined;
  const length = buffer[at + 2]!;
  const check = buffer[at + 3]!;
  if ((length === 0 && check === 0xff) || (length === 0xff && check === 0)) return at + 4; // ACK, NACK
  if (length === 0 || ((length + check) & 0xff) !== 0) return 0;
  const end = at + 4 + length + 1;
  if (buffer.length < end) return undefined;
  return sum(buffer.subarray(at + 4, end)) === 0 ? end : 0;
}

/** The next `00 FF` from `at`, or as far as one could still begin. */
function nextStart(buffer: Uint8Array, at: number): number {
  for (let from = at; ; from++) {
    const zero = buffer.indexOf(0, from);
    if (zero < 0) return buffer.length;
    if (zero + 1 >= buffer.length || buffer[zero + 1] === 0xff) return zero;
    from = zero;
  }
}
