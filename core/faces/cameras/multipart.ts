import { LimenError } from "../../errors.ts";
import { pictureLimits } from "../picture.ts";

/** Longest head of a part: a camera sends three lines. */
const mostHead = 4096;
const bad = () => new LimenError("camera-stream-bad", { status: 502 });

/**
 * The parts of a `multipart/x-mixed-replace` stream (MJPEG), one by one. By `Content-Length` where a part has one, else
 * up to the next boundary. Nothing is kept of a part once it is handed out.
 * @throws LimenError `camera-stream-bad` from `push`: a head without end, a part beyond the picture limit
 */
export class MultipartParser {
  readonly #boundary: Buffer;
  readonly #part: (bytes: Buffer) => void;
  #pending: Buffer = Buffer.alloc(0);
  /** Bytes still to come of this part; undefined: looking for a head; -1: up to the next boundary. */
  #left: number | undefined;
  /** Where to go on searching for a boundary, so that a slow trickle is not searched again and again. */
  #searched = 0;

  constructor(boundary: string, part: (bytes: Buffer) => void) {
    this.#boundary = Buffer.from(`--${boundary.replace(/^--/, "")}`);
    this.#part = part;
  }

  /** Takes a copy of the next piece; the caller overwrites its own. */
  push(chunk: Uint8Array): void {
    const before = this.#pending;
    this.#pending = before.length === 0 ? Buffer.from(chunk) : Buffer.concat([before, chunk]);
    before.fill(0);
    try {
      while (this.#left === undefined ? this.#head() : this.#body()) {
        // one head or part at a time
      }
      if (this.#pending.length > pictureLimits.bytes + mostHead) throw bad();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Overwrites what has come of an unfinished part. */
  close(): void {
    this.#pending.fill(0);
    this.#pending = Buffer.alloc(0);
  }

  #head(): boolean {
    const start = this.#pending.indexOf(this.#boundary);
    const end = start < 0 ? -1 : this.#pending.indexOf("\r\n\r\n", start);
    if (end < 0) {
      if (this.#pending.length > mostHead) throw bad();
      return false;
    }
    const length = /\r\ncontent-length:\s*(\d{1,9})\s*(?:\r\n|$)/i.exec(
      this.#pending.toString("latin1", start, end),
    );
    this.#left = length ? Number(length[1]) : -1;
    if (this.#left > pictureLimits.bytes) throw bad();
    this.#pending.fill(0, 0, end + 4);
    this.#pending = this.#pending.subarray(end + 4);
    this.#searched = 0;
    return true;
  }

  #body(): boolean {
    if (this.#left! >= 0) {
      if (this.#pending.length < this.#left!) return false;
      this.#hand(this.#left!, this.#left!);
      return true;
    }
    const end = this.#pending.indexOf(this.#boundary, this.#searched);
    if (end < 0) {
      this.#searched = Math.max(0, this.#pending.length - this.#boundary.length);
      return false;
    }
    const breaks = this.#pending[end - 2] === 13 && this.#pending[end - 1] === 10 ? 2 : 0;
    this.#hand(end - breaks, end);
    return true;
  }

  #hand(length: number, next: number): void {
    const part = Buffer.from(this.#pending.subarray(0, length));
    const rest = Buffer.from(this.#pending.subarray(next));
    this.#pending.fill(0);
    this.#pending = rest;
    this.#left = undefined;
    if (length > 0) this.#part(part);
  }
}

/** The boundary a Content-Type names. @throws LimenError `camera-stream-bad` when it is no multipart stream */
export function boundaryOf(contentType: string | null): string {
  const found = /^multipart\/[^;]+;(?:[^;]*;)*?\s*boundary=(?:"([^"]{1,100})"|([^;\s]{1,100}))/i.exec(
    contentType ?? "",
  );
  const boundary = found?.[1] ?? found?.[2];
  if (boundary === undefined) throw bad();
  return boundary;
}
