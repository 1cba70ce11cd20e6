import type { Clock } from "../../core/clock.ts";

/** One request of a line after the other. */
export class Turns {
  readonly #clock: Clock;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * @param run must not reject
   * @param longestMs one that had to wait longer is not run at all: behind a line that stalls, what somebody asked for a
   *   while ago must not happen to whoever stands there now
   * @returns undefined for one that was not run
   */
  take<Answer>(
    run: () => Promise<Answer>,
    longestMs = Number.POSITIVE_INFINITY,
  ): Promise<Answer | undefined> {
    const before = this.#clock.monotonic() + longestMs;
    const turn = this.#last.then(async () => (this.#clock.monotonic() > before ? undefined : await run()));
    this.#last = turn;
    return turn;
  }

  /** Resolves when all that was asked for is over. */
  async over(): Promise<void> {
    await this.#last;
  }
}
