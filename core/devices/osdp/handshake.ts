import { encodeCommand } from "./commands.ts";
import type { Alarm } from "./events.ts";
import type { Frame, ReceivedFrame } from "./frame.ts";
import { decodeReply } from "./replies.ts";
import {
  clientCryptogram,
  initialMac,
  SecureSession,
  type SessionKeys,
  sameBytes,
  scs,
  serverCryptogram,
  sessionKeys,
} from "./secure-channel.ts";

/** A base key and where the device keeps it: slot 0 is the public one (SCBK-D), slot 1 its own (SCBK). */
export interface Secret {
  slot: 0 | 1;
  key: Buffer;
}

type Said = Required<Pick<Frame, "scb" | "id" | "data">>;
type Fault = { fault: Alarm };

/** Both ends prove one key to each other (v2.2, annex D.2). Steps: `challenge`, `prove`, `finish`. */
export class Handshake {
  readonly #slot: Buffer;
  readonly #keys: SessionKeys;
  readonly #random: Buffer;
  readonly #anyStatus: boolean;
  #cryptogram: Buffer = Buffer.alloc(0);

  /** @param random RndA: 8 bytes nobody could have known; @param anyStatus see the `any-rmac-status` quirk */
  constructor(secret: Secret, random: Buffer, anyStatus: boolean) {
    this.#slot = Buffer.from([secret.slot]);
    this.#random = Buffer.from(random);
    this.#keys = sessionKeys(secret.key, random);
    this.#anyStatus = anyStatus;
  }

  /** CHLNG. */
  challenge(): Said {
    const { id, data } = encodeCommand({ kind: "challenge", random: this.#random });
    return { scb: { type: scs.challenge, data: this.#slot }, id, data };
  }

  /** SCRYPT, when the answer to the challenge proves the key that was asked for. */
  prove(frame: ReceivedFrame): Said | Fault {
    const reply = decodeReply(frame.id, frame.data);
    if (!frame.scb && reply?.kind === "nak") return { fault: "secure-channel-refused" };
    if (frame.scb?.type !== scs.clientCryptogram || reply?.kind !== "client-cryptogram")
      return { fault: "handshake-answer" };
    // a device that answers with the public key when its own was asked, or the other way round, is not ours
    if (!frame.scb.data.equals(this.#slot)) return { fault: "wrong-slot" };
    const expected = clientCryptogram(this.#keys, this.#random, reply.random);
    if (!sameBytes(expected, reply.cryptogram)) return { fault: "wrong-key" };
    this.#cryptogram = serverCryptogram(this.#keys, this.#random, reply.random);
    const { id, data } = encodeCommand({ kind: "server-cryptogram", cryptogram: this.#cryptogram });
    return { scb: { type: scs.serverCryptogram, data: this.#slot }, id, data };
  }

  /** The session, when the device accepted our proof and starts the chain of MACs where we do. */
  finish(frame: ReceivedFrame): SecureSession | Fault {
    const reply = decodeReply(frame.id, frame.data);
    if (frame.scb?.type !== scs.initialMac || reply?.kind !== "initial-mac")
      return { fault: reply?.kind === "nak" ? "secure-channel-refused" : "handshake-answer" };
    const start = initialMac(this.#keys, this.#cryptogram);
    if (!sameBytes(start, reply.mac)) return { fault: "bad-mac" };
    const accepted = frame.scb.data.length === 1 && (this.#anyStatus || frame.scb.data[0] === 1);
    return accepted ? new SecureSession("panel", this.#keys, start) : { fault: "handshake-answer" };
  }
}
