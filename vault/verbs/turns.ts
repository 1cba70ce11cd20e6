import { setImmediate } from "node:timers/promises";

/** How many are looked at in one go: a few milliseconds, which is what a card at a door may wait. */
const atOnce = 20;

/** Those for which something holds, in turns: doors wait for nobody's count. */
export async function inTurns<T>(all: readonly T[], holds: (one: T) => boolean): Promise<T[]> {
  const found: T[] = [];
  for (let at = 0; at < all.length; at += atOnce) {
    found.push(...all.slice(at, at + atOnce).filter(holds));
    await setImmediate();
  }
  return found;
}
