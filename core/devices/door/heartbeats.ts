export interface Beat {
  name: string;
  alive: boolean;
}

/**
 * Who should be heard from and was. A way in that has gone silent is the top alarm where it is not the face: people who
 * refuse it are locked out. Silence counts from the start, too: a reader that was dead before us is as dead.
 */
export class Heartbeats {
  readonly #silenceMs: number;
  readonly #heard = new Map<string, number>();
  readonly #silent = new Set<string>();
  /** Heard from since the start: of the others nothing is known yet. */
  readonly #met = new Set<string>();

  /** @param at monotonic ms */
  constructor(names: readonly string[], silenceMs: number, at: number) {
    this.#silenceMs = silenceMs;
    for (const name of names) this.#heard.set(name, at);
  }

  /** Somebody was heard, or said of itself that it is gone. Names nobody expects are nothing. */
  take({ name, alive }: Beat, at: number): Beat[] {
    if (!this.#heard.has(name)) return [];
    if (!alive) {
      this.#heard.set(name, Number.NEGATIVE_INFINITY);
      return this.tick(at);
    }
    this.#heard.set(name, at);
    this.#met.add(name);
    return this.#silent.delete(name) ? [{ name, alive: true }] : [];
  }

  /** Who has gone silent since last asked. */
  tick(at: number): Beat[] {
    const news: Beat[] = [];
    for (const [name, heard] of this.#heard) {
      if (this.#silent.has(name) || at - heard < this.#silenceMs) continue;
      this.#silent.add(name);
      news.push({ name, alive: false });
    }
    return news;
  }

  /** When the next one would fall silent, monotonic ms. */
  get due(): number | undefined {
    const living = [...this.#heard].filter(([name]) => !this.#silent.has(name)).map(([, heard]) => heard);
    return living.length > 0 ? Math.min(...living) + this.#silenceMs : undefined;
  }

  /** Of whom it is known whether they live. */
  get known(): readonly Beat[] {
    const names = [...this.#heard.keys()].filter((name) => this.#silent.has(name) || this.#met.has(name));
    return names.map((name) => ({ name, alive: !this.#silent.has(name) }));
  }

  get silent(): readonly string[] {
    return [...this.#silent];
  }
}
