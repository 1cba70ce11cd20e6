import { crc32 } from "node:zlib";
import { LimenError } from "../../../errors.ts";
import { factoryKey, keyCount, keyNumbers, ndefFile, readNdef, requireNtag424, select } from "./chip.ts";
import { authenticate, type Ev2Session } from "./ev2.ts";
import { sunFile, urlIn } from "./ndef.ts";
import { findSun, openSun, type SunTap } from "./sun.ts";
import { authFailed, dataOf, native, type Talk } from "./talk.ts";

/** How a card is to be when it is done. */
export interface Personal {
  /** 14 hex digits, as the reader gave them. */
  uid: string;
  /** Five keys of 16 bytes, by number. */
  keys: readonly Buffer[];
  keyVersion: number;
  /** It may have some of these keys already: a card torn away before, or one that came back. */
  begun: boolean;
  /** Whether it signs a URL at every reading. */
  sun: boolean;
  random(bytes: number): Buffer;
}

const failed = (): LimenError => new LimenError("card-write-failed", { status: 502 });
const isAuthFailure = (error: unknown): boolean =>
  error instanceof LimenError && error.code === "card-auth-failed";

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
  yield* requireNtag424(card.uid);
  yield* select();
  const master = yield* masterOf(card);
  const present = yield* presentKeys(card);
  if (card.sun) {
    yield* prove(card, keyNumbers.master, master);
    yield* write(sunFile().content);
  }
  const session = yield* prove(card, keyNumbers.master, master);
  yield* settle(session.command(0x5f, Buffer.of(ndefFile), settings(card.sun)), session);
  for (let number = 1; number < keyCount; number++) {
    const key = card.keys[number]!;
    const old = present[number]!;
    if (old.equals(key)) continue;
    const mixed = Buffer.from(key.map((byte, at) => byte ^ old[at]!));
    const data = Buffer.concat([mixed, Buffer.of(card.keyVersion), checkOf(key)]);
    yield* settle(session.command(0xc4, Buffer.of(number), data), session);
  }
  const key = card.keys[keyNumbers.master]!;
  if (!master.equals(key)) {
    const data = Buffer.concat([key, Buffer.of(card.keyVersion)]);
    // changing the key of the session ends the session: the answer has no MAC
    const answer = yield session.command(0xc4, Buffer.of(keyNumbers.master), data);
    if (!dataOf(answer, "9100")) throw failed();
  }
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
  if (!sun) throw failed();
  const tap: SunTap = openSun(sun, { meta: card.keys[keyNumbers.meta]!, file: card.keys[keyNumbers.file]! });
  if (tap.uid !== card.uid) throw failed();
  return tap.counter;
}

const prove = (card: Personal, number: number, key: Buffer): Talk<Ev2Session> =>
  authenticate({ key, number, ours: card.random(16) });

/** Which of the two keys a card has that was begun; a new card has the factory's. */
function* which(card: Personal, number: number): Talk<Buffer | undefined> {
  for (const key of card.begun ? [card.keys[number]!, factoryKey] : [factoryKey]) {
    try {
      yield* prove(card, number, key);
      return key;
    } catch (error) {
      if (!isAuthFailure(error)) throw error;
    }
  }
  return undefined;
}

function* masterOf(card: Personal): Talk<Buffer> {
  const master = yield* which(card, keyNumbers.master);
  if (!master) throw new LimenError("card-not-blank", { status: 409 });
  return master;
}

function* presentKeys(card: Personal): Talk<readonly Buffer[]> {
  const present: Buffer[] = [factoryKey];
  for (let number = 1; number < keyCount; number++) {
    const key = card.begun ? yield* which(card, number) : factoryKey;
    if (!key) throw new LimenError("card-not-blank", { status: 409 });
    present.push(key);
  }
  return present;
}

/** WriteData (8Dh) in clear: what it holds is no secret. */
function* write(content: Buffer): Talk<void> {
  const place = Buffer.alloc(6);
  place.writeUIntLE(content.length, 3, 3);
  const answer = yield native(0x8d, Buffer.concat([Buffer.of(ndefFile), place, content]));
  if (dataOf(answer, "9100") === undefined) throw failed();
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

/** CRC-32 as the chip wants it: without the last inversion, last byte first. */
function checkOf(key: Buffer): Buffer {
  const check = Buffer.alloc(4);
  check.writeUInt32LE(~crc32(key) >>> 0);
  return check;
}
