import { cmac } from "./cmac.ts";

/**
 * A card's own AES-128 key out of a master key (NXP AN10922, 2.2): whoever breaks one card open has that card's keys and
 * no other's.
 * @param input what makes it this card's and this key: 16 to 31 bytes. Shorter input is padded otherwise than CMAC pads
 *   it, so it is refused instead of giving a key nobody else would derive
 */
export function diversified(master: Buffer, input: Uint8Array): Buffer {
  if (input.length < 16 || input.length > 31) throw new RangeError("16 to 31 bytes of input");
  return cmac(master, Buffer.concat([Buffer.of(0x01), input]));
}
