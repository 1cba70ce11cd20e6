/**
 * What a device does otherwise than the standard says, as data: an installer ticks it, no code changes. None of them
 * lets anything unauthenticated through.
 *
 * - `open-status`: answers a status that was asked for with a good MAC but unencrypted (SCS_15 or SCS_16; libosdp 3.2.0).
 * - `any-rmac-status`: puts 00 or FF, not 01, into the block of RMAC_I. The MAC in it is recomputed all the same.
 * - `checksum`: understands the 8-bit checksum only.
 * - `mark`: has to be woken by a mark byte before each frame.
 */
export const quirks = ["open-status", "any-rmac-status", "checksum", "mark"] as const;
export type Quirk = (typeof quirks)[number];
