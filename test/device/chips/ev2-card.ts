import { randomBytes } from "node:crypto";
import { crc32 } from "node:zlib";
import { cmac, decrypt, encrypt, encryptBlock } from "../../../core/devices/cards/ntag424/cmac.ts";

export const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
export const ok = hex("9100");
export const odd = (mac: Buffer): Buffer => Buffer.from([1, 3, 5, 7, 9, 11, 13, 15].map((at) => mac[at]!));
const rotate = (block: Buffer): Buffer => Buffer.concat([block.subarray(1), block.subarray(0, 1)]);
const pad = (data: Buffer): Buffer => Buffer.concat([data, hex("80"), Buffer.alloc(15 - (data.length % 16))]);
const unpad = (data: Buffer): Buffer => data.subarray(0, data.lastIndexOf(0x80));

export interface Session {
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
 * A card that proves itself by AuthenticateEV2First and keeps secure messaging, from the card's side: NT4H2421Gx section 9,
 * AN12196. It shares no protocol code with what it tests.
 */
export abstract class Ev2Card {
  readonly uid: Buffer<ArrayBuffer>;
  keys: Buffer[];
  versions: number[];
  /** What it said since it was last put into a field. */
  said: Buffer[] = [];
  habits: CardHabits = {};
  abstract hardware: Buffer;
  readonly sak = 0x20;
  readonly ats = hex("0577817102");
  protected session: Session | undefined;
  #challenge: { key: number; rndB: Buffer } | undefined;
  #version = 0;

  constructor(count: number, uid: Buffer<ArrayBuffer> = Buffer.from([0x04, ...randomBytes(6)])) {
    this.uid = uid;
    this.keys = Array.from({ length: count }, () => Buffer.alloc(16));
    this.versions = this.keys.map(() => 0);
  }

  get number(): string {
    return this.uid.toString("hex").toUpperCase();
  }

  /** Leaves the field: everything but its memory is gone. */
  reset(): void {
    this.forget();
    this.said = [];
  }

  /** @returns the answer; undefined when it has left the field */
  transceive(apdu: Uint8Array): Buffer | undefined {
    const { habits } = this;
    if (habits.leavesBefore !== undefined && habits.leavesBefore-- <= 0) return undefined;
    const answer = this.answer(Buffer.from(apdu));
    if (habits.leavesAfter !== undefined && --habits.leavesAfter <= 0) {
      habits.leavesBefore = 0;
      return undefined;
    }
    const recorded = habits.recording?.[this.said.length];
    const told = habits.garbage ? randomBytes(3 + (answer.length % 11)) : (recorded ?? answer);
    this.said.push(told);
    return told;
  }

  protected abstract answer(apdu: Buffer): Buffer;
  /** Commands of its own under a session, their data decrypted. */
  protected abstract own(session: Session, ins: number, file: number, data: Buffer): Buffer;

  protected forget(): void {
    this.session = undefined;
    this.#challenge = undefined;
  }

  /** Native commands that both kinds have. */
  protected common(ins: number, data: Buffer): Buffer {
    switch (ins) {
      case 0x60:
        this.#version = 1;
        return Buffer.concat([this.hardware, hex("91af")]);
      case 0x71:
        return this.#challengeFor(data[0]!);
      case 0xaf:
        return this.#continue(data);
      default:
        return this.#secured(ins, data);
    }
  }

  #challengeFor(key: number): Buffer {
    this.session = undefined;
    if (key >= this.keys.length) return hex("9140");
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
    this.session = {
      key: number,
      ti,
      enc: cmac(key, Buffer.concat([hex("a55a00010080"), context])),
      mac: cmac(key, Buffer.concat([hex("5aa500010080"), context])),
      counter: 0,
    };
    return Buffer.concat([encrypt(key, Buffer.concat([ti, rotate(rndA), Buffer.alloc(12)])), ok]);
  }

  /** A command in full mode: MAC checked, data decrypted. */
  #secured(ins: number, data: Buffer): Buffer {
    const session = this.session;
    if (!session) return hex("919d");
    const sent = data.subarray(0, -8);
    if (data.length < 8 || !this.#mac(session, ins, sent).equals(data.subarray(-8))) return this.lost("911e");
    const headerLength = ins === 0x51 ? 0 : 1;
    const body = sent.subarray(headerLength);
    const plain =
      body.length > 0 ? unpad(decrypt(session.enc, body, this.#vector(session, "a55a"))) : Buffer.alloc(0);
    session.counter++;
    switch (ins) {
      case 0x51:
        return this.reply(session, this.uid);
      case 0xc4:
        return this.#changeKey(session, sent[0]!, plain);
      default:
        return this.own(session, ins, sent[0]!, plain);
    }
  }

  #changeKey(session: Session, number: number, data: Buffer): Buffer {
    if (session.key !== 0 || number >= this.keys.length) return this.lost("919d");
    if (number === 0) {
      if (data.length !== 17) return this.lost("917e");
      this.keys[0] = Buffer.from(data.subarray(0, 16));
      this.versions[0] = data[16]!;
      this.session = undefined;
      return ok;
    }
    const old = this.keys[number]!;
    const key = Buffer.from(data.subarray(0, 16).map((byte, at) => byte ^ old[at]!));
    if (data.length !== 21 || data.readUInt32LE(17) !== ~crc32(key) >>> 0) return this.lost("911e");
    this.keys[number] = key;
    this.versions[number] = data[16]!;
    return this.reply(session, Buffer.alloc(0));
  }

  protected reply(session: Session, data: Buffer): Buffer {
    const body =
      data.length > 0 ? encrypt(session.enc, pad(data), this.#vector(session, "5aa5")) : Buffer.alloc(0);
    const answer = Buffer.concat([body, this.#mac(session, 0x00, body), ok]);
    if (this.habits.spoilt) answer[answer.length - 3]! ^= 1;
    return answer;
  }

  protected lost(status: string): Buffer {
    this.session = undefined;
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
