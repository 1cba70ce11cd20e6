import { LimenError } from "../../errors.ts";
import type { Command } from "./commands.ts";
import type { Reply } from "./replies.ts";

/** Requests waiting for one device: more is a flow that has gone wild. */
const most = 32;

/** Something to be said, and whom to tell how it went. */
export interface Waiting {
  command: Command;
  /** Monotonic ms; after it the request means nothing any more. */
  until: number;
  resolve(reply: Reply): void;
  reject(error: LimenError): void;
}

/** How a request fails: with a code, and the NAK code where the device gave one. */
export const requestFailed = (code: string, params: Record<string, number> = {}): LimenError =>
  new LimenError(code, { params, status: 502 });

/** Requests in order. None outlives its time: a lock told to open must not open when its reader comes back. */
export class RequestQueue {
  #waiting: Waiting[] = [];

  get length(): number {
    return this.#waiting.length;
  }

  /** @throws LimenError `osdp-busy` (in the promise) when too many wait already */
  add(command: Command, until: number): Promise<Reply> {
    if (this.#waiting.length >= most) return Promise.reject(requestFailed("osdp-busy"));
    return new Promise((resolve, reject) => this.#waiting.push({ command, until, resolve, reject }));
  }

  /** The next that still means something. */
  take(now: number): Waiting | undefined {
    this.expire(now);
    return this.#waiting.shift();
  }

  /** Ends those whose time is over. */
  expire(now: number): void {
    const late = this.#waiting.filter(({ until }) => until <= now);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter(({ until }) => until > now);
    for (const { reject } of late) reject(requestFailed("osdp-expired"));
  }

  /** Ends them all. */
  clear(code: string): void {
    for (const { reject } of this.#waiting.splice(0)) reject(requestFailed(code));
  }
}
