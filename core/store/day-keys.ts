import type { DayKeys, KeyRing } from "./types.ts";

/** The keys of days, wrapped in the ring's table. */
export function openDayKeys(ring: KeyRing): DayKeys {
  return ring.keys("day");
}

/** The day a moment belongs to, UTC: `2026-11-23`. */
export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
