/** A 125 kHz card as it lies in the simulator's box: the printed number is the low 32 of its 40 bits (8H10D). */
export interface SimCard {
  /** Ten hex digits: version byte and 32-bit id. */
  hex: string;
  /** Ten decimal digits, as printed. */
  printed: string;
}

const ofHex = (hex: string): SimCard => ({
  hex,
  printed: String(Number.parseInt(hex.slice(2), 16)).padStart(10, "0"),
});

/** Three cards nobody owns yet; numbers printed in readers' manuals, so that they are recognised as examples. */
export const cardBox: readonly SimCard[] = ["01026F6C3A", "62E3086CED", "01000734E0"].map(ofHex);

/**
 * The bytes an RDM6300 reader sends for a card: `02`, ten hex digits, two of checksum (XOR of the five bytes), `03`;
 * 9600 8N1 on the wire, 14 bytes here.
 */
export function rdm6300({ hex }: SimCard): Uint8Array {
  let check = 0;
  for (let at = 0; at < 10; at += 2) check ^= Number.parseInt(hex.slice(at, at + 2), 16);
  const text = `\x02${hex}${check.toString(16).toUpperCase().padStart(2, "0")}\x03`;
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}
