import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Clock } from "../clock.ts";

const nonceBytes = 16;
const timeBytes = 6;
const macBytes = 16;
/** How long somebody may take over a passkey's own dialog. */
const goodForMs = 5 * 60_000;

/**
 * Challenges for passkeys (WebAuthn 13.4.3): random, good once, for five minutes, for one purpose. Each carries its own
 * seal, so that asking for many fills no memory; only those that came back are remembered, until they would be over.
 */
export class Challenges {
  readonly #clock: Clock;
  /** New with each start: a challenge does not outlive the process that gave it. */
  readonly #key = randomBytes(32);
  /** Those that came back, and the monotonic ms at which they are over. */
  readonly #used = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param purpose what it is for, and of which session: an answer to another question is no answer */
  issue(purpose: string): Uint8Array<ArrayBuffer> {
    const body = Buffer.alloc(nonceBytes + timeBytes);
    randomBytes(nonceBytes).copy(body);
    body.writeUIntBE(Math.round(this.#clock.monotonic() + goodForMs), nonceBytes, timeBytes);
    return new Uint8Array(Buffer.concat([body, this.#mac(body, purpose)]));
  }

  /** Uses a challenge up, whatever becomes of the answer it came with. @returns whether it was good */
  use(challenge: string, purpose: string): boolean {
    const bytes = Buffer.from(challenge, "base64url");
    if (bytes.length !== nonceBytes + timeBytes + macBytes) return false;
    const body = bytes.subarray(0, nonceBytes + timeBytes);
    if (!timingSafeEqual(this.#mac(body, purpose), bytes.subarray(body.length))) return false;
    const now = this.#clock.monotonic();
    for (const [id, over] of this.#used) if (over < now) this.#used.delete(id);
    const over = body.readUIntBE(nonceBytes, timeBytes);
    const id = body.toString("base64url");
    if (over < now || this.#used.has(id)) return false;
    this.#used.set(id, over);
    return true;
  }

  #mac(body: Buffer, purpose: string): Buffer {
    return createHmac("sha256", this.#key).update(body).update(purpose).digest().subarray(0, macBytes);
  }
}
