/** What an opening took, and how it is given back. */
export interface Passage {
  /** The way in was not used, or did not open: whoever it was is not inside. */
  leave(): void;
  /** The lock did not move: what was counted was no opening. */
  giveBack(): void;
}

/** Openings nobody has walked through yet, a door: more than these are no queue of people. */
const most = 20;

/**
 * Openings of which it is not yet known whether they were any: a lock that failed, or a door that nobody opened, lets
 * nobody in. In memory only: after a restart an opening counts.
 */
export class Passages {
  readonly #doors = new Map<string, Map<string, Passage & { moved?: true }>>();

  /** A ticket was used at a door. */
  opening(door: string, attempt: string, passage: Passage): void {
    const open = this.#doors.get(door) ?? new Map<string, Passage & { moved?: true }>();
    this.#doors.set(door, open);
    open.set(attempt, passage);
    const [oldest] = open.keys();
    if (open.size > most && oldest !== undefined) open.delete(oldest);
  }

  /** The lock has moved for it: from here on only the door can say that nobody went through. */
  moved(door: string, attempt: string): void {
    const passage = this.#doors.get(door)?.get(attempt);
    if (passage) passage.moved = true;
  }

  /** The lock did not move. Said of an opening that is not one of ours, that has moved, or twice, it changes nothing. */
  failed(door: string, attempt: string): void {
    const passage = this.#doors.get(door)?.get(attempt);
    if (!passage || passage.moved) return;
    this.#doors.get(door)?.delete(attempt);
    passage.leave();
    passage.giveBack();
  }

  /** The door stayed shut through all of them. */
  notTaken(door: string): void {
    for (const passage of this.#doors.get(door)?.values() ?? []) passage.leave();
    this.#doors.delete(door);
  }

  /** The door has opened: who went in is in. */
  taken(door: string): void {
    this.#doors.delete(door);
  }
}
