import { createHmac, randomBytes } from "node:crypto";
import type { Clock } from "../clock.ts";

/** Counts wrong codes at a place, in ms locked. */
interface Guesses {
  remaining(places: readonly string[]): number;
  failed(places: readonly string[]): number;
  passed(places: readonly string[]): void;
}

/** A code is shown this long, and taken for as long again: somebody has to read it and type it. */
const windowMs = 30_000;

/**
 * Short codes on a door's screen, by which a phone shows that it is there. Made of a secret that lives as long as the
 * process: nobody who saw yesterday's can guess today's.
 */
export class Presence {
  readonly #secret = randomBytes(32);
  readonly #clock: Clock;
  readonly #guesses: Guesses;

  /** @param guesses counts wrong codes; `core/people/lockout.ts` on disk */
  constructor(clock: Clock, guesses: Guesses) {
    this.#clock = clock;
    this.#guesses = guesses;
  }

  /** Whether somebody typed what this door shows. Whoever guesses is kept waiting, also across restarts. */
  proved(door: string, person: string, code: string | undefined): boolean {
    const place = [`near:${person}`];
    if (code === undefined || this.#guesses.remaining(place) > 0) return false;
    if (this.matches(door, code)) {
      this.#guesses.passed(place);
      return true;
    }
    this.#guesses.failed(place);
    return false;
  }

  /** @returns six digits, and how long they are still shown */
  shown(door: string): { code: string; seconds: number } {
    const now = this.#clock.monotonic();
    const left = windowMs - (now % windowMs);
    return { code: this.#code(door, Math.floor(now / windowMs)), seconds: Math.ceil(left / 1000) };
  }

  /** Whether this door shows the code now, or did a moment ago. */
  matches(door: string, code: string): boolean {
    const window = Math.floor(this.#clock.monotonic() / windowMs);
    return code === this.#code(door, window) || code === this.#code(door, window - 1);
  }

  #code(door: string, window: number): string {
    const mac = createHmac("sha256", this.#secret).update(`${door}|${window}`).digest();
    return String(mac.readUIntBE(0, 6) % 1_000_000).padStart(6, "0");
  }
}
