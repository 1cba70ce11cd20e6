import type { Clock } from "../../core/clock.ts";

/** A clock moved by hand: `pass` lets time go by, `set` changes what the wall clock says without time going by. */
export interface HandClock extends Clock {
  pass(ms: number): void;
  set(now: Date): void;
}

export function handClock(start = "2026-11-23T08:00:00.000Z"): HandClock {
  let wall = Date.parse(start);
  let monotonic = 1000;
  return {
    now: () => new Date(wall),
    monotonic: () => monotonic,
    pass(ms) {
      wall += ms;
      monotonic += ms;
    },
    set(now) {
      wall = now.getTime();
    },
  };
}
