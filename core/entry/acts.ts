import type { Clock } from "../clock.ts";

/** Deliberate acts already used: one press, one look. Remembered ten minutes. */
export class ActMemory {
  readonly #used = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns false when this act was used before */
  use(id: string): boolean {
    const now = this.#clock.monotonic();
    for (const [key, at] of this.#used) {
      if (now - at < 600_000) break;
      this.#used.delete(key);
    }
    if (this.#used.has(id)) return false;
    this.#used.set(id, now);
    return true;
  }
}
