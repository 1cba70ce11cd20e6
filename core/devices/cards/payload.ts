/** More than this in one message is no reader: a serial line gives at most a few hundred bytes at once. */
const maxBytes = 4096;

/**
 * The bytes of a message from *serial in*, *mqtt in* or *tcp in*: a buffer, or text one byte a character. A character
 * beyond a byte becomes FF, which no frame contains, so that it cannot pass for a digit.
 * @returns undefined for anything else, and for more than 4096 bytes
 */
export function bytesOf(payload: unknown): Uint8Array | undefined {
  if (payload instanceof Uint8Array) return payload.length <= maxBytes ? payload : undefined;
  if (typeof payload !== "string" || payload.length > maxBytes) return undefined;
  return Uint8Array.from(payload, (char) => Math.min(char.codePointAt(0)!, 0xff));
}
