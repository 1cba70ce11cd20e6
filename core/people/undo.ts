import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";

/** How long something can be taken back, ms. */
const minute = 60_000;

/**
 * What was blocked by a slip, and may be taken back: for a minute, by the account that did it. In memory: a restart ends the
 * minute early, and what is blocked stays blocked.
 */
export class Undo {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #done = new Map<string, { by: string; at: number }>();

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** Somebody did something to what has this id. */
  did(id: string, by: string): void {
    const at = this.#clock.monotonic();
    for (const [other, one] of this.#done) if (at - one.at > minute) this.#done.delete(other);
    this.#done.set(id, { by, at });
  }

  /** They take it back, once. @throws LimenError `undo-over`: too late, somebody else's, or never done */
  take(id: string, by: string): void {
    const one = this.#done.get(id);
    if (!one || one.by !== by || this.#clock.monotonic() - one.at > minute)
      throw new LimenError("undo-over", { field: "/id", status: 409 });
    this.#done.delete(id);
  }
}
