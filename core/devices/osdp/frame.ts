import { checkBytes, crcOf, sumOf } from "./check.ts";

/** First byte of every frame. */
export const startByte = 0x53;
/** A byte some senders put before a frame; neither its length nor its check counts it. */
export const markByte = 0xff;
/** Every device on the line listens to this address. */
export const broadcast = 0x7f;
/**
 * The longest frame taken or sent. A device may send 128 bytes unless it was told more; a longer claim is noise, and
 * waiting for its end would cost the real answer.
 */
export const longestFrame = 256;
/** Bytes of a MAC on the wire; all 16 live on in the chain. */
export const macLength = 4;

/** Security control block (v2.2, annex D): what kind of secure frame this is. */
export interface SecurityBlock {
  type: number;
  data: Buffer;
}

/** One OSDP frame (v2.2, clause 5), its parts as they are on the wire: data may be encrypted. */
export interface Frame {
  /** 00 to 7E, or 7F for all. */
  address: number;
  /** From a device: bit 7 of the address byte. */
  reply: boolean;
  /** 0 restarts; then 1, 2, 3, 1, … */
  sequence: number;
  check: "crc" | "sum";
  scb?: SecurityBlock;
  /** Command or reply code. */
  id: number;
  data: Buffer;
  /** 4 bytes, with SCS_15 to SCS_18 only. */
  mac?: Buffer;
}

/** A frame as it came, with the bytes its MAC covers: everything before the MAC, from 53. */
export interface ReceivedFrame extends Frame {
  covered: Buffer;
}

/** SCS_15 to SCS_18 end in a MAC. */
export const hasMac = (scb: SecurityBlock | undefined): boolean =>
  scb !== undefined && scb.type >= 0x15 && scb.type <= 0x18;

/** Everything from 53 up to the MAC or check, the length already counting both: what a MAC is computed over. */
export function coveredBytes(frame: Omit<Frame, "mac">): Buffer {
  const scb = frame.scb ? [2 + frame.scb.data.length, frame.scb.type, ...frame.scb.data] : [];
  const head = 5 + scb.length + 1 + frame.data.length;
  const length = head + (hasMac(frame.scb) ? macLength : 0) + checkBytes(frame.check);
  if (length > longestFrame) throw new RangeError("frame too long");
  const control = frame.sequence | (frame.check === "crc" ? 0x04 : 0) | (frame.scb ? 0x08 : 0);
  const address = frame.address | (frame.reply ? 0x80 : 0);
  return Buffer.concat([
    Buffer.from([startByte, address, length & 0xff, length >> 8, control, ...scb, frame.id]),
    frame.data,
  ]);
}

/** Ends covered bytes with their MAC, if any, and the check. */
export function sealFrame(covered: Buffer, check: Frame["check"], mac?: Buffer): Buffer {
  const bytes = mac ? Buffer.concat([covered, mac]) : covered;
  const tail = Buffer.alloc(checkBytes(check));
  if (check === "crc") tail.writeUInt16LE(crcOf(bytes));
  else tail[0] = sumOf(bytes);
  return Buffer.concat([bytes, tail]);
}

/** A whole frame's bytes, without a mark. @throws RangeError when longer than any frame may be */
export const encodeFrame = (frame: Frame): Buffer => sealFrame(coveredBytes(frame), frame.check, frame.mac);

/** Reads one whole frame: exactly as many bytes as its length says. Undefined for anything that is not one. */
export function decodeFrame(bytes: Uint8Array): ReceivedFrame | undefined {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (raw.length < 7 || raw[0] !== startByte || raw.readUInt16LE(2) !== raw.length) return undefined;
  const control = raw[4]!;
  const check = control & 0x04 ? "crc" : "sum";
  const end = raw.length - checkBytes(check);
  if (control & 0xf0 || raw.length > longestFrame || end < 6) return undefined;
  const good = check === "crc" ? raw.readUInt16LE(end) === crcOf(raw, end) : raw[end] === sumOf(raw, end);
  if (!good) return undefined;

  let at = 5;
  let scb: SecurityBlock | undefined;
  if (control & 0x08) {
    const length = raw[5]!;
    if (length < 2 || 5 + length >= end) return undefined;
    scb = { type: raw[6]!, data: Buffer.from(raw.subarray(7, 5 + length)) };
    at += length;
  }
  const dataEnd = hasMac(scb) ? end - macLength : end;
  if (dataEnd < at + 1) return undefined;
  return {
    address: raw[1]! & 0x7f,
    reply: raw[1]! >= 0x80,
    sequence: control & 0x03,
    check,
    ...(scb ? { scb } : {}),
    id: raw[at]!,
    data: Buffer.from(raw.subarray(at + 1, dataEnd)),
    ...(hasMac(scb) ? { mac: Buffer.from(raw.subarray(dataEnd, end)) } : {}),
    covered: Buffer.from(raw.subarray(0, dataEnd)),
  };
}
