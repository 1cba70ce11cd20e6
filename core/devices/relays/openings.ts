/** One opening's share of a lock: it may be released until then, monotonic ms. */
export interface Opening {
  readonly until: number;
}

/**
 * The openings of one lock that run, or are on their way to it. A lock is released until the last of them ends, and one
 * that failed takes only its own share with it: nobody's opening cuts another's short.
 */
export class Openings {
  readonly #running = new Set<Opening>();

  /** It counts from here on, also while its command is still on the way. */
  begin(until: number): Opening {
    const opening = { until };
    this.#running.add(opening);
    return opening;
  }

  has(opening: Opening): boolean {
    return this.#running.has(opening);
  }

  /** It failed, or is over. */
  end(opening: Opening): void {
    this.#running.delete(opening);
  }

  /** The last end, of those that are over as well; undefined: there is none. */
  get last(): number | undefined {
    return this.#running.size > 0 ? Math.max(...[...this.#running].map(({ until }) => until)) : undefined;
  }

  /** Ends all that are over. @returns when the last one that still runs ends; undefined: none runs */
  until(now: number): number | undefined {
    let last: number | undefined;
    for (const opening of this.#running) {
      if (opening.until <= now) this.#running.delete(opening);
      else last = Math.max(last ?? opening.until, opening.until);
    }
    return last;
  }
}
