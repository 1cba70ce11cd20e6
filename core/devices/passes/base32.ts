const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648 base 32 without padding: the letters a QR code packs tightest without spaces or signs. */
export function toBase32(bytes: Uint8Array): string {
  let text = "";
  let have = 0;
  let bits = 0;
  for (const byte of bytes) {
    have = ((have << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += alphabet[(have >> bits) & 31];
    }
  }
  return bits > 0 ? text + alphabet[(have << (5 - bits)) & 31] : text;
}

/** Undefined unless the text is the one way to write some bytes: left-over bits must be zero. */
export function fromBase32(text: string): Buffer | undefined {
  const bytes: number[] = [];
  let have = 0;
  let bits = 0;
  for (const letter of text) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return undefined;
    have = ((have << 5) | value) & 0xfff;
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push((have >> bits) & 0xff);
  }
  if (bits >= 5 || (have & ((1 << bits) - 1)) !== 0) return undefined;
  return Buffer.from(bytes);
}
