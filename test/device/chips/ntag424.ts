import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { cmac, decrypt, encrypt, encryptBlock } from "../../../core/devices/cards/ntag424/cmac.ts";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const ok = hex("9100");
const rotate = (block: Buffer): Buffer => Buffer.concat([block.subarray(1), block.subarray(0, 1)]);
const odd = (mac: Buffer): Buffer => Buffer.from([1, 3, 5, 7, 9, 11, 13, 15].map((at) => mac[at]!));
const pad = (data: Buffer): Buffer => Buffer.concat([data, hex("80"), Buffer.alloc(15 - (data.length % 16))]);
const unpad = (data: Buffer): Buffer => data.subarray(0, data.lastIndexOf(0x80));

interface Session {
  key: number;
  ti: Buffer;
  enc: Buffer;
  mac: Buffer;
  counter: number;
}

/** What a card in somebody else's hands may do. */
export interface CardHabits {
  /** Proves with this key instead of its own: a copy that knows the number and no more. */
  impostor?: Buffer;
  /** Says again what it said at the same step once before: a recording. */
  recording?: readonly Buffer[];
  /** Spoils the last byte of every answer under a session. */
  spoilt?: boolean;
  /** Answers with noise. */
  garbage?: boolean;
  /** Leaves the field before it has heard this many commands more. */
  leavesBefore?: number;
  /** Hears and obeys this many commands more, and leaves before it answers the last. */
  leavesAfter?: number;
}

/**
 * An NTAG 424 DNA as its data sheet describes it, from the card's side: NT4H2421Gx sections 8 to 10, AN12196. It shares
 * no protocol code with what it tests.
 */
export class Ntag424Card {
  readonly uid: Buffer<ArrayBuffer>;
  keys: Buffer[] = Array.from({ length: 5 }, () => Buffer.alloc(16));
  versions = [0, 0, 0, 0, 0];
  file = Buffer.alloc(256);
  /** Change, read, write, read-and-write, and whether the URL is signed. */
  rights = { change: 0, read: 0xe, write: 0xe, both: 0xe };
  sdm: { meta: number; file: number; picc: number; mac: number } | undefined;
  reads = 0;
  /** What it said since it was last put into a field. */
  said: Buffer[] = [];
  habits: CardHabits = {};
  hardware = hex("04040830001105");
  readonly sak = 0x20;
  readonly ats = hex("0577817102 80".slice(0, 10)); // T0, TA, TB, TC, one historical byte
  #selected = false;
  #elementary = 0;
  #session: Session | undefined;
  #challenge: { key: number; rndB: Buffer } | undefined;
  #version = 0;

  constructor(uid: Buffer<ArrayBuffer> = Buffer.from([0x04, ...randomBytes(6)])) {
    this.uid = uid;
  }

  get number(): string {
    return this.uid.toString("hex").toUpperCase();
  }

  /** Leaves the field: everything but its memory is gone. */
  reset(): void {
    this.#selected = false;
    this.#elementary = 0;
    this.#session = undefined;
    this.#challenge = undefined;
    this.said = [];
  }

  /** @returns the answer; undefined when it has left the field */
  transceive(apdu: Uint8Array): Buffer | undefined {
    const { habits } = this;
    if (habits.leavesBefore !== undefined && habits.leavesBefore-- <= 0) return undefined;
    const answer = this.#answer(Buffer.from(apdu));
    if (habits.leavesAfter !== undefined && --habits.leavesAfter <= 0) {
      habits.leavesBefore = 0;
      return undefined;
    }
    const recorded = habits.recording?.[this.said.length];
    const told = habits.garbage ? randomBytes(3 + (answer.length % 11)) : (recorded ?? answer);
    this.said.push(told);
    return told;
  }

  #answer(apdu: Buffer): Buffer {
    const [cla, ins, p1, p2, length = 0] = apdu;
    const data = apdu.length > 5 ? apdu.subarray(5, 5 + length) : Buffer.alloc(0);
    if (cla === 0x00 && ins === 0xa4) return this.#select(p1!, data);
    if (cla === 0x00 && ins === 0xb0) return this.#readBinary((p1! << 8) | p2!, length);
    if (cla !== 0x90 || !this.#selected) return hex("6d00");
    switch (ins) {
      case 0x60:
        this.#version = 1;
        return Buffer.concat([this.hardware, hex("91af")]);
      case 0x71:
        return this.#challengeFor(data[0]!);
      case 0xaf:
        return this.#continue(data);
      case 0x8d:
        return this.#writeData(data);
      default:
        return this.#secured(ins!, data);
    }
  }

  #select(p1: number, data: Buffer): Buffer {
    this.#session = undefined;
    this.#challenge = undefined;
    if (p1 === 0x04) {
      this.#selected = data.equals(hex("d2760000850101"));
      this.#elementary = 0;
      return this.#selected ? hex("9000") : hex("6a82");
    }
    if (!this.#selected || data.length !== 2) return hex("6a82");
    this.#elementary = data.readUInt16BE();
    return this.#elementary === 0xe104 ? hex("9000") : hex("6a82");
  }

  #readBinary(offset: number, length: number): Buffer {
    if (this.#elementary !== 0xe104 || this.rights.read !== 0xe) return hex("6982");
    const content = Buffer.from(this.file);
    if (this.sdm && !this.#session) {
      this.reads++;
      const counter = Buffer.alloc(3);
      counter.writeUIntLE(this.reads, 0, 3);
      const identity = Buffer.concat([this.uid, counter]);
      const plain = Buffer.concat([hex("c7"), identity, randomBytes(5)]);
      const picc = encrypt(this.keys[this.sdm.meta]!, plain);
      const key = this.habits.impostor ?? this.keys[this.sdm.file]!;
      const session = cmac(key, Buffer.concat([hex("3cc300010080"), identity]));
      content.write(picc.toString("hex").toUpperCase(), this.sdm.picc, "ascii");
      content.write(
        odd(cmac(session, Buffer.alloc(0)))
          .toString("hex")
          .toUpperCase(),
        this.sdm.mac,
        "ascii",
      );
    }
    return Buffer.concat([content.subarray(offset, offset + length), hex("9000")]);
  }

  #challengeFor(key: number): Buffer {
    this.#session = undefined;
    if (key > 4) return hex("9140");
    const rndB = randomBytes(16);
    this.#challenge = { key, rndB };
    return Buffer.concat([encrypt(this.habits.impostor ?? this.keys[key]!, rndB), hex("91af")]);
  }

  #continue(data: Buffer): Buffer {
    if (!this.#challenge) {
      if (this.#version === 1) {
        this.#version = 2;
        return hex("0404020100110591af");
      }
      if (this.#version === 2) {
        this.#version = 0;
        return Buffer.concat([this.uid, hex("b9341234564218059100")]);
      }
      return hex("911c");
    }
    const { key: number, rndB } = this.#challenge;
    this.#challenge = undefined;
    const key = this.habits.impostor ?? this.keys[number]!;
    if (data.length !== 32) return hex("917e");
    const plain = decrypt(key, data);
    const rndA = plain.subarray(0, 16);
    if (!plain.subarray(16).equals(rotate(rndB))) return hex("91ae");
    const ti = randomBytes(4);
    const mixed = Buffer.from(rndA.subarray(2, 8).map((byte, at) => byte ^ rndB[at]!));
    const context = Buffer.concat([rndA.subarray(0, 2), mixed, rndB.subarray(6), rndA.subarray(8)]);
    this.#session = {
      key: number,
      ti,
      enc: cmac(key, Buffer.concat([hex("a55a00010080"), context])),
      mac: cmac(key, Buffer.concat([hex("5aa500010080"), context])),
      counter: 0,
    };
    return Buffer.concat([encrypt(key, Buffer.concat([ti, rotate(rndA), Buffer.alloc(12)])), ok]);
  }

  #writeData(data: Buffer): Buffer {
    const { write, both } = this.rights;
    const may = [write, both].some((right) => right === 0xe || right === this.#session?.key);
    if (data[0] !== 2 || !may) return hex("919d");
    const offset = data.readUIntLE(1, 3);
    const length = data.readUIntLE(4, 3);
    if (data.length !== 7 + length || offset + length > this.file.length) return hex("917e");
    if (this.#session) this.#session.counter++;
    data.copy(this.file, offset, 7);
    return ok;
  }

  /** A command in full mode: MAC checked, data decrypted. */
  #secured(ins: number, data: Buffer): Buffer {
    const session = this.#session;
    if (!session) return hex("919d");
    const sent = data.subarray(0, -8);
    if (data.length < 8 || !this.#mac(session, ins, sent).equals(data.subarray(-8)))
      return this.#lost("911e");
    const headerLength = ins === 0x51 ? 0 : 1;
    const body = sent.subarray(headerLength);
    const plain =
      body.length > 0 ? unpad(decrypt(session.enc, body, this.#vector(session, "a55a"))) : Buffer.alloc(0);
    session.counter++;
    switch (ins) {
      case 0x51:
        return this.#reply(session, this.uid);
      case 0x5f:
        return this.#changeSettings(session, sent[0]!, plain);
      case 0xc4:
        return this.#changeKey(session, sent[0]!, plain);
      default:
        return this.#lost("911c");
    }
  }

  #changeSettings(session: Session, file: number, settings: Buffer): Buffer {
    if (file !== 2 || this.rights.change !== session.key) return this.#lost("919d");
    const [option = 0, first = 0, second = 0] = settings;
    const signed = (option & 0x40) !== 0;
    if (settings.length !== (signed ? 15 : 3)) return this.#lost("917e");
    this.rights = { both: first >> 4, change: first & 15, read: second >> 4, write: second & 15 };
    this.sdm = signed
      ? {
          meta: settings[5]! >> 4,
          file: settings[5]! & 15,
          picc: settings.readUIntLE(6, 3),
          mac: settings.readUIntLE(12, 3),
        }
      : undefined;
    return this.#reply(session, Buffer.alloc(0));
  }

  #changeKey(session: Session, number: number, data: Buffer): Buffer {
    if (session.key !== 0 || number > 4) return this.#lost("919d");
    if (number === 0) {
      if (data.length !== 17) return this.#lost("917e");
      this.keys[0] = Buffer.from(data.subarray(0, 16));
      this.versions[0] = data[16]!;
      this.#session = undefined;
      return ok;
    }
    const old = this.keys[number]!;
    const key = Buffer.from(data.subarray(0, 16).map((byte, at) => byte ^ old[at]!));
    if (data.length !== 21 || data.readUInt32LE(17) !== ~crc32(key) >>> 0) return this.#lost("911e");
    this.keys[number] = key;
    this.versions[number] = data[16]!;
    return this.#reply(session, Buffer.alloc(0));
  }

  #reply(session: Session, data: Buffer): Buffer {
    const body =
      data.length > 0 ? encrypt(session.enc, pad(data), this.#vector(session, "5aa5")) : Buffer.alloc(0);
    const answer = Buffer.concat([body, this.#mac(session, 0x00, body), ok]);
    if (this.habits.spoilt) answer[answer.length - 3]! ^= 1;
    return answer;
  }

  #lost(status: string): Buffer {
    this.#session = undefined;
    return hex(status);
  }

  #mac(session: Session, code: number, data: Buffer): Buffer {
    const counter = Buffer.alloc(2);
    counter.writeUInt16LE(session.counter);
    return odd(cmac(session.mac, Buffer.concat([Buffer.of(code), counter, session.ti, data])));
  }

  #vector(session: Session, label: string): Buffer {
    const block = Buffer.concat([hex(label), session.ti, Buffer.alloc(10)]);
    block.writeUInt16LE(session.counter, 6);
    return encryptBlock(session.enc, block);
  }
}
