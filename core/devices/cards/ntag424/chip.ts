import { LimenError } from "../../../errors.ts";
import { dataOf, native, type Talk } from "./talk.ts";

/** What each of an NTAG 424 DNA's five keys is for, here. */
export const keyNumbers = {
  /** Changes keys and settings. */
  master: 0,
  /** Proves at a door that the card is here. */
  door: 1,
  /** Encrypts UID and counter in the URL. One for the whole site: it must be known before the card is. */
  meta: 2,
  /** Signs the URL. */
  file: 3,
  /** Used for nothing; not left at the factory's. */
  spare: 4,
} as const;
export const keyCount = 5;
export const factoryKey = Buffer.alloc(16);

/** Name of the NFC Forum application all NTAG 424 DNA have (NT4H2421Gx, 8.2.2), and the file number of its NDEF file. */
const application = Buffer.from("d2760000850101", "hex");
export const ndefFile = 2;

const otherChip = (): LimenError => new LimenError("card-other-chip", { status: 422 });

/** ISO SELECT of the application; ends any session. @throws LimenError `card-other-chip` */
export function* select(): Talk<void> {
  const apdu = Buffer.concat([
    Buffer.from([0x00, 0xa4, 0x04, 0x0c, application.length]),
    application,
    Buffer.of(0),
  ]);
  if (!dataOf(yield apdu, "9000")) throw otherChip();
}

/**
 * GetVersion (60h): only an NTAG 424 DNA has the files and keys that are going to be written; others speak the same
 * language and would be left half done.
 * @param uid 14 hex digits, as the reader gave them: keys go by it
 * @throws LimenError `card-other-chip`, also when the chip names another UID
 */
export function* requireNtag424(uid: string): Talk<void> {
  const hardware = dataOf(yield native(0x60), "91af");
  const software = dataOf(yield native(0xaf), "91af");
  const made = dataOf(yield native(0xaf), "9100");
  // vendor NXP, type NTAG, major version 30h (NT4H2421Gx, 10.5.2)
  const known = hardware?.[0] === 0x04 && hardware[1] === 0x04 && hardware[3] === 0x30;
  const itself = made?.toString("hex", 0, 7).toUpperCase() === uid;
  if (!known || !software || !itself) throw otherChip();
}

/** ISO READ of the NDEF file from its start, as a telephone does it: the chip fills in identity, counter and MAC. */
export function* readNdef(length: number): Talk<Buffer | undefined> {
  if (!dataOf(yield Buffer.from("00a4000c02e104", "hex"), "9000")) return undefined;
  return dataOf(yield Buffer.from([0x00, 0xb0, 0x00, 0x00, length]), "9000");
}
