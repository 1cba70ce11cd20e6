import { deflateRawSync, inflateRawSync } from "node:zlib";
import { LimenError } from "../errors.ts";

/** What a receipt's QR code begins with. */
const head = "limen-receipt:1:";
/** No receipt is larger; what claims to be is not unpacked. */
const largest = 256 * 1024;

/** A signed receipt as the text of a QR code: the whole of it, packed (RFC 1951, base64url). */
export const toPaper = (receipt: string): string =>
  head + deflateRawSync(Buffer.from(receipt), { level: 9 }).toString("base64url");

/**
 * A receipt as it was signed, from a saved file or from the text a QR code was read as.
 * @throws LimenError `receipt-bad` when the packing is broken
 */
export function fromPaper(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith(head)) return trimmed;
  try {
    const packed = Buffer.from(trimmed.slice(head.length), "base64url");
    return inflateRawSync(packed, { maxOutputLength: largest }).toString();
  } catch {
    throw new LimenError("receipt-bad", { params: { why: "form" } });
  }
}
