import { randomBytes } from "node:crypto";
import { type Command, decodeCommand } from "../../../core/devices/osdp/commands.ts";
import { encodeFrame, hasMac, type ReceivedFrame } from "../../../core/devices/osdp/frame.ts";
import { publicKey } from "../../../core/devices/osdp/keys.ts";
import { FrameParser } from "../../../core/devices/osdp/parser.ts";
import {
  type Capability,
  encodeReply,
  type Identity,
  type Reply,
} from "../../../core/devices/osdp/replies.ts";
import {
  clientCryptogram,
  initialMac,
  SecureSession,
  type SessionKeys,
  scs,
  serverCryptogram,
  sessionKeys,
} from "../../../core/devices/osdp/secure-channel.ts";

/** Ways to misbehave. Counts are used up, one an answer; everything else lasts until it is changed. */
export interface Habits {
  /** Hears nothing: unplugged, or without power. */
  dead: boolean;
  /** Answers BUSY, NAK 1, or does what it was told but loses the answer. */
  busy: number;
  nakCheck: number;
  loseAnswers: number;
  /** Answers with a wrong MAC, a wrong sequence number, somebody else's address, a check that does not fit. */
  badMac: number;
  wrongSequence: number;
  wrongAddress: number;
  badCheck: number;
  /** Sends these instead of its answer, as they are. */
  instead: Buffer[];
  /** Sends a status that was asked for with a MAC but in clear, as libosdp 3.2.0 does. */
  openStatus: boolean;
  /** Sends even a card so. */
  openCards: boolean;
  /** Byte of the security block of CCRYPT and RMAC_I, instead of the right one. */
  slot: number | undefined;
  rmacStatus: number;
  wrongCryptogram: boolean;
  wrongInitialMac: boolean;
  noSecureChannel: boolean;
  /** Answers anything outside a session with a card. */
  clearCard: Reply | undefined;
  /** Says it has taken a new key and has not. */
  forgetsKey: boolean;
  refusesKey: boolean;
  /** Answers KEYSET so. */
  keyAnswer: Reply | undefined;
  /** Answers outputs with NAK and this code. */
  refuses: number;
  /** Put before every answer: noise, or a mark. */
  before: Buffer;
  checksum: boolean;
}

export interface PeripheralOptions {
  address: number;
  key?: Buffer;
  /** Takes the public key too. */
  installMode?: boolean;
  nonce?: () => Buffer;
  identity?: Identity;
  capabilities?: readonly Capability[];
}

const none = Buffer.alloc(0);
export const usualIdentity: Identity = {
  vendor: 0x123456,
  model: 0x99,
  version: 1,
  serial: 0x01020304,
  firmware: [10, 11, 12],
};
const usualCapabilities = "010102020101030100040101050101060101080100090100" + "0a00010d0101100200";
const capabilitiesOf = (hex: string): Capability[] =>
  Array.from(hex.match(/.{6}/g) ?? [], (one) => {
    const [code, level, items] = Buffer.from(one, "hex") as unknown as [number, number, number];
    return { code, level, items };
  });

/** A reader of our own for tests, as a state machine: bytes in, bytes out. Refuses everything in clear but ID and CAP. */
export class Peripheral {
  readonly habits: Habits = {
    dead: false,
    busy: 0,
    nakCheck: 0,
    loseAnswers: 0,
    badMac: 0,
    wrongSequence: 0,
    wrongAddress: 0,
    badCheck: 0,
    instead: [],
    openStatus: false,
    openCards: false,
    slot: undefined,
    rmacStatus: 1,
    wrongCryptogram: false,
    wrongInitialMac: false,
    noSecureChannel: false,
    clearCard: undefined,
    forgetsKey: false,
    refusesKey: false,
    keyAnswer: undefined,
    refuses: 0,
    before: none,
    checksum: false,
  };
  readonly address: number;
  identity: Identity;
  capabilities: readonly Capability[];
  installMode: boolean;
  key: Buffer | undefined;
  /** Commands obeyed under a session, in order, polls left out. */
  readonly obeyed: Command[] = [];
  /** Frames that were for it, handshakes begun, and handshakes that ended in a session. */
  heard = 0;
  challenges = 0;
  sessions = 0;
  /** What it reports when polled next. */
  readonly reports: Reply[] = [];
  inputs: boolean[] = [true, false];
  outputs: boolean[] = [false];
  tampered = false;

  readonly #parser = new FrameParser({ wants: "commands" });
  readonly #nonce: () => Buffer;
  #keys: SessionKeys | undefined;
  #panelNonce: Buffer = none;
  #deviceNonce: Buffer = none;
  #slot = 0;
  #session: SecureSession | undefined;
  #emptied = false;
  #last: { frame: string; answer: Buffer } | undefined;
  #sequence = 0;

  constructor(options: PeripheralOptions) {
    this.address = options.address;
    this.key = options.key;
    this.installMode = options.installMode ?? false;
    this.identity = options.identity ?? usualIdentity;
    this.capabilities = options.capabilities ?? capabilitiesOf(usualCapabilities);
    this.#nonce = options.nonce ?? (() => randomBytes(8));
  }

  /** In a session, and asked in it at least once: what is laid on it from here on is believed. */
  get secure(): boolean {
    return this.#session !== undefined && this.#emptied;
  }

  /** Without power for a moment: it forgets the session, and keeps its key. */
  powerCycle(): void {
    this.#session = this.#keys = this.#last = undefined;
    this.#sequence = 0;
    this.#parser.clear();
  }

  card(bits: number, hex: string): void {
    this.reports.push({ kind: "card", reader: 0, format: "wiegand", bits, data: Buffer.from(hex, "hex") });
  }

  /** An input goes to a level. @param input from 1 */
  set(input: number, on: boolean): void {
    this.inputs = this.inputs.map((level, place) => (place === input - 1 ? on : level));
    this.reports.push({ kind: "input-status", inputs: this.inputs });
  }

  press(keys: string): void {
    this.reports.push({ kind: "keys", reader: 0, keys: Buffer.from(keys) });
  }

  /** Bytes from the line. @returns what it says, if anything */
  receive(bytes: Uint8Array): Buffer[] {
    if (this.habits.dead) return [];
    return this.#parser.push(bytes).flatMap((frame) => {
      if (frame.address !== this.address) return [];
      this.heard++;
      const answer = this.#answer(frame);
      return answer ? [answer] : [];
    });
  }

  #answer(frame: ReceivedFrame): Buffer | undefined {
    const { habits } = this;
    const raw = Buffer.concat([frame.covered, frame.mac ?? none]).toString("hex");
    if (habits.instead.length > 0) return habits.instead.shift();
    if (habits.busy > 0) {
      habits.busy--;
      return this.#clear(0, { kind: "busy" });
    }
    if (habits.nakCheck > 0) {
      habits.nakCheck--;
      return this.#clear(frame.sequence, { kind: "nak", code: 1 });
    }
    // the same command again: the same answer again, and nothing is done twice
    if (frame.sequence !== 0 && this.#last?.frame === raw) return this.#sent(this.#last.answer);
    if (frame.sequence === 0) this.#session = undefined;
    else if (frame.sequence !== (this.#sequence % 3) + 1)
      return this.#clear(frame.sequence, { kind: "nak", code: 4 });
    this.#sequence = frame.sequence;
    const answer = this.#obey(frame);
    this.#last = { frame: raw, answer };
    return this.#sent(answer);
  }

  #sent(answer: Buffer): Buffer | undefined {
    const { habits } = this;
    if (habits.loseAnswers > 0) {
      habits.loseAnswers--;
      return undefined;
    }
    const bytes = Buffer.from(answer);
    if (habits.badCheck > 0) {
      habits.badCheck--;
      bytes[bytes.length - 1]! ^= 0xff;
    }
    return Buffer.concat([habits.before, bytes]);
  }

  #obey(frame: ReceivedFrame): Buffer {
    const sequence = this.#said(frame.sequence);
    if (this.#session) return this.#inSession(this.#session, frame, sequence);
    const command = decodeCommand(frame.id, frame.data);
    if (this.habits.clearCard) return this.#clear(sequence, this.habits.clearCard);
    switch (command?.kind) {
      case "id":
        return this.#clear(sequence, { kind: "identity", identity: this.identity });
      case "capabilities":
        return this.#clear(sequence, { kind: "capabilities", capabilities: this.capabilities });
      case "challenge":
        return this.#challenged(frame, sequence, command.random);
      case "server-cryptogram":
        return this.#proven(sequence, command.cryptogram);
      default:
        return this.#clear(sequence, { kind: "nak", code: 6 });
    }
  }

  #said(sequence: number): number {
    if (this.habits.wrongSequence === 0) return sequence;
    this.habits.wrongSequence--;
    return (sequence % 3) + 1;
  }

  get #check(): "crc" | "sum" {
    return this.habits.checksum ? "sum" : "crc";
  }

  get #from(): number {
    if (this.habits.wrongAddress === 0) return this.address;
    this.habits.wrongAddress--;
    return this.address + 1;
  }

  #clear(sequence: number, reply: Reply): Buffer {
    return encodeFrame({
      address: this.#from,
      reply: true,
      sequence,
      check: this.#check,
      ...encodeReply(reply),
    });
  }

  #challenged(frame: ReceivedFrame, sequence: number, random: Buffer): Buffer {
    this.challenges++;
    if (this.habits.noSecureChannel) return this.#clear(sequence, { kind: "nak", code: 5 });
    // asked for the public key outside install mode, a device proves its own
    this.#slot = frame.scb?.data[0] === 0 && (this.installMode || !this.key) ? 0 : 1;
    const key = this.#slot === 0 ? publicKey : this.key;
    if (!key) return this.#clear(sequence, { kind: "nak", code: 6 });
    this.#panelNonce = Buffer.from(random);
    this.#deviceNonce = this.#nonce();
    this.#keys = sessionKeys(key, random);
    const proof = clientCryptogram(this.#keys, this.#panelNonce, this.#deviceNonce);
    if (this.habits.wrongCryptogram) proof[15]! ^= 1;
    return encodeFrame({
      address: this.#from,
      reply: true,
      sequence,
      check: this.#check,
      scb: { type: scs.clientCryptogram, data: Buffer.of(this.habits.slot ?? this.#slot) },
      ...encodeReply({
        kind: "client-cryptogram",
        uid: Buffer.from("5634990004030201", "hex"),
        random: this.#deviceNonce,
        cryptogram: proof,
      }),
    });
  }

  #proven(sequence: number, cryptogram: Buffer): Buffer {
    const keys = this.#keys;
    if (!keys || !serverCryptogram(keys, this.#panelNonce, this.#deviceNonce).equals(cryptogram))
      return this.#clear(sequence, { kind: "nak", code: 6 });
    const mac = initialMac(keys, cryptogram);
    this.#session = new SecureSession("device", keys, mac);
    this.#emptied = false;
    this.sessions++;
    const said = Buffer.from(mac);
    if (this.habits.wrongInitialMac) said[0]! ^= 1;
    return encodeFrame({
      address: this.#from,
      reply: true,
      sequence,
      check: this.#check,
      scb: { type: scs.initialMac, data: Buffer.of(this.habits.rmacStatus) },
      ...encodeReply({ kind: "initial-mac", mac: said }),
    });
  }

  #inSession(session: SecureSession, frame: ReceivedFrame, sequence: number): Buffer {
    const open = hasMac(frame.scb) ? session.unseal(frame) : undefined;
    const command = open && decodeCommand(open.id, open.data);
    if (!open) {
      this.#session = undefined;
      return this.#clear(sequence, { kind: "nak", code: 6 });
    }
    if (command && command.kind !== "poll") this.obeyed.push(command);
    const reply = this.#reply(command);
    this.#emptied ||= command?.kind === "poll" && reply.kind === "ack";
    const coded = { address: this.#from, sequence, check: this.#check, ...encodeReply(reply) };
    const asked = command?.kind.endsWith("-status") ?? false;
    let bytes: Buffer;
    if (this.habits.openStatus && asked) bytes = session.sealOpen(coded, scs.panelMac);
    else if (this.habits.openCards && reply.kind === "card") bytes = session.sealOpen(coded, scs.deviceMac);
    else bytes = session.seal(coded);
    if (this.habits.badMac > 0) {
      this.habits.badMac--;
      return spoiled(bytes);
    }
    if (command?.kind === "key-set" && !this.habits.refusesKey) {
      if (!this.habits.forgetsKey) this.key = Buffer.from(command.key);
      this.installMode = false;
      this.#session = undefined;
    }
    return bytes;
  }

  #reply(command: Command | undefined): Reply {
    switch (command?.kind) {
      case "poll":
        return this.reports.shift() ?? { kind: "ack" };
      case "id":
        return { kind: "identity", identity: this.identity };
      case "capabilities":
        return { kind: "capabilities", capabilities: this.capabilities };
      case "local-status":
        return { kind: "local-status", tamper: this.tampered, power: false };
      case "input-status":
        return { kind: "input-status", inputs: this.inputs };
      case "output-status":
        return { kind: "output-status", outputs: this.outputs };
      case "reader-status":
        return { kind: "reader-status", readers: [0] };
      case "key-set":
        if (this.habits.keyAnswer) return this.habits.keyAnswer;
        return this.habits.refusesKey ? { kind: "nak", code: 6 } : { kind: "ack" };
      case "outputs":
        return this.habits.refuses ? { kind: "nak", code: this.habits.refuses } : { kind: "ack" };
      case undefined:
        return { kind: "nak", code: 3 };
      default:
        return { kind: "ack" };
    }
  }
}

/** The same frame with a wrong MAC and a right check. */
export function spoiled(bytes: Buffer): Buffer {
  const body = Buffer.from(bytes.subarray(0, -2));
  body[body.length - 1]! ^= 1;
  return withCheck(body);
}

/** Ends bytes with their CRC, whatever they say. */
export function withCheck(body: Buffer): Buffer {
  let crc = 0x1d0f;
  for (const byte of body)
    for (let bit = 7; bit >= 0; bit--) {
      const carry = ((crc >> 15) ^ (byte >> bit)) & 1;
      crc = ((crc << 1) & 0xffff) ^ (carry ? 0x1021 : 0);
    }
  return Buffer.concat([body, Buffer.of(crc & 0xff, crc >> 8)]);
}
