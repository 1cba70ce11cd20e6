import { decodeFrame, longestFrame, type ReceivedFrame, startByte } from "./frame.ts";

export interface FrameParserOptions {
  /** Which way frames go that are wanted. The other way is our own echo (many RS-485 adapters hear themselves). */
  wants: "replies" | "commands";
  /** Longer frames are noise, bytes. */
  maxLength?: number;
}

const nothing = Buffer.alloc(0);

/**
 * Bytes in at any split, whole good frames out. Never throws; keeps less than one frame. A frame that turns out bad
 * costs one byte: the next start is looked for inside it, because noise may have looked like a start.
 */
export class FrameParser {
  readonly #wants: FrameParserOptions["wants"];
  readonly #maxLength: number;
  #held: Buffer = nothing;
  #rejected = 0;
  #echoes = 0;

  constructor({ wants, maxLength = longestFrame }: FrameParserOptions) {
    this.#wants = wants;
    this.#maxLength = Math.min(maxLength, longestFrame);
  }

  /** Starts of frames that turned out to be none, since the start. */
  get rejected(): number {
    return this.#rejected;
  }

  /** Good frames that went the other way. */
  get echoes(): number {
    return this.#echoes;
  }

  /** Bytes kept for a frame that is not finished. */
  get held(): number {
    return this.#held.length;
  }

  push(bytes: Uint8Array): ReceivedFrame[] {
    const all = this.#held.length > 0 ? Buffer.concat([this.#held, bytes]) : bytes;
    this.#held = nothing;
    const found: ReceivedFrame[] = [];
    let at = all.indexOf(startByte);
    while (at >= 0) {
      const length = lengthAt(all, at, this.#maxLength);
      if (length === "unknown" || (length !== "bad" && at + length > all.length)) {
        this.#held = Buffer.from(all.subarray(at));
        break;
      }
      const frame = length === "bad" ? undefined : decodeFrame(all.subarray(at, at + length));
      if (!frame) this.#rejected++;
      else if (frame.reply === (this.#wants === "replies")) found.push(frame);
      else this.#echoes++;
      at = all.indexOf(startByte, frame && length !== "bad" ? at + length : at + 1);
    }
    return found;
  }

  /** The line has gone quiet: what waits for more bytes was no frame. One may still lie inside it. */
  flush(): ReceivedFrame[] {
    const found: ReceivedFrame[] = [];
    while (this.#held.length > 0) {
      const rest = this.#held.subarray(1);
      this.#rejected++;
      this.#held = nothing;
      found.push(...this.push(rest));
    }
    return found;
  }

  /** Forgets an unfinished frame: whatever it was, it answers nothing that is asked from now on. */
  clear(): void {
    this.#held = nothing;
  }
}

/** The length of the frame that may start here, as far as its first bytes say. */
function lengthAt(bytes: Uint8Array, at: number, most: number): number | "unknown" | "bad" {
  const available = bytes.length - at;
  if (available < 4) return "unknown";
  const length = bytes[at + 2]! | (bytes[at + 3]! << 8);
  if (length < 7 || length > most) return "bad";
  if (available < 5) return "unknown";
  const control = bytes[at + 4]!;
  return control & 0xf0 || length < (control & 0x04 ? 8 : 7) ? "bad" : length;
}
