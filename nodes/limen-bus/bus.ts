import type { Method } from "../../core/entry/attempt.ts";

/** What a `limen-bus` node offers the nodes that drive relays on it. */
export interface Bus {
  /** The line is open and the board's relays have been told OFF. */
  readonly up: boolean;
  /**
   * Releases a lock for `ms` (at most a minute) and answers once the board has been told.
   * @param unit address on the bus; boards without addresses ignore it
   * @param channel relay, from 1
   * @throws LimenError `relay-failed` when the line is away, when the order had to wait longer than two seconds for it,
   *   or when the board did not answer as it must: then it may have moved, and whoever knows of no other opening says
   *   `off`
   */
  pulse(unit: number, channel: number, ms: number): Promise<void>;
  /** Ends a pulse. Never throws: a line that is away is told OFF when it comes back. */
  off(unit: number, channel: number): Promise<void>;
  /**
   * Fire: keeps a lock released until `free`, also over the end of this process. Absent: a board that times its pulses
   * itself is told to open again and again instead.
   * @throws LimenError `relay-failed` when the board was not told now
   */
  hold?(unit: number, channel: number): Promise<void>;
  /** Somebody reset the fire: OFF, unless a pulse runs. Never throws. */
  free?(unit: number, channel: number): Promise<void>;
  /**
   * Whether a relay is on, as the device says when asked; undefined: it did not answer. Absent: a board that cannot be
   * asked.
   */
  isOn?(unit: number, channel: number): Promise<boolean | undefined>;
  /**
   * A node of a door relies on the unit with this address; where that can die unnoticed, the door is told when it does.
   * Absent: nothing on this line can be watched.
   * @param ways ways in that fall with it
   * @returns takes it back @throws LimenError `osdp-address` for a unit the line does not have
   */
  watch?(unit: number, door: string, ways: readonly Method[]): () => void;
  /**
   * How often a board that says nothing by itself is to be asked while its relays rest, ms. Absent: it cannot be asked, or
   * the line notices by itself when a device is gone.
   */
  readonly idleMs?: number;
  /** Calls back whenever the line comes or goes. @returns stops that */
  onState(listener: (up: boolean) => void): () => void;
}

/** A bus that has to be closed: OFF is out, and the port free, when it resolves. */
export interface OpenBus extends Bus {
  close(): Promise<void>;
}

/** Listeners of one bus's coming and going. */
export class BusState {
  readonly #listeners = new Set<(up: boolean) => void>();
  #up = false;

  get up(): boolean {
    return this.#up;
  }

  set(up: boolean): void {
    if (up === this.#up) return;
    this.#up = up;
    for (const listener of this.#listeners) listener(up);
  }

  on(listener: (up: boolean) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
