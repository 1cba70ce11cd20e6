import { LimenError } from "../../errors.ts";
import { Closed, OneOf, type Static, Type } from "../../schema.ts";
import { uidLengths } from "./reading.ts";
import { type WiegandFormat, wiegandFormats } from "./wiegand.ts";

const span = "[1-9][0-9]?(-[1-9][0-9]?)?";
/** A number shorter than this is no card's, and a line holds no more. */
const [fewest, most] = [16, 64];

/** A Wiegand layout the installer names. Bits are counted from 1, the first on the wire. */
export const SiteFormat = Closed({
  name: Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,15}$", maxLength: 16 }),
  bits: Type.Integer({ default: 35, minimum: fewest, maximum: most }),
  /** The number's bits, most significant first: `3-34`, or `3-14 15-34` for facility code and card. */
  number: Type.String({ pattern: `^${span}( ${span})*$`, maxLength: 200 }),
  /** What each sum covers, its own bit included: `even 1-13; odd 14-26`. Empty: none, and then noise reads as a card. */
  parity: Type.String({
    default: "",
    pattern: `^((even|odd)( ${span})+(; (?=e|o)|$))*$`,
    maxLength: 600,
  }),
  /** What else is as long and is not read at this reader: `UID` is a number a reader hands through raw, over OSDP. */
  instead: OneOf(["none", ...wiegandFormats.map(({ name }) => name), "UID"], { default: "none" }),
});
export type SiteFormat = Static<typeof SiteFormat>;

type Span = readonly [first: number, last: number];
type Place = { field: string; name: string; bits: number };

/** @throws LimenError `wiegand-span` for a bit the format does not have, or a span that runs backwards */
const spansOf = (text: string, { field, name, bits }: Place): Span[] =>
  text.split(" ").map((part) => {
    const [first, last = first] = part.split("-").map(Number);
    if (!(first! >= 1 && first! <= last! && last! <= bits))
      throw new LimenError("wiegand-span", { field, params: { field, name, span: part, bits } });
    return [first!, last!];
  });

const bitsIn = (spans: readonly Span[]): number[] =>
  spans.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, at) => first + at));

const maskOf = (spans: readonly Span[], bits: number): string => {
  const under = new Set(bitsIn(spans));
  return Array.from({ length: bits }, (_, at) => (under.has(at + 1) ? "1" : "0")).join("");
};

/** Reads one row. @throws LimenError `wiegand-span`; `wiegand-number` for a number too short, or a bit in it twice */
function formatOf({ name, bits, number, parity }: SiteFormat, at: string): WiegandFormat {
  const data = spansOf(number, { field: `${at}/number`, name, bits });
  const own = bitsIn(data);
  if (own.length < fewest || new Set(own).size < own.length) {
    const field = `${at}/number`;
    throw new LimenError("wiegand-number", { field, params: { field, name, fewest } });
  }
  const sums = parity === "" ? [] : parity.split("; ");
  return {
    name,
    length: bits,
    data,
    parity: sums.map((sum) => {
      const [kind, ...spans] = sum.split(" ");
      const covered = spansOf(spans.join(" "), { field: `${at}/parity`, name, bits });
      return { kind: kind as "even" | "odd", mask: maskOf(covered, bits) };
    }),
  };
}

/**
 * The layouts a reader reads: the known ones, less those a row stands for, and the rows. Nothing in a burst says which
 * of two layouts of one length it is (a wrong one's parity fits every fourth time), so a reader has one of a length, and the row
 * says what it takes the place of.
 * @param raw whether the reader also hands UIDs through (OSDP), which have lengths of their own
 * @throws LimenError naming the row's field: `wiegand-name` for a name that is taken, `wiegand-length` for a second row of
 *   a length, `wiegand-instead` when what it stands for is not said, or not so; and those of `formatOf`
 */
export function formatsFor(rows: readonly SiteFormat[], { raw }: { raw: boolean }): WiegandFormat[] {
  const own: WiegandFormat[] = [];
  for (const [index, row] of rows.entries()) {
    const at = `/formats/${index}`;
    const { name, bits, instead } = row;
    const fail = (code: "wiegand-name" | "wiegand-length", part: string, other: string): never => {
      const field = `${at}/${part}`;
      throw new LimenError(code, { field, params: { field, name, bits, other } });
    };
    if ([...wiegandFormats, ...own].some((one) => one.name.toLowerCase() === name.toLowerCase()))
      fail("wiegand-name", "name", name);
    const twin = own.find(({ length }) => length === bits);
    if (twin) fail("wiegand-length", "bits", twin.name);
    const known = wiegandFormats.find(({ length }) => length === bits)?.name;
    const taken = known ?? (raw && uidLengths.includes(bits) ? "UID" : "none");
    if (taken !== instead) {
      const field = `${at}/instead`;
      const params = { field, name, bits, other: taken };
      throw taken === "none"
        ? new LimenError("wiegand-instead-none", { field, params })
        : new LimenError("wiegand-instead", { field, params });
    }
    own.push(formatOf(row, at));
  }
  return [...wiegandFormats.filter(({ length }) => !own.some((one) => one.length === length)), ...own];
}
