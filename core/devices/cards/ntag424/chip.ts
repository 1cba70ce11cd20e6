import { LimenError } from "../../../errors.ts";
import { dataOf, type Talk } from "./talk.ts";

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

/** Name of the NFC Forum application all NTAG 424 DNA have (NT4H2421Gx, 8.2.2), and the file number of its NDEF file. */
const application = Buffer.from("d2760000850101", "hex");
export const ndefFile = 2;

export const otherChip = (): LimenError => new LimenError("card-other-chip", { status: 422 });

/** ISO SELECT of the application; ends any session. @throws LimenError `card-other-chip` */
export function* select(): Talk<void> {
  const apdu = Buffer.concat([
    Buffer.from([0x00, 0xa4, 0x04, 0x0c, application.length]),
    application,
    Buffer.of(0),
  ]);
  if (!dataOf(yield apdu, "9000")) throw otherChip();
}

/** ISO READ of the NDEF file from its start, as a telephone does it: the chip fills in identity, counter and MAC. */
export function* readNdef(length: number): Talk<Buffer | undefined> {
  if (!dataOf(yield Buffer.from("00a4000c02e104", "hex"), "9000")) return undefined;
  return dataOf(yield Buffer.from([0x00, 0xb0, 0x00, 0x00, length]), "9000");
}
