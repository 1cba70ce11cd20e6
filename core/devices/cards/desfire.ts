import { LimenError } from "../../errors.ts";
import {
  changeMaster,
  changeOther,
  factoryKey,
  type Keying,
  presentKey,
  prove,
} from "./ntag424/change-key.ts";
import { keyNumbers } from "./ntag424/chip.ts";
import { authFailed, dataOf, native, type Talk } from "./ntag424/talk.ts";

/** This product's application on a DESFire, last byte first. */
const application = Buffer.from("4d494c", "hex");
const selectApplication = 0x5a;
const createApplication = 0xca;

/** Settings of the application: its master key changes keys and settings, anybody may look at its list. */
const settings = 0x0b;
/** Two AES keys. */
const keys = 0x82;

/** Selects our application. @returns whether the card has it */
export function* selectOurs(): Talk<boolean> {
  return dataOf(yield native(selectApplication, application), "9100") !== undefined;
}

/**
 * Puts this site's application with its two keys onto a DESFire EV2 or EV3. The rest of the card, and its own master key,
 * stay as they are: whoever owns the card may use it elsewhere too. The application's master key goes last, so that a
 * card torn away at any moment is finished by the next run.
 * @throws LimenError `card-not-blank` when the card lets nobody add an application, or has ours with other keys;
 *   `card-write-failed`; `card-auth-failed`
 */
export function* personaliseDesfire(card: Keying & { uid: string }): Talk<undefined> {
  if (!(yield* selectOurs())) {
    const made = yield native(createApplication, Buffer.concat([application, Buffer.of(settings, keys)]));
    if (!dataOf(made, "9100") || !(yield* selectOurs()))
      throw new LimenError("card-not-blank", { status: 409 });
  }
  const { master, door } = keyNumbers;
  const present = yield* presentKey(card, master);
  const old = card.begun ? yield* presentKey(card, door) : factoryKey;
  const session = yield* prove(card, master, present);
  yield* changeOther(session, card, door, old);
  yield* changeMaster(session, card, present);
  yield* selectOurs();
  yield* prove(card, door, card.keys[door]!);
  const proved = yield* prove(card, master, card.keys[master]!);
  if (proved.readUid(yield proved.askUid()) !== card.uid) throw authFailed();
  return undefined;
}
