import { readingOf as uidOf } from "../cards/pn532.ts";
import { type CardReading, uidLengths } from "../cards/reading.ts";
import { bitsOf, decodeWiegand, type WiegandFormat, wiegandFormats } from "../cards/wiegand.ts";
import type { OsdpEvent } from "./events.ts";

/**
 * The card an OSDP reader saw: a Wiegand burst by its length and parity (readers send it as "raw" as often as not), or a
 * UID, which a reader hands through as it is. Undefined for a length nobody named, a parity that fails, and a UID that is
 * made up for the tap.
 * @param formats the layouts of this reader; one as long as a UID takes its place
 */
export function readingOf(
  card: Extract<OsdpEvent, { kind: "card" }>,
  formats: readonly WiegandFormat[] = wiegandFormats,
): CardReading | undefined {
  const bytes = Buffer.from(card.hex, "hex");
  const isUid = uidLengths.includes(card.bits) && !formats.some(({ length }) => length === card.bits);
  if (card.format === "raw" && isUid) return uidOf({ uid: bytes, sak: 0, atqa: 0 });
  const bits = bitsOf(bytes, card.bits);
  return bits === undefined ? undefined : decodeWiegand(bits, formats);
}
