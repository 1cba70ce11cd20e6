import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";

/** Tries that cost nothing, per address and per account from one address. */
const free = 5;
/** Names sprayed from one address. */
const freePerAddress = 20;
/** Wrong tries at one account from all addresses, after which unknown addresses are slowed down. */
const freePerAccount = 20;
const longestMs = 15 * 60_000;
const slowMs = 2000;
/** Remembered at most; the oldest go first, so that a flood of names cannot fill the memory. */
const most = 10_000;

interface Count {
  wrong: number;
  /** Monotonic ms of the last wrong try. */
  at: number;
}

/**
 * Slows guessing of passwords without letting anyone lock anyone else out (ASVS 6.3.1). One address at one account, and
 * one address at many accounts, must wait longer and longer. Many addresses at one account are answered slowly, never
 * refused; and an address from which this account signed in before is not even slowed.
 */
export class Throttle {
  readonly #clock: Clock;
  readonly #counts = new Map<string, Count>();
  readonly #known = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Asks before a try.
   * @returns milliseconds to wait before looking at it
   * @throws LimenError `try-later` with `seconds`
   */
  before(address: string, account: string): number {
    const wait = Math.max(
      this.#wait(`pair ${address} ${account}`, free),
      this.#wait(`address ${address}`, freePerAddress),
    );
    if (wait > 0) {
      throw new LimenError("try-later", { status: 429, params: { seconds: Math.ceil(wait / 1000) } });
    }
    const spread = this.#counts.get(`account ${account}`);
    if (!spread || spread.wrong < freePerAccount || this.#known.has(`${address} ${account}`)) return 0;
    return this.#clock.monotonic() - spread.at > longestMs ? 0 : slowMs;
  }

  wrong(address: string, account: string): void {
    for (const key of [`pair ${address} ${account}`, `address ${address}`, `account ${account}`]) {
      const count = this.#counts.get(key);
      const at = this.#clock.monotonic();
      const wrong = count && at - count.at < 2 * longestMs ? count.wrong + 1 : 1;
      put(this.#counts, key, { wrong, at });
    }
  }

  /** Takes back what `wrong` counted for this try: an office behind one address signs in many times a day. */
  right(address: string, account: string): void {
    this.#counts.delete(`pair ${address} ${account}`);
    for (const key of [`address ${address}`, `account ${account}`]) {
      const count = this.#counts.get(key);
      if (count) count.wrong -= 1;
    }
    put(this.#known, `${address} ${account}`, 1);
  }

  #wait(key: string, allowed: number): number {
    const count = this.#counts.get(key);
    if (!count || count.wrong < allowed) return 0;
    const pause = Math.min(longestMs, 1000 * 2 ** Math.min(count.wrong - allowed, 10));
    return Math.max(0, count.at + pause - this.#clock.monotonic());
  }
}

function put<V>(map: Map<string, V>, key: string, value: V): void {
  map.delete(key);
  map.set(key, value);
  if (map.size > most) map.delete(map.keys().next().value!);
}
