import type { Bus } from "../limen-bus/bus.ts";

/** One answer may be lost on its way; a board that gives none so many times in a row is dead. */
const deadAfter = 2;
/** A missing answer is asked for again after this, ms. */
const againMs = 1000;
/** A line that is away for a restart or a moment's unplugging is no alarm, ms. */
const graceMs = 15_000;

/**
 * Asks a board that says nothing by itself (`Bus.idleMs`) whether it is there, so that a dead one is known before somebody
 * needs it. It only reads: whether a relay may be on just now is not its business, for others may hold it. Of a board that
 * cannot be asked it is known whether its line is there, and a line that stays away is missed the same way.
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
  readonly #stop: () => void;

  /**
   * @param tell called when the board is silent, and when it answers again that its relay is off; `settles`: it answers for
   *   the first time, and whatever was said before this start is over
   * @param busy whether the line is needed for more than questions now
   * @param grace how long a line may be away, ms
   */
  constructor(
    bus: Bus,
    unit: number,
    channel: number,
    tell: (kind: "relay-silent" | "relay-rests", settles?: true) => void,
    busy: () => boolean = () => false,
    grace = graceMs,
  ) {
    this.#bus = bus;
    this.#unit = unit;
    this.#channel = channel;
    this.#tell = tell;
    this.#busy = busy;
    // where readers are watched on the line, the door hears of it by them
    const byLine = bus.idleMs === undefined && !bus.isOn && !bus.watch;
    this.#stop = byLine ? bus.onState((up) => this.#line(up, grace)) : () => undefined;
    if (byLine) this.#line(bus.up, grace);
    else this.#wait();
  }

  /** The board has not answered when it was asked. */
  get silent(): boolean {
    return this.#missed >= deadAfter;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#due);
    this.#stop();
  }

  #line(up: boolean, grace: number): void {
    clearTimeout(this.#due);
    if (up) {
      if (!this.#met && this.#missed === 0) this.#missed = 1; // an alarm from before this start is over
      this.#heard();
      return;
    }
    if (this.silent) return;
    this.#due = setTimeout(() => {
      this.#missed = deadAfter;
      this.#tell("relay-silent");
    }, grace);
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
