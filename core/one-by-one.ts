/** Work that must not overlap: each piece starts when the one before has ended, however that went. */
export class OneByOne {
  #last: Promise<unknown> = Promise.resolve();

  /** @returns what the work does; its failure is its caller's alone */
  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work, work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
