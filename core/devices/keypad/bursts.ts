import type { Key } from "../cards/reading.ts";

const keys: readonly Key[] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"];

/** A 4-bit Wiegand burst: the key's number, `*` is 10 and `#` is 11. There is no parity to check. */
export const keyOf4bit = (burst: number): Key | undefined => keys[burst];

/**
 * An 8-bit burst: the high nibble is the ones' complement of the low one (7 is 87; the often copied 8F breaks the rule).
 * @returns undefined when it is not: noise
 */
export const keyOf8bit = (burst: number): Key | undefined =>
  burst >> 4 === (~burst & 0x0f) ? keys[burst & 0x0f] : undefined;

/** An OSDP KEYPAD character (v2.2, 7.12): ASCII digits, 7F is `*` or clear, 0D is `#` or enter. */
export function keyOfOsdp(char: number): Key | undefined {
  if (char === 0x7f) return "*";
  if (char === 0x0d) return "#";
  const key = String.fromCharCode(char) as Key;
  return keys.includes(key) ? key : undefined;
}
