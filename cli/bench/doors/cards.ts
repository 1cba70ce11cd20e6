/** Cards a door turns through, so that none comes back while the reader still takes it for the same presentation. */
export const cardsADoor = 20;

export const numberOf = (card: number): string =>
  (0x0a00000000 + card * 7919).toString(16).toUpperCase().padStart(10, "0");

/** An RDM6300 frame: 02, ten hex digits, the XOR of the five bytes, 03. */
export function frameOf(card: number): Buffer {
  const number = numberOf(card);
  const sum = Buffer.from(number, "hex").reduce((xor, byte) => xor ^ byte, 0);
  return Buffer.from(`\x02${number}${sum.toString(16).toUpperCase().padStart(2, "0")}\x03`, "latin1");
}
