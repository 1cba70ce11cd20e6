import type { Duplex } from "node:stream";
import { LimenError } from "../core/errors.ts";

/** The largest JSON part of a request and the largest binary part: ten 3 MB pictures fit, a flood does not. */
const maxJson = 1 << 20;
const maxBinary = 32 << 20;
/** An answer may be everything held about one person, with proofs. */
export const maxAnswer = 256 << 20;

/** One message of the vault's socket: JSON, and buffers beside it that JSON should not carry. */
export interface Packet {
  json: unknown;
  blobs: Buffer[];
}

/** `u32 json length · u32 binary length · json · (u32 length · bytes)*`, big-endian. */
export function encodePacket(json: unknown, blobs: readonly Buffer[] = []): Buffer {
  const body = Buffer.from(JSON.stringify(json));
  const parts: Buffer[] = [];
  for (const blob of blobs) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(blob.length);
    parts.push(length, blob);
  }
  const binary = parts.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(body.length, 0);
  head.writeUInt32BE(binary, 4);
  return Buffer.concat([head, body, ...parts]);
}

/**
 * Reads packets off a stream until it ends. A stream that breaks the format is destroyed: there is no way to find the
 * next packet's start.
 */
export function onPackets(stream: Duplex, handle: (packet: Packet) => void, most = maxJson): void {
  let pending: Buffer[] = [];
  let have = 0;
  /** Bytes until there is anything to do: a head, then the whole packet. */
  let need = 8;
  const take = (): Buffer => {
    const [only] = pending;
    if (pending.length === 1) {
      pending = [];
      return only!;
    }
    const all = Buffer.concat(pending);
    for (const part of pending) part.fill(0); // a picture must be in one place, where it is overwritten after use
    pending = [];
    return all;
  };
  stream.on("data", (chunk: Buffer) => {
    pending.push(chunk);
    have += chunk.length;
    if (have < need) return;
    let buffer = take();
    need = 8;
    try {
      while (buffer.length >= 8) {
        const json = buffer.readUInt32BE(0);
        const binary = buffer.readUInt32BE(4);
        if (json > most || binary > maxBinary) throw new LimenError("packet-too-large");
        const end = 8 + json + binary;
        if (buffer.length < end) {
          need = end;
          break;
        }
        handle({
          json: JSON.parse(buffer.toString("utf8", 8, 8 + json)),
          blobs: splitBlobs(buffer.subarray(8 + json, end)),
        });
        buffer = buffer.subarray(end);
      }
    } catch (error) {
      stream.destroy(error as Error);
      return;
    }
    pending = buffer.length > 0 ? [buffer] : [];
    have = buffer.length;
  });
}

function splitBlobs(binary: Buffer): Buffer[] {
  const blobs: Buffer[] = [];
  for (let at = 0; at < binary.length; ) {
    const length = binary.readUInt32BE(at);
    if (at + 4 + length > binary.length) throw new LimenError("packet-damaged");
    blobs.push(binary.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return blobs;
}
