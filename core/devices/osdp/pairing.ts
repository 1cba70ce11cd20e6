import { LimenError } from "../../errors.ts";
import type { Secret } from "./handshake.ts";
import type { Identity } from "./replies.ts";

/** What a pairing ends with. The key goes into the key store and nowhere else. */
export interface Paired {
  key: Buffer;
  identity?: Identity;
}

/** Whoever waits for it. */
interface Told {
  done(paired: Paired): void;
  failed(error: LimenError): void;
}

/** Failures of the new key before the device is asked again under the old one. */
const strikes = 2;

/**
 * Gives one device one new key: a session under the key it has now (the public one, if an operator has put it into
 * install mode), KEYSET, and the proof that it took it. Nothing but a person starts it, and time ends it.
 */
export class Pairing {
  readonly key: Buffer;
  readonly #under: Secret;
  readonly #told: Told;
  #given = false;
  #failed = 0;
  #reason = "silent";

  constructor(key: Buffer, under: Secret, told: Told) {
    this.key = key;
    this.#under = under;
    this.#told = told;
  }

  /** The new key was said; whether it was heard shows only in a handshake. */
  get given(): boolean {
    return this.#given;
  }

  /** What the next handshake is to prove. */
  get secret(): Secret {
    return this.#given ? { slot: 1, key: this.key } : this.#under;
  }

  give(): void {
    this.#given = true;
    this.#failed = 0;
  }

  /** A step failed. @param reason an alarm's name, or what the device refused; shown to the operator in the end */
  failed(reason: string): void {
    this.#reason = reason;
    if (this.#given && ++this.#failed >= strikes) this.#given = false;
  }

  done(identity: Identity | undefined): void {
    this.#told.done({ key: Buffer.from(this.key), ...(identity ? { identity } : {}) });
  }

  /** Time is over, or the operator gave up. */
  end(reason = this.#reason): void {
    this.#told.failed(new LimenError("osdp-pairing-failed", { params: { reason }, status: 409 }));
  }
}
