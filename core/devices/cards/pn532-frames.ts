const hostToChip = 0xd4;
export const chipToHost = 0xd5;

const sum = (bytes: Uint8Array): number => bytes.reduce((total, byte) => (total + byte) & 0xff, 0);

/** A normal information frame (PN532 user manual 6.2.1.1). @param data command and its parameters, at most 254 bytes */
export function encodePn532(data: Uint8Array, direction: "host" | "chip" = "host"): Uint8Array {
  const body = Uint8Array.of(direction === "host" ? hostToChip : chipToHost, ...data);
  if (body.length > 255) throw new RangeError("frame too long");
  return Uint8Array.of(0, 0, 0xff, body.length, -body.length & 0xff, ...body, -sum(body) & 0xff, 0);
}

/** Acknowledgements (6.2.1.3 and 6.2.1.4). An ACK from the host also ends a command that is under way. */
export const ackFrame = Buffer.from("0000ff00ff00", "hex");
export const nackFrame = Buffer.from("0000ffff0000", "hex");
/** What the chip says of a command it does not know (6.2.1.5). */
export const errorFrame = Buffer.from("0000ff01ff7f8100", "hex");

/** `data` is what stands between lengths and checksum: TFI, code, parameters. */
export type Pn532Frame = { kind: "ack" } | { kind: "nack" } | { kind: "data"; data: Uint8Array };

/** Silence after which a frame that was announced will not be finished, ms: 260 bytes take 23. */
const gapMs = 250;

/**
 * Frames of a PN532 on a UART (HSU, 115200 8N1) out of a stream. A frame whose length or data checksum is wrong costs its
 * first byte only: the next may start inside it. So does one that is not finished in time, or a card would wait behind a
 * damaged length for the next card's bytes. Never throws, and holds less than one frame.
 */
export class Pn532Frames {
  rejected = 0;
  #pending: Uint8Array = new Uint8Array();
  #last = 0;

  /** Milliseconds after which `flush` has something to do; undefined while nothing is pending. */
  get waitMs(): number | undefined {
    return this.#pending.length > 0 ? gapMs : undefined;
  }

  /** Bytes kept for a frame that is not finished. */
  get held(): number {
    return this.#pending.length;
  }

  /** @param at monotonic ms */
  push(bytes: Uint8Array, at: number): Pn532Frame[] {
    const found = this.flush(at);
    this.#last = at;
    const buffer = this.#pending.length > 0 ? Buffer.concat([this.#pending, bytes]) : bytes;
    found.push(...this.#scan(buffer, false));
    return found;
  }

  flush(at: number): Pn532Frame[] {
    if (this.#pending.length === 0 || at - this.#last < gapMs) return [];
    return this.#scan(this.#pending, true);
  }

  /** Forgets what was begun: another conversation starts. */
  clear(): void {
    this.#pending = new Uint8Array();
  }

  #scan(buffer: Uint8Array, final: boolean): Pn532Frame[] {
    const found: Pn532Frame[] = [];
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
        found.push(frameAt(buffer, at, end));
        at = end;
      }
      at = nextStart(buffer, at);
    }
    this.#pending = final ? new Uint8Array() : buffer.slice(at);
    return found;
  }
}

function frameAt(buffer: Uint8Array, at: number, end: number): Pn532Frame {
  if (end === at + 4) return { kind: buffer[at + 2] === 0 ? "ack" : "nack" };
  return { kind: "data", data: buffer.slice(at + 4, end - 1) };
}

/**
 * Where the frame whose `00 FF` is at `at` ends, past its data checksum; an acknowledgement has no data and ends after
 * its two length bytes. 0 when it is none; undefined when more bytes must come.
 */
function frameEnd(buffer: Uint8Array, at: number): number | undefined {
  if (buffer.length < at + 4) return undefined;
  const length = buffer[at + 2]!;
  const check = buffer[at + 3]!;
  if ((length === 0 && check === 0xff) || (length === 0xff && check === 0)) return at + 4;
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
