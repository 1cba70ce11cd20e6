/** How many frames of one camera are remembered: more than anybody replays, and under 100 kB. */
const remembered = 1000;

/**
 * Prints (hashes of decoded pixels) of the frames with a face that one camera gave during earlier looks. A sensor's noise
 * never gives the same pixels twice, so a print that returns is a recording. Nothing of the picture can be got back from it.
 */
export class PrintMemory {
  readonly #prints = new Set<string>();

  /** @returns whether this very picture was there before */
  seen(print: string): boolean {
    return this.#prints.has(print);
  }

  /** Keeps the prints of one look, once it is over. */
  keep(prints: Iterable<string>): void {
    for (const print of prints) this.#prints.add(print);
    for (const oldest of this.#prints) {
      if (this.#prints.size <= remembered) break;
      this.#prints.delete(oldest);
    }
  }
}

/**
 * Frames of one look, one after another. The same picture again at once is a camera that is slower than its reader; one
 * that comes back after another was in between is a loop, and one of an earlier look a recording.
 */
export class Repeats {
  readonly #own = new Set<string>();
  readonly #faces = new Set<string>();
  readonly #earlier: PrintMemory | undefined;
  #last: string | undefined;

  /** @param earlier absent where the same pictures come back for a good reason: a simulated door, a test */
  constructor(earlier?: PrintMemory) {
    this.#earlier = earlier;
  }

  /** @param face whether there is a usable face in it: an empty scene in the dark may well look the same again */
  take(print: string, face: boolean): "new" | "same" | "repeat" {
    if (face) this.#faces.add(print);
    const again = this.#own.has(print);
    const standing = print === this.#last;
    this.#last = print;
    this.#own.add(print);
    if (!this.#earlier || !face) return again ? "same" : "new";
    if (this.#earlier.seen(print) || (again && !standing)) return "repeat";
    return again ? "same" : "new";
  }

  /** The look is over: what it saw may not come back. */
  close(): void {
    this.#earlier?.keep(this.#faces);
    this.#faces.clear();
    this.#own.clear();
  }
}
