import type { Bus } from "../limen-bus/bus.ts";

/** One answer may be lost on its way; a board that gives none so many times in a row is dead. */
const deadAfter = 2;
/** A missing answer is asked for again after this, ms. */
const againMs = 1000;

/**
 * Asks a board that says nothing by itself (`Bus.idleMs`) whether it is there, so that a dead one is known before somebody
 * needs it. It only reads: whether a relay may be on just now is not its business, for others may hold it.
 */
export class BoardWatch {
  readonly #bus: Bus;
  readonly #unit: number;
  readonly #channel: number;
  readonly #tell: (kind: "relay-silent" | "relay-rests", settles?: true) => void;
  readonly #busy: () => boolean;
  #due: NodeJS.Timeout | undefined;
  /** Answers missed in a row. */
  #missed = 0;
  #met = false;
  #closed = false;

  /**
   * @param tell called when the board is silent, and when it answers again that its relay is off; `settles`: it answers for
   *   the first time, and whatever was said before this start is over
   * @param busy whether the line is needed for more than questions now
   */
  constructor(
    bus: Bus,
    unit: number,
    channel: number,
    tell: (kind: "relay-silent" | "relay-rests", settles?: true) => void,
    busy: () => boolean = () => false,
  ) {
    this.#bus = bus;
    this.#unit = unit;
    this.#channel = channel;
    this.#tell = tell;
    this.#busy = busy;
    this.#wait();
  }

  /** The board has not answered when it was asked. */
  get silent(): boolean {
    return this.#missed >= deadAfter;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#due);
  }

  #wait(): void {
    const { idleMs } = this.#bus;
    if (this.#closed || idleMs === undefined) return;
    const doubtful = this.#missed > 0 && !this.silent;
    this.#due = setTimeout(() => void this.#ask(), doubtful ? Math.min(againMs, idleMs) : idleMs);
  }

  async #ask(): Promise<void> {
    if (!this.#busy()) {
      const on = await this.#bus.isOn?.(this.#unit, this.#channel).catch(() => undefined);
      if (this.#closed) return;
      if (on === undefined) this.#miss();
      else if (!on) this.#heard(); // one that is on is looked at again
    }
    this.#wait();
  }

  #miss(): void {
    this.#missed++;
    if (this.#missed === deadAfter) this.#tell("relay-silent");
  }

  #heard(): void {
    const { silent } = this;
    const missed = this.#missed;
    this.#missed = 0;
    if (silent) this.#tell("relay-rests");
    else if (missed > 0 && !this.#met) this.#tell("relay-rests", true);
    this.#met = true;
  }
}
