import type { Key } from "../cards/reading.ts";

export interface EntryOptions {
  /** A code this long is entered without `#`; 0: always wait for `#`. */
  length?: number;
  /** Silence after which what was typed is forgotten, ms (5 s in the trade). */
  gapMs?: number;
}

/** What a press did: `code` is complete digits; `refused` a code of a length that no code has. */
export type Typed = { kind: "code"; digits: string } | { kind: "typing" | "cleared" | "refused" };

const shortest = 3;
const longest = 12;

/**
 * Digits typed one by one. `*` starts over, `#` enters. The digits live here only until they are entered, cleared or
 * forgotten, and are never part of anything else.
 */
export class CodeEntry {
  readonly #length: number;
  readonly #gapMs: number;
  #digits = "";
  #tooLong = false;
  #last = 0;

  constructor({ length = 0, gapMs = 5000 }: EntryOptions = {}) {
    this.#length = length;
    this.#gapMs = gapMs;
  }

  get empty(): boolean {
    return this.#digits === "" && !this.#tooLong;
  }

  /** @param at monotonic ms */
  press(key: Key, at: number): Typed {
    this.forget(at);
    this.#last = at;
    if (key === "*") {
      this.clear();
      return { kind: "cleared" };
    }
    if (key === "#") return this.#enter();
    if (this.#digits.length >= longest) {
      // whoever leans on the keys is not handed a code by chance
      this.#digits = "";
      this.#tooLong = true;
    }
    if (!this.#tooLong) this.#digits += key;
    return this.#length > 0 && this.#digits.length === this.#length ? this.#enter() : { kind: "typing" };
  }

  /** Forgets what was typed when the silence is over. @returns whether there was anything */
  forget(at: number): boolean {
    if (this.empty || at - this.#last < this.#gapMs) return false;
    this.clear();
    return true;
  }

  clear(): void {
    this.#digits = "";
    this.#tooLong = false;
  }

  #enter(): Typed {
    const [digits, tooLong] = [this.#digits, this.#tooLong];
    this.clear();
    if (digits === "" && !tooLong) return { kind: "cleared" };
    return !tooLong && digits.length >= shortest ? { kind: "code", digits } : { kind: "refused" };
  }
}
