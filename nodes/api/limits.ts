import type { Clock } from "../../core/clock.ts";
import { LimenError } from "../../core/errors.ts";

/** `burst` at once, then one more every `everyMs`. Each names what it keeps away. */
const limits = {
  /** A page that loops, a scanner. By session; by address for whoever has none. */
  any: { burst: 300, everyMs: 20 },
  /** Guessing passwords. By address only, so that nobody can lock somebody else out (the vault slows the account). */
  "sign-in": { burst: 10, everyMs: 6_000 },
  /** A crowd at a screen, or someone leaning on its button. By door. */
  "face-request": { burst: 6, everyMs: 3_000 },
  /** Guessing codes at a door's screen: slower than a keypad allows, and the vault locks besides. By door. */
  pad: { burst: 6, everyMs: 3_000 },
  /** A thumb that presses again and again, or a page that loops. By resident. */
  "phone-open": { burst: 4, everyMs: 10_000 },
  /** Choosing codes until one is taken would find out who has which. By resident. */
  "own-code": { burst: 5, everyMs: 60_000 },
  /** Trying names until one lives here. By session. */
  "lost-card": { burst: 5, everyMs: 30_000 },
  /** Leaning on the bell. By door. */
  help: { burst: 2, everyMs: 20_000 },
  /** A door screen sends about ten pictures a second while it looks. By door. */
  frames: { burst: 40, everyMs: 40 },
  /** Burying an office under requests. */
  request: { burst: 20, everyMs: 30_000 },
  /** Trying ids until one is somebody's erasure; a page waiting for its own asks twice a second. */
  receipt: { burst: 60, everyMs: 1_000 },
  /** A desk that shows somebody how to stand sends about two pictures a second. */
  framing: { burst: 10, everyMs: 300 },
  /** Trying faces until one sticks. */
  enrol: { burst: 10, everyMs: 60_000 },
} as const;

export type LimitName = keyof typeof limits;

/** Keys remembered at most: an attacker with many addresses must not fill the memory. */
const maxKeys = 10_000;

/** Token buckets in memory: they refill by themselves and forget who has been quiet. */
export class Limiter {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws LimenError `too-many-requests` (429) with `params.seconds` to wait */
  spend(limit: LimitName, key: string): void {
    const { burst, everyMs } = limits[limit];
    const id = `${limit} ${key}`;
    const now = this.#clock.monotonic();
    const bucket = this.#buckets.get(id) ?? { left: burst, at: now };
    const left = Math.min(burst, bucket.left + (now - bucket.at) / everyMs);
    if (left < 1) {
      const seconds = Math.max(1, Math.ceil(((1 - left) * everyMs) / 1000));
      throw new LimenError("too-many-requests", { status: 429, params: { seconds } });
    }
    this.#buckets.delete(id); // re-inserted last: the map's order is the order of use
    this.#buckets.set(id, { left: left - 1, at: now });
    if (this.#buckets.size > maxKeys) this.#buckets.delete(this.#buckets.keys().next().value!);
  }
}
