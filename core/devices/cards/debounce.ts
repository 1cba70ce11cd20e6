/** Cards in one field at once that are still told apart; a wallet, not a flood. */
const most = 16;

/**
 * Readers repeat a card for as long as it lies there. A card counts again only after it has been silent for a while:
 * counting reads would open the door again and again.
 */
export class Debounce {
  readonly #silenceMs: number;
  readonly #last = new Map<string, number>();

  /** @param silenceMs how long a card must be gone before it counts again */
  constructor(silenceMs: number) {
    this.#silenceMs = silenceMs;
  }

  /** True when this card has just come. @param at monotonic ms */
  fresh(number: string, at: number): boolean {
    for (const [other, seen] of this.#last) if (at - seen >= this.#silenceMs) this.#last.delete(other);
    const known = this.#last.delete(number);
    this.#last.set(number, at);
    if (this.#last.size > most) this.#last.delete(this.#last.keys().next().value as string);
    return !known;
  }

  /** Counts this card as gone: what was begun with it came to nothing. */
  forget(number: string): void {
    this.#last.delete(number);
  }
}
