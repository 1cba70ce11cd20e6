import { LineSplitter } from "./lines.ts";
import { type CardReading, type Found, hexOf, type ReaderParser } from "./reading.ts";

/**
 * One Wiegand layout. Bit 1 is the first on the wire. A parity mask covers its own bit: the ones under it must count up
 * to even or odd. Makers differ in masks, so a site with another layout adds a row, not code.
 */
export interface WiegandFormat {
  name: string;
  length: number;
  parity: readonly { kind: "even" | "odd"; mask: string }[];
  /** The number's bits, most significant first: spans of first and last bit, 1-based. */
  data: readonly (readonly [first: number, last: number])[];
}

const ones = (count: number): string => "1".repeat(count);
const none = (count: number): string => "0".repeat(count);

export const wiegandFormats: readonly WiegandFormat[] = [
  {
    name: "WG26", // H10301: 8 bits of facility, 16 of number
    length: 26,
    parity: [
      { kind: "even", mask: ones(13) + none(13) },
      { kind: "odd", mask: none(13) + ones(13) },
    ],
    data: [[2, 25]],
  },
  {
    name: "WG34",
    length: 34,
    parity: [
      { kind: "even", mask: ones(17) + none(17) },
      { kind: "odd", mask: none(17) + ones(17) },
    ],
    data: [[2, 33]],
  },
  {
    name: "WG37", // H10304 and H10302: both sums run over bit 19
    length: 37,
    parity: [
      { kind: "even", mask: ones(19) + none(18) },
      { kind: "odd", mask: none(18) + ones(19) },
    ],
    data: [[2, 36]],
  },
];

const holds = (bits: string, { kind, mask }: WiegandFormat["parity"][number]): boolean => {
  let sum = 0;
  for (let at = 0; at < bits.length; at++) if (mask[at] === "1" && bits[at] === "1") sum++;
  return sum % 2 === (kind === "even" ? 0 : 1);
};

/**
 * Reads one Wiegand burst.
 * @param bits "0" and "1", first on the wire first
 * @returns undefined for a length no format has, or when a parity fails
 */
export function decodeWiegand(
  bits: string,
  formats: readonly WiegandFormat[] = wiegandFormats,
): CardReading | undefined {
  const format = formats.find(({ length }) => length === bits.length);
  if (!format || !/^[01]+$/.test(bits) || !format.parity.every((rule) => holds(bits, rule))) return undefined;
  const data = format.data.map(([first, last]) => bits.slice(first - 1, last)).join("");
  return {
    format: "wiegand",
    notation: format.name,
    number: hexOf(BigInt(`0b${data}`), data.length),
    bits: data.length,
  };
}

/**
 * The burst for a number. A sum's own bit is the first under its mask that is neither data nor an earlier sum's own.
 * @throws RangeError on a long number
 */
export function encodeWiegand(format: WiegandFormat, number: bigint): string {
  const places = format.data.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, at) => first - 1 + at),
  );
  if (number < 0n || number >> BigInt(places.length) !== 0n)
    throw new RangeError("number too long for the format");
  const bits = none(format.length).split("");
  const data = number.toString(2).padStart(places.length, "0");
  for (const [at, place] of places.entries()) bits[place] = data[at]!;
  for (const rule of format.parity) {
    const own = [...rule.mask].findIndex((bit, at) => bit === "1" && !places.includes(at));
    places.push(own);
    if (own >= 0 && !holds(bits.join(""), rule)) bits[own] = "1";
  }
  return bits.join("");
}

/** The first `count` bits of bytes, as OSDP RAW carries a burst: left-aligned. Undefined when there are not as many. */
export function bitsOf(bytes: Uint8Array, count: number): string | undefined {
  if (!Number.isInteger(count) || count < 0 || count > bytes.length * 8) return undefined;
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  return bits.slice(0, count);
}

/** Bursts as lines of "0" and "1", as microcontrollers that sniff the two data wires print them. */
export class WiegandParser implements ReaderParser {
  readonly #lines = new LineSplitter({ maxLength: 64, gapMs: 1000 });
  readonly #formats: readonly WiegandFormat[];
  #bad = 0;

  constructor(formats: readonly WiegandFormat[] = wiegandFormats) {
    this.#formats = formats;
  }

  get rejected(): number {
    return this.#bad + this.#lines.rejected;
  }

  get held(): number {
    return this.#lines.held;
  }

  get waitMs(): number | undefined {
    return this.#lines.waitMs;
  }

  push(bytes: Uint8Array, at: number): Found[] {
    return this.#lines.push(bytes, at).flatMap((line): Found[] => {
      const card = line.kind === "line" ? decodeWiegand(line.text, this.#formats) : undefined;
      if (card) return [{ kind: "card", card }];
      this.#bad++;
      return [];
    });
  }

  flush(at: number): Found[] {
    this.#lines.flush(at);
    return [];
  }
}
