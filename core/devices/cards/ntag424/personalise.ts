import {
  changeMaster,
  changeOther,
  factoryKey,
  type Keying,
  presentKey,
  prove,
  writeFailed,
} from "./change-key.ts";
import { keyCount, keyNumbers, ndefFile, readNdef, select } from "./chip.ts";
import type { Ev2Session } from "./ev2.ts";
import { sunFile, urlIn } from "./ndef.ts";
import { findSun, openSun, type SunTap } from "./sun.ts";
import { authFailed, dataOf, native, type Talk } from "./talk.ts";

/** How a card is to be when it is done. */
export interface Personal extends Keying {
  /** 14 hex digits, as the reader gave them. */
  uid: string;
  /** Whether it signs a URL at every reading. */
  sun: boolean;
}

/**
 * Turns a blank NTAG 424 DNA into one of this site's: settings, four keys, and the master key last, so that a card torn
 * away at any moment is still open to the site and the next run finishes it. Ends with everything proved anew: a card is
 * one of ours only when this returns.
 * @returns the card's own count of readings, with `sun`
 * @throws LimenError `card-other-chip`; `card-not-blank` for a card that has somebody else's keys; `card-write-failed`;
 *   `card-auth-failed`
 */
export function* personalise(card: Personal): Talk<number | undefined> {
  yield* select();
  const master = yield* presentKey(card, keyNumbers.master);
  const present = [master];
  for (let number = 1; number < keyCount; number++)
    present.push(card.begun ? yield* presentKey(card, number) : factoryKey);
  if (card.sun) {
    yield* prove(card, keyNumbers.master, master);
    yield* write(sunFile().content);
  }
  const session = yield* prove(card, keyNumbers.master, master);
  yield* settle(session.command(0x5f, Buffer.of(ndefFile), settings(card.sun)), session);
  for (let number = 1; number < keyCount; number++)
    yield* changeOther(session, card, number, present[number]!);
  yield* changeMaster(session, card, master);
  return yield* verify(card);
}

/** Proves a card that says it is done: every key, its own UID under a session, and its URL. */
function* verify(card: Personal): Talk<number | undefined> {
  yield* select();
  for (let number = keyCount - 1; number >= 0; number--) {
    const session = yield* prove(card, number, card.keys[number]!);
    if (number > 0) continue;
    if (session.readUid(yield session.askUid()) !== card.uid) throw authFailed();
  }
  if (!card.sun) return undefined;
  yield* select(); // out of the session: only then does the chip sign
  const content = yield* readNdef(sunFile().content.length);
  const sun = content && findSun(urlIn(content) ?? "");
  if (!sun) throw writeFailed();
  const tap: SunTap = openSun(sun, { meta: card.keys[keyNumbers.meta]!, file: card.keys[keyNumbers.file]! });
  if (tap.uid !== card.uid) throw writeFailed();
  return tap.counter;
}

/** WriteData (8Dh) in clear: what it holds is no secret. */
function* write(content: Buffer): Talk<void> {
  const place = Buffer.alloc(6);
  place.writeUIntLE(content.length, 3, 3);
  const answer = yield native(0x8d, Buffer.concat([Buffer.of(ndefFile), place, content]));
  if (dataOf(answer, "9100") === undefined) throw writeFailed();
}

/** Sends a command of a session and checks its answer. */
function* settle(apdu: Buffer, session: Ev2Session): Talk<void> {
  session.read(yield apdu);
}

/**
 * ChangeFileSettings (NT4H2421Gx, 10.7.1): anybody reads, the master key writes and changes. With `sun` the URL carries
 * UID and counter, encrypted under the meta key, and a MAC of the file key over nothing but them.
 */
function settings(sun: boolean): Buffer {
  const rights = [0x00, 0xe0];
  if (!sun) return Buffer.from([0x00, ...rights]);
  const { picc, mac } = sunFile();
  const access = [0xff, (keyNumbers.meta << 4) | keyNumbers.file]; // nobody may ask for the counter
  const offsets = Buffer.alloc(9);
  for (const [at, offset] of [picc, mac, mac].entries()) offsets.writeUIntLE(offset, at * 3, 3);
  return Buffer.concat([Buffer.from([0x40, ...rights, 0xc1, ...access]), offsets]);
}
