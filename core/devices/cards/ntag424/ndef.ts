/** Where a telephone that reads the card is sent: nowhere (RFC 2606). The card is for doors. */
const host = "card.invalid/";
/** NFC Forum URI record, prefix `https://`. */
const https = 0x04;

/** The file of a card that signs its URL, and where in it the chip writes. */
export interface SunFile {
  content: Buffer;
  /** Offset of the 32 hex digits of PICCData. */
  picc: number;
  /** Offset of the 16 hex digits of the MAC. */
  mac: number;
}

/** Length-prefixed NDEF message with one URI record (NFC Forum Type 4 Tag, 5.1; RTD URI). */
export function sunFile(): SunFile {
  const url = `${host}?e=${"0".repeat(32)}&c=${"0".repeat(16)}`;
  const payload = Buffer.concat([Buffer.of(https), Buffer.from(url, "ascii")]);
  const record = Buffer.concat([Buffer.from([0xd1, 0x01, payload.length, 0x55]), payload]);
  const content = Buffer.concat([Buffer.from([0, record.length]), record]);
  const at = (mark: string): number => content.indexOf(mark) + mark.length;
  return { content, picc: at("?e="), mac: at("&c=") };
}

/** The URL in such a file; undefined for anything else. */
export function urlIn(content: Uint8Array): string | undefined {
  const bytes = Buffer.from(content);
  if (bytes.length < 8 || bytes[2] !== 0xd1 || bytes[5] !== 0x55 || bytes[6] !== https) return undefined;
  const end = 6 + bytes[4]!;
  return end <= bytes.length ? `https://${bytes.toString("ascii", 7, end)}` : undefined;
}
