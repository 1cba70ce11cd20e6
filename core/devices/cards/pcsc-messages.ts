/*
 * What pcscd (pcsc-lite 1.8.24 to 2.x, protocol 4) says and hears on its socket: `winscard_msg.h` and `eventhandler.h` of
 * its source. Fields are 32 bits in the machine's own order, which is little-endian wherever Limen runs.
 */

export const commands = {
  establish: 0x01,
  connect: 0x04,
  disconnect: 0x06,
  transmit: 0x09,
  version: 0x11,
  readers: 0x12,
} as const;

export const protocol = { major: 4, minor: 4 } as const;

const readerName = 128;
const readerState = 184;
const mostReaders = 16;
/** SCARD_PRESENT of pcsc-lite's reader states. */
const present = 0x0004;
const shared = 2;
const anyProtocol = 3;
const resetCard = 1;
/** The longest answer to a short APDU. */
const longestAnswer = 258;

/** How many bytes answer a command; after a `transmit` that went well, the card's own answer follows. */
export const answerLength = {
  establish: 12,
  connect: 152,
  disconnect: 12,
  transmit: 32,
  version: 12,
  readers: readerState * mostReaders,
} as const satisfies Record<keyof typeof commands, number>;

const words = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32LE(value >>> 0, at * 4);
  return bytes;
};

/** A request with its header. @param more raw bytes behind it, which its length does not count */
const request = (command: keyof typeof commands, body: Buffer, more: Uint8Array = Buffer.alloc(0)): Buffer =>
  Buffer.concat([words(body.length, commands[command]), body, more]);

export const askVersion = (minor: number): Buffer => request("version", words(protocol.major, minor, 0));
export const askContext = (): Buffer => request("establish", words(0, 0, 0));
export const askReaders = (): Buffer => request("readers", Buffer.alloc(0));

/** @param reader its whole name, as `readersOf` gave it */
export function askConnect(context: number, reader: string): Buffer {
  const name = Buffer.alloc(readerName);
  name.write(reader, 0, readerName - 1, "utf8");
  return request("connect", Buffer.concat([words(context), name, words(shared, anyProtocol, 0, 0, 0)]));
}

export const askDisconnect = (card: number): Buffer => request("disconnect", words(card, resetCard, 0));

/** @param active the protocol `connectionOf` gave */
export const askTransmit = (card: number, active: number, apdu: Uint8Array): Buffer =>
  request("transmit", words(card, active, 8, apdu.length, active, 8, longestAnswer, 0), apdu);

const ok = (bytes: Buffer): boolean => bytes.readUInt32LE(bytes.length - 4) === 0;

/** Which protocol pcscd speaks, and whether it took ours. */
export const versionOf = (bytes: Buffer): { major: number; minor: number; ok: boolean } => ({
  major: bytes.readInt32LE(0),
  minor: bytes.readInt32LE(4),
  ok: ok(bytes),
});

/** @returns undefined when it was refused */
export const contextOf = (bytes: Buffer): number | undefined =>
  ok(bytes) ? bytes.readUInt32LE(4) : undefined;

/** @returns the card's handle and protocol; undefined when there is no card, or somebody else has it for themselves */
export const connectionOf = (bytes: Buffer): { card: number; active: number } | undefined =>
  ok(bytes)
    ? { card: bytes.readInt32LE(4 + readerName + 8), active: bytes.readUInt32LE(4 + readerName + 12) }
    : undefined;

/** How long the answer is that follows; undefined when the card did not give one. */
export function transmittedOf(bytes: Buffer): number | undefined {
  const length = bytes.readUInt32LE(24);
  return ok(bytes) && length <= longestAnswer ? length : undefined;
}

export interface PcscReader {
  name: string;
  /** Counts insertions and removals: another one is another card, or the same put back. */
  events: number;
  present: boolean;
  /** Whether the card takes commands: its ATR is none that stands for a card of memory (PC/SC part 3, 3.1.3.2.3). */
  talks: boolean;
}

const memoryCard = Buffer.from("a000000306", "hex");

/** Readers that are plugged in. */
export function readersOf(bytes: Buffer): PcscReader[] {
  const readers: PcscReader[] = [];
  for (let at = 0; at + readerState <= bytes.length; at += readerState) {
    const end = bytes.indexOf(0, at);
    const name = bytes.toString("utf8", at, Math.min(end, at + readerName));
    if (end < 0 || name === "") continue;
    const atr = bytes.subarray(at + readerName + 12, at + readerName + 12 + 33);
    readers.push({
      name,
      events: bytes.readUInt32LE(at + readerName),
      present: (bytes.readUInt32LE(at + readerName + 4) & present) !== 0,
      talks: !atr.includes(memoryCard),
    });
  }
  return readers;
}
