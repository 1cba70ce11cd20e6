import type { Clock } from "../clock.ts";

/** Longest time anti-passback can ask about, ms. */
const rememberedMs = 4 * 3_600_000;

/** When a credential was last let into a zone: in memory, hours at the most, for anti-passback and nothing else. */
export class ZoneMemory {
  readonly #entries = new Map<string, number>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @returns takes it back: it was let in, and did not go in */
  entered(zone: string, credential: string): () => void {
    const now = this.#clock.monotonic();
    for (const [key, at] of this.#entries) {
      if (now - at >= rememberedMs) this.#entries.delete(key);
    }
    const key = `${zone} ${credential}`;
    const before = this.#entries.get(key);
    this.#entries.set(key, now);
    return () => {
      if (this.#entries.get(key) !== now) return; // it came in again since
      if (before === undefined) this.#entries.delete(key);
      else this.#entries.set(key, before);
    };
  }

  /** Forgets who was let into a zone. */
  forget(zone: string): void {
    for (const key of this.#entries.keys()) if (key.startsWith(`${zone} `)) this.#entries.delete(key);
  }

  /** Minutes since it was last let in; undefined when that is not known. */
  minutesSince(zone: string, credential: string): number | undefined {
    const at = this.#entries.get(`${zone} ${credential}`);
    return at === undefined ? undefined : (this.#clock.monotonic() - at) / 60_000;
  }
}
