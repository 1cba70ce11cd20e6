import { setImmediate } from "node:timers/promises";
import { systemClock } from "../../../core/clock.ts";
import { MovedTime } from "../../core/devices/moved-time.ts";

const real = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  performance: performance.now.bind(performance),
  monotonic: systemClock.monotonic,
  now: systemClock.now,
};

/** Waits on the machine's own clock, also while the model's is installed. */
export const really = (ms: number): Promise<void> => new Promise((resolve) => real.setTimeout(resolve, ms));

/**
 * This process on a clock that moves by hand: time-outs, `performance.now` and the system's clock. Sockets and ports stay
 * what they are, so that a test moves time only when they have had their turn (`pump`).
 */
export class ModelTime extends MovedTime {
  #step = 10;

  install(): this {
    const ends = new WeakMap<object, () => void>();
    const later = (act: (...args: unknown[]) => void, ms = 0, ...args: unknown[]): object => {
      let cancel = this.after(Number(ms) || 0, () => act(...args));
      const timer = {
        ref: () => timer,
        unref: () => timer,
        hasRef: () => true,
        refresh: () => {
          cancel();
          cancel = this.after(Number(ms) || 0, () => act(...args));
          return timer;
        },
        [Symbol.dispose]: () => cancel(),
      };
      ends.set(timer, () => cancel());
      return timer;
    };
    globalThis.setTimeout = later as never;
    globalThis.clearTimeout = ((timer: object | undefined) => {
      const end = timer && ends.get(timer);
      if (end) end();
      else real.clearTimeout(timer as never); // one from before
    }) as never;
    performance.now = () => this.monotonic();
    Object.assign(systemClock, { monotonic: () => this.monotonic(), now: () => this.now() });
    return this;
  }

  uninstall(): void {
    globalThis.setTimeout = real.setTimeout;
    globalThis.clearTimeout = real.clearTimeout;
    performance.now = real.performance;
    Object.assign(systemClock, { monotonic: real.monotonic, now: real.now });
  }

  /** Lets sockets, ports and promises have their turn; model time stands still. @param ms of the machine's own time */
  async rest(ms = 1): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await setImmediate();
    await really(ms);
    for (let turn = 0; turn < 5; turn++) await setImmediate();
  }

  /** Time goes on until it is so. @throws Error after a minute of the model's time and five seconds of the machine's */
  async until(done: () => boolean, what: string): Promise<void> {
    const until = this.monotonic() + 60_000;
    const late = real.performance() + 5000;
    for (let turn = 0; !done(); turn++) {
      if (this.monotonic() > until && real.performance() > late) throw new Error(`waited for ${what}`);
      await this.rest();
      // whatever needs no time is done first
      if (turn > 20) await this.move(this.#step);
    }
  }

  /** Time goes on until a promise is settled. */
  async during<Answer>(promise: Promise<Answer>, what: string): Promise<Answer> {
    let over = false;
    promise.then(
      () => {
        over = true;
      },
      () => {
        over = true;
      },
    );
    await this.until(() => over, what);
    return await promise;
  }
}
