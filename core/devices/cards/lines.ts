export interface LineOptions {
  /** Longest line, without its end. Anything longer is dropped up to the next line end. */
  maxLength: number;
  /** Silence after which half a line is given up (or, for a lone byte where `lone` is set, taken for a key), ms. */
  gapMs: number;
  /**
   * Converters that share the line with a keypad send each press as one bare byte; it is told from the start of a line
   * by the silence after it, ms (25 in the trade: S4A).
   */
  loneMs?: number;
}

export type Line = { kind: "line"; text: string } | { kind: "lone"; byte: number };

const isEnd = (byte: number): boolean => byte === 0x0d || byte === 0x0a;
/** Frames some readers put around their text. */
const isFraming = (byte: number): boolean => byte === 0x02 || byte === 0x03 || byte === 0x00;

/**
 * Lines of printable ASCII out of a byte stream, ended by CR, LF or both, or STX … ETX. Bytes that are no text spoil
 * their line. Empty lines are nothing.
 */
export class LineSplitter {
  rejected = 0;
  readonly #options: LineOptions;
  #text = "";
  #lone = -1;
  #length = 0;
  #spoilt = false;
  #last = 0;

  constructor(options: LineOptions) {
    this.#options = options;
  }

  /** Undefined while nothing is pending. */
  get waitMs(): number | undefined {
    if (this.#length === 0) return undefined;
    return this.#length === 1 ? (this.#options.loneMs ?? this.#options.gapMs) : this.#options.gapMs;
  }

  /** Characters kept; a line that is spoilt is only remembered as such. */
  get held(): number {
    return this.#text.length;
  }

  push(bytes: Uint8Array, at: number): Line[] {
    const lines = this.flush(at);
    if (bytes.length > 0) this.#last = at;
    for (const byte of bytes) {
      if (isEnd(byte) || isFraming(byte)) {
        if (this.#length > 0) this.#end(lines);
        continue;
      }
      this.#length++;
      if (this.#length === 1) this.#lone = byte;
      if (byte < 0x20 || byte > 0x7e || this.#length > this.#options.maxLength) this.#spoilt = true;
      if (this.#spoilt) this.#text = "";
      else this.#text += String.fromCharCode(byte);
    }
    return lines;
  }

  flush(at: number): Line[] {
    const wait = this.waitMs;
    if (wait === undefined || at - this.#last < wait) return [];
    const lone: Line[] =
      this.#length === 1 && this.#options.loneMs !== undefined ? [{ kind: "lone", byte: this.#lone }] : [];
    if (lone.length === 0) this.rejected++;
    this.#reset();
    return lone;
  }

  #end(lines: Line[]): void {
    if (this.#spoilt) this.rejected++;
    else lines.push({ kind: "line", text: this.#text });
    this.#reset();
  }

  #reset(): void {
    this.#text = "";
    this.#length = 0;
    this.#spoilt = false;
  }
}
