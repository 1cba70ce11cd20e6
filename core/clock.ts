/**
 * Time as the core sees it. Everything that decides takes a Clock, so that tests move time instead of waiting.
 */
export interface Clock {
  /** Wall-clock time: for records and schedules, never for durations. */
  now(): Date;
  /** Milliseconds that only ever grow, unaffected by someone setting the clock: for tickets and time-outs. */
  monotonic(): number;
}

/** The machine's own clocks. */
export const systemClock: Clock = {
  now: () => new Date(),
  monotonic: () => Number(process.hrtime.bigint() / 1000n) / 1000,
};
