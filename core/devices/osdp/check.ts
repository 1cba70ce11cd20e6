const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 8;
  for (let bit = 0; bit < 8; bit++) value = value & 0x8000 ? (value << 1) ^ 0x1021 : value << 1;
  return value & 0xffff;
});

/** CRC-16 of the first `end` bytes: polynomial 1021, start 1D0F, most significant bit first (v2.2, annex C). */
export function crcOf(bytes: Uint8Array, end = bytes.length): number {
  let crc = 0x1d0f;
  for (let at = 0; at < end; at++) crc = ((crc << 8) & 0xffff) ^ table[(crc >> 8) ^ bytes[at]!]!;
  return crc;
}

/** The 8-bit checksum of the first `end` bytes: what brings their sum to zero. */
export function sumOf(bytes: Uint8Array, end = bytes.length): number {
  let sum = 0;
  for (let at = 0; at < end; at++) sum += bytes[at]!;
  return -sum & 0xff;
}

/** How many bytes a check takes. */
export const checkBytes = (check: "crc" | "sum"): 1 | 2 => (check === "crc" ? 2 : 1);
