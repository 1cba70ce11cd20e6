/**
 * How many cards a reader may bring: people tap a few a second at most. More is somebody at the wire trying numbers, and
 * what is over goes unheard.
 */
export class Flood {
  readonly #perSecond: number;
  readonly #burst: number;
  #room: number;
  #at = Number.NEGATIVE_INFINITY;

  constructor({ perSecond = 8, burst = 16 }: { perSecond?: number; burst?: number } = {}) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#room = burst;
  }

  /** Takes one card in, or not. @param at monotonic ms */
  admits(at: number): boolean {
    const gained = ((at - this.#at) / 1000) * this.#perSecond;
    this.#room = Math.min(this.#burst, this.#room + Math.max(0, gained));
    this.#at = at;
    if (this.#room < 1) return false;
    this.#room--;
    return true;
  }
}
