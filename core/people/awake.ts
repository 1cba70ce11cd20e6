import { LimenError } from "../errors.ts";

/** @returns who it is, unless nobody used their session for a while @throws LimenError `session-rests` (403) */
export function awake<T extends { resting?: true }>(who: T): T {
  if (who.resting) throw new LimenError("session-rests", { status: 403 });
  return who;
}
