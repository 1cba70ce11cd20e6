import { longestPulseMs } from "./pulse.ts";

/** FC05, write single coil: what the board also takes its timed pulse with. */
export const writeCoil = 0x05;
const flashOnBase = 0x0200;

const channelOf = (channel: number): number => {
  if (!Number.isInteger(channel) || channel < 1 || channel > 32)
    throw new RangeError("relays count from 1 to 32");
  return channel - 1;
};

/**
 * "Flash on" of Waveshare's Modbus RTU relays (second protocol, September 2021 on): the board releases the relay by
 * itself. Never send this register a plain coil write: `FF00` there means 65,280 tenths, an hour and 49 minutes open.
 * @param channel from 1 @param ms up to 60,000, in tenths of a second
 * @returns address and value, the four bytes after the function code; the answer must echo them exactly
 */
export function flashOn(channel: number, ms: number): number[] {
  const tenths = Math.round(ms / 100);
  if (!(tenths >= 1 && tenths <= longestPulseMs / 100)) throw new RangeError("a pulse is 0.1 to 60 seconds");
  const address = flashOnBase + channelOf(channel);
  return [address >> 8, address & 0xff, tenths >> 8, tenths & 0xff];
}

/** Switches one relay off. @param channel from 1 */
export const coilOff = (channel: number): number[] => [0, channelOf(channel), 0, 0];

/** CRC-16/MODBUS (polynomial A001 reflected, start FFFF), low byte first on the wire. */
export function crc16(bytes: Uint8Array | readonly number[]): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) !== 0 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

/** A whole RTU frame. @param unit 1 to 247: address 0 would be every board on the bus */
export function rtuFrame(unit: number, code: number, data: readonly number[]): Uint8Array {
  if (!Number.isInteger(unit) || unit < 1 || unit > 247) throw new RangeError("Modbus units are 1 to 247");
  const body = [unit, code, ...data];
  const crc = crc16(body);
  return Uint8Array.of(...body, crc & 0xff, crc >> 8);
}
