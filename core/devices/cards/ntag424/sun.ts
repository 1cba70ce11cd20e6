import { LimenError } from "../../../errors.ts";
import { cmac, decrypt, same, shortMac } from "./cmac.ts";

/** What a tag writes into its URL at every tap: encrypted identity and counter, and a MAC. */
export interface Sun {
  picc: Buffer;
  mac: Buffer;
}

/** Which tag it was, and its how-many-eth reading. */
export interface SunTap {
  /** UID, 14 hex digits. */
  uid: string;
  /** The tag's own count of readings, 0 to 16,777,215. */
  counter: number;
}

/** PICCDataTag: UID and counter are both there, the UID has 7 bytes (NXP AN12196, 4.4.2). */
const uidAndCounter = 0xc7;
const uidLength = 7;

const invalid = (): LimenError => new LimenError("card-sun-invalid", { status: 422 });

/**
 * Finds what NTAG 424 DNA tags put into a URL (`…?e=<32 hex>&c=<16 hex>`; `picc_data` and `cmac` as in NXP's example).
 * @returns undefined for any other text
 */
export function findSun(text: string): Sun | undefined {
  if (text.length > 1024) return undefined;
  const picc = /[?&](?:e|picc_data)=([0-9a-f]{32})(?:&|$)/i.exec(text)?.[1];
  const mac = /[?&](?:c|cmac)=([0-9a-f]{16})(?:&|$)/i.exec(text)?.[1];
  return picc && mac ? { picc: Buffer.from(picc, "hex"), mac: Buffer.from(mac, "hex") } : undefined;
}

/**
 * The UID a URL names, 14 hex digits; undefined when the key is not this tag's. It proves nothing yet: it only says whose
 * other key to check with.
 */
export function uidIn({ picc }: Sun, meta: Buffer): string | undefined {
  const data = picc.length === 16 ? decrypt(meta, picc) : Buffer.alloc(1);
  return data[0] === uidAndCounter ? data.toString("hex", 1, 1 + uidLength).toUpperCase() : undefined;
}

/**
 * Checks a tap and reads it (NXP AN12196, 4.4.2 and 4.4.4; no file data under the MAC).
 *
 * It proves that the tag has the key, not that it is here now: whoever calls must take a counter only once and only
 * rising (`isFresh`), or a photographed URL opens the door.
 * @param keys the tag's SDMMetaRead and SDMFileRead keys, 16 bytes each
 * @throws LimenError `card-sun-invalid`, whatever is wrong
 */
export function openSun({ picc, mac }: Sun, keys: { meta: Buffer; file: Buffer }): SunTap {
  if (picc.length !== 16 || mac.length !== 8) throw invalid();
  const data = decrypt(keys.meta, picc);
  const identity = data.subarray(1, 1 + uidLength + 3);
  const session = cmac(keys.file, Buffer.concat([Buffer.from("3cc300010080", "hex"), identity]));
  const sound = same(shortMac(cmac(session, Buffer.alloc(0))), mac);
  if (!sound || data[0] !== uidAndCounter) throw invalid();
  return {
    uid: identity.toString("hex", 0, uidLength).toUpperCase(),
    counter: identity.readUIntLE(uidLength, 3),
  };
}

/** Whether a tap is a new one. @param last the highest counter taken from this tag; undefined: none yet */
export const isFresh = ({ counter }: SunTap, last: number | undefined): boolean =>
  last === undefined || counter > last;
