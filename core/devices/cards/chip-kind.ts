import { otherChip, select } from "./ntag424/chip.ts";
import { dataOf, native, type Talk } from "./ntag424/talk.ts";

/** Chips that can be made cards of this site. */
export const chipKinds = ["ntag424", "desfire"] as const;
export type ChipKind = (typeof chipKinds)[number];

/** Vendor, type and major version of what GetVersion says of the hardware (NT4H2421Gx 10.5.2; MF2DLHX0, MF3DHx3). */
function kindOf(hardware: Buffer): ChipKind | undefined {
  const [vendor, type, , major] = hardware;
  if (vendor !== 0x04) return undefined;
  if (type === 0x04 && major === 0x30) return "ntag424";
  // EV2 and EV3; the first generation does not know this way of proving itself
  return type === 0x01 && (major === 0x12 || major === 0x33) ? "desfire" : undefined;
}

/**
 * GetVersion (60h): what chip it is. Others speak the same language and would be left half done.
 * @param uid 14 hex digits, as the reader gave them: keys go by it
 * @throws LimenError `card-other-chip`, also when the chip names another UID
 */
export function* chipKind(uid: string): Talk<ChipKind> {
  let hardware = dataOf(yield native(0x60), "91af");
  if (!hardware) {
    yield* select(); // some want an application first
    hardware = dataOf(yield native(0x60), "91af");
  }
  const software = dataOf(yield native(0xaf), "91af");
  const made = dataOf(yield native(0xaf), "9100");
  const kind = hardware && kindOf(hardware);
  if (!kind || !software || made?.toString("hex", 0, 7).toUpperCase() !== uid) throw otherChip();
  return kind;
}
