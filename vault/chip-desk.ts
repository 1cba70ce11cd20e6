import { LimenError } from "../core/errors.ts";
import type { ChipOrder } from "../core/people/index.ts";

export interface Issued {
  id: string;
  assurance: "clonable" | "strong";
}

/** A desk that waits for a card to write. */
export interface Waiting {
  order: ChipOrder;
  done(issued: Issued): void;
  failed(error: unknown): void;
}

/** Desks waiting for a blank card, one a reader's door. */
export class ChipDesk {
  readonly #waiting = new Map<string, Waiting>();

  /**
   * Waits for the next card to be written at this door's reader, and for its end.
   * @throws LimenError `no-card-tapped` after `ms` without one, or when another desk begins to wait there; and whatever
   *   writing it came to
   */
  wait(door: string, order: ChipOrder, ms: number): Promise<Issued> {
    this.take(door)?.failed(noCard());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.take(door, waiting)?.failed(noCard()), ms);
      const waiting: Waiting = {
        order,
        done: (issued) => {
          clearTimeout(timer);
          resolve(issued);
        },
        failed: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.#waiting.set(door, waiting);
    });
  }

  /** The desk that waits at this door, which from now on waits no more. @param only if it is this one */
  take(door: string, only?: Waiting): Waiting | undefined {
    const waiting = this.#waiting.get(door);
    if (!waiting || (only && waiting !== only)) return undefined;
    this.#waiting.delete(door);
    return waiting;
  }

  waits(door: string): boolean {
    return this.#waiting.has(door);
  }
}

const noCard = (): LimenError => new LimenError("no-card-tapped", { status: 408 });
