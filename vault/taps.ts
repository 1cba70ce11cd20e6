import type { Request } from "./protocol/index.ts";

type CardRead = NonNullable<Request<"identify">["card"]>;

/** Cards that nobody owns yet, on their way from a reader to the desk that waits for one. Held in memory, for one reader at a time. */
export class Taps {
  readonly #waiting = new Map<string, (card: CardRead | undefined) => void>();

  /** The next unknown card at this door; undefined after `ms`, or when another desk begins to wait there. */
  next(door: string, ms: number): Promise<CardRead | undefined> {
    this.#waiting.get(door)?.(undefined);
    return new Promise((resolve) => {
      const timer = setTimeout(() => done(undefined), ms);
      const done = (card: CardRead | undefined): void => {
        clearTimeout(timer);
        if (this.#waiting.get(door) === done) this.#waiting.delete(door);
        resolve(card);
      };
      this.#waiting.set(door, done);
    });
  }

  /** A reader saw a card that belongs to nobody. */
  seen(door: string, card: CardRead): void {
    this.#waiting.get(door)?.(card);
  }
}
