import { createCipheriv, createDecipheriv, timingSafeEqual } from "node:crypto";
import { coveredBytes, type Frame, hasMac, macLength, type ReceivedFrame, sealFrame } from "./frame.ts";

/** Keys of one session (v2.2, annex D.4), 16 bytes each. */
export interface SessionKeys {
  encryption: Buffer;
  /** For every block of a MAC but the last. */
  mac1: Buffer;
  /** For the last block. */
  mac2: Buffer;
}

/** Security block types: the handshake's four, then MAC only and MAC with encrypted data, panel's and device's. */
export const scs = {
  challenge: 0x11,
  clientCryptogram: 0x12,
  serverCryptogram: 0x13,
  initialMac: 0x14,
  panelMac: 0x15,
  deviceMac: 0x16,
  panelSealed: 0x17,
  deviceSealed: 0x18,
} as const;

const ecb = (key: Buffer, block: Buffer): Buffer => {
  const cipher = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  return Buffer.concat([cipher.update(block), cipher.final()]);
};
const cbc = (key: Buffer, iv: Buffer, blocks: Buffer): Buffer => {
  const cipher = createCipheriv("aes-128-cbc", key, iv).setAutoPadding(false);
  return Buffer.concat([cipher.update(blocks), cipher.final()]);
};
const inverted = (iv: Buffer): Buffer => Buffer.from(iv.map((byte) => byte ^ 0xff));

/** 80 00 … up to a whole number of blocks. */
const padded = (bytes: Buffer): Buffer => {
  const out = Buffer.alloc((Math.floor(bytes.length / 16) + 1) * 16);
  bytes.copy(out);
  out[bytes.length] = 0x80;
  return out;
};

/** Equal, in a time that does not tell where they differ. */
export const sameBytes = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other);

/** @param key the device's base key (SCBK); @param panelRandom RndA, 8 bytes */
export function sessionKeys(key: Buffer, panelRandom: Buffer): SessionKeys {
  const derive = (kind: number): Buffer => {
    const block = Buffer.alloc(16);
    block.writeUInt16BE(kind);
    panelRandom.copy(block, 2, 0, 6);
    return ecb(key, block);
  };
  return { encryption: derive(0x0182), mac1: derive(0x0101), mac2: derive(0x0102) };
}

/** What the device proves its key with. @param deviceRandom RndB, 8 bytes */
export const clientCryptogram = (keys: SessionKeys, panelRandom: Buffer, deviceRandom: Buffer): Buffer =>
  ecb(keys.encryption, Buffer.concat([panelRandom, deviceRandom]));

/** What we prove ours with. */
export const serverCryptogram = (keys: SessionKeys, panelRandom: Buffer, deviceRandom: Buffer): Buffer =>
  ecb(keys.encryption, Buffer.concat([deviceRandom, panelRandom]));

/** R-MAC-I: where the chain of MACs starts. */
export const initialMac = (keys: SessionKeys, cryptogram: Buffer): Buffer =>
  ecb(keys.mac2, ecb(keys.mac1, cryptogram));

/** The 16 bytes of a MAC (D.5): padded only when the last block is not whole. */
export function macOf(keys: SessionKeys, iv: Buffer, covered: Buffer): Buffer {
  const blocks = covered.length % 16 === 0 && covered.length > 0 ? covered : padded(covered);
  const last = blocks.length - 16;
  const chain = last > 0 ? cbc(keys.mac1, iv, blocks.subarray(0, last)).subarray(-16) : iv;
  return cbc(keys.mac2, chain, blocks.subarray(last));
}

/** Data of a frame whose MAC was good: `open` says whether it came unencrypted. */
export interface Unsealed {
  id: number;
  data: Buffer;
  open: boolean;
}

type SessionFrame = Pick<Frame, "address" | "sequence" | "check" | "id" | "data">;

/**
 * One end of a session. Either end seals with the last MAC it heard and checks with the last MAC it said; only a good
 * frame moves the chain, so a frame that was lost or damaged is simply said again, byte for byte.
 */
export class SecureSession {
  readonly #keys: SessionKeys;
  readonly #own: "panel" | "device";
  #said: Buffer;
  #heard: Buffer;

  /** @param start R-MAC-I, which counts as said by the device */
  constructor(own: "panel" | "device", keys: SessionKeys, start: Buffer) {
    this.#own = own;
    this.#keys = keys;
    this.#said = Buffer.from(start);
    this.#heard = Buffer.from(start);
  }

  /** The bytes of a secured frame: data, if there is any, encrypted. Only the last frame sealed can be answered. */
  seal(frame: SessionFrame): Buffer {
    const device = this.#own === "device";
    if (frame.data.length === 0) return this.sealOpen(frame, device ? scs.deviceMac : scs.panelMac);
    const data = cbc(this.#keys.encryption, inverted(this.#heard), padded(frame.data));
    return this.sealOpen({ ...frame, data }, device ? scs.deviceSealed : scs.panelSealed);
  }

  /** The same with the data as it is: right for a frame without any; some devices do it with statuses. */
  sealOpen(frame: SessionFrame, type: number): Buffer {
    const covered = coveredBytes({
      ...frame,
      reply: this.#own === "device",
      scb: { type, data: Buffer.alloc(0) },
    });
    this.#said = macOf(this.#keys, this.#heard, covered);
    return sealFrame(covered, frame.check, this.#said.subarray(0, macLength));
  }

  /** Checks the other end's frame. Undefined when its MAC, or the padding of its data, is wrong. */
  unseal(frame: ReceivedFrame): Unsealed | undefined {
    if (!hasMac(frame.scb) || !frame.mac) return undefined;
    const mac = macOf(this.#keys, this.#said, frame.covered);
    if (!sameBytes(mac.subarray(0, macLength), frame.mac)) return undefined;
    const sealed = frame.scb?.type === scs.panelSealed || frame.scb?.type === scs.deviceSealed;
    const data = sealed ? this.#decrypt(frame.data) : frame.data;
    if (!data) return undefined;
    this.#heard = mac;
    return { id: frame.id, data, open: !sealed };
  }

  /** Nothing can be sealed or checked from here on. */
  end(): void {
    for (const key of Object.values(this.#keys) as Buffer[]) key.fill(0);
  }

  #decrypt(sealed: Buffer): Buffer | undefined {
    if (sealed.length === 0 || sealed.length % 16 !== 0) return undefined;
    const decipher = createDecipheriv("aes-128-cbc", this.#keys.encryption, inverted(this.#said));
    decipher.setAutoPadding(false);
    const plain = Buffer.concat([decipher.update(sealed), decipher.final()]);
    let end = plain.length - 1;
    while (end >= 0 && plain[end] === 0) end--;
    return end >= 0 && plain[end] === 0x80 ? plain.subarray(0, end) : undefined;
  }
}
