import { LimenError } from "../../errors.ts";

/** Nothing Limen sends holds a lock open for longer, whatever a setting says. */
export const longestPulseMs = 60_000;

/**
 * A pulse in whole tenths of a second: what every device can time.
 * @throws LimenError `pulse-out-of-range` unless it is between 0.1 and 60 seconds
 */
export function pulseMs(seconds: number): number {
  const ms = Math.round(seconds * 10) * 100;
  if (!(ms >= 100 && ms <= longestPulseMs))
    throw new LimenError("pulse-out-of-range", {
      field: "/openSeconds",
      params: { field: "/openSeconds", most: longestPulseMs / 1000 },
    });
  return ms;
}
