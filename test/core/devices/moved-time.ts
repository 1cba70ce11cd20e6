import type { Clock } from "../../../core/clock.ts";
import type { Timers } from "../../../core/devices/relays/host-timed.ts";

/** Lets everything that was promised happen. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock and timers that a test moves by hand. */
export class MovedTime implements Clock, Timers {
  #now = 0;
  #waiting: { at: number; act: () => void }[] = [];

  now(): Date {
    return new Date(Date.UTC(2026, 0, 1) + this.#now);
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, act: () => void): () => void {
    const entry = { at: this.#now + ms, act };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  /** Moves on, running each timer at its own time. */
  async move(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await settle();
      const next = this.#waiting.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.#waiting = this.#waiting.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.act();
    }
    this.#now = end;
    await settle();
  }

  get pending(): number {
    return this.#waiting.length;
  }
}
