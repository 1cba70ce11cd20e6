import { readingOf as uidOf } from "../cards/pn532.ts";
import type { CardReading } from "../cards/reading.ts";
import { bitsOf, decodeWiegand } from "../cards/wiegand.ts";
import type { OsdpEvent } from "./events.ts";

/** Lengths of an ISO 14443 UID, in bits: a reader hands it through as it is. */
const uids: readonly number[] = [32, 56, 80];

/**
 * The card an OSDP reader saw: a Wiegand burst by its length and parity (readers send it as "raw" as often as not), or a
 * UID. Undefined for a length nobody named, a parity that fails, and a UID that is made up for the tap.
 */
export function readingOf(card: Extract<OsdpEvent, { kind: "card" }>): CardReading | undefined {
  const bytes = Buffer.from(card.hex, "hex");
  if (card.format === "raw" && uids.includes(card.bits)) return uidOf({ uid: bytes, sak: 0, atqa: 0 });
  const bits = bitsOf(bytes, card.bits);
  return bits === undefined ? undefined : decodeWiegand(bits);
}
