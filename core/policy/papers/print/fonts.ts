import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { create } from "fontkit";
import subsetFont from "subset-font";
import type { Language } from "../../../words.ts";

export type Weight = 400 | 700;

/** A small font: the characters a text needs of one file of a family, at one weight. */
export interface FontPiece {
  name: string;
  /** TrueType, static. */
  bytes: Buffer;
}

/** Which piece has which character. */
export type Cover = ReadonlyMap<string, FontPiece>;

/** What stands for a character that no font here has: the printers' geta, so that nothing is left out unseen. */
export const geta = "〓";

/** Families in the order in which a language's readers expect their shapes; all OFL, all Noto Sans. */
const families: Readonly<Record<Language, readonly string[]>> = {
  "zh-CN": ["noto-sans-sc", "noto-sans-tc", "noto-sans"],
  "zh-TW": ["noto-sans-tc", "noto-sans-sc", "noto-sans"],
  "en-US": ["noto-sans", "noto-sans-sc", "noto-sans-tc"],
};

interface Range {
  file: string;
  has(codePoint: number): boolean;
}

const read = new Map<string, Range[]>();
const require = createRequire(import.meta.url);

/** The files a family is split into, each with the characters it is meant for; the one that counts first comes first. */
function rangesOf(family: string): Range[] {
  const known = read.get(family);
  if (known) return known;
  const folder = dirname(require.resolve(`@fontsource-variable/${family}/package.json`));
  const spans = JSON.parse(readFileSync(join(folder, "unicode.json"), "utf8")) as Record<string, string>;
  const ranges = Object.entries(spans)
    .map(([key, list]) =>
      range(join(folder, "files", `${family}-${key.replace(/[[\]]/g, "")}-wght-normal.woff2`), list),
    )
    .reverse(); // as in a style sheet: the last rule wins
  read.set(family, ranges);
  return ranges;
}

function range(file: string, list: string): Range {
  const spans = list.split(",").map((span) => {
    const [from = 0, to = from] = span
      .replace(/^U\+/i, "")
      .split("-")
      .map((hex) => Number.parseInt(hex, 16));
    return [from, to] as const;
  });
  return { file, has: (codePoint) => spans.some(([from, to]) => codePoint >= from && codePoint <= to) };
}

/**
 * Finds a font for every character of a text, cut down to just these characters.
 * @returns characters that no family has are not in it
 */
export async function coverText(text: string, language: Language, weight: Weight): Promise<Cover> {
  const left = new Set([...text, geta].filter((char) => char > " "));
  const cover = new Map<string, FontPiece>();
  for (const family of families[language])
    for (const { file, has } of rangesOf(family)) {
      if (left.size === 0) return cover;
      const wanted = [...left].filter((char) => has(char.codePointAt(0)!));
      if (wanted.length === 0) continue;
      const bytes = await subsetFont(readFileSync(file), `${wanted.join("")} `, {
        targetFormat: "truetype",
        variationAxes: { wght: weight },
      });
      const piece: FontPiece = { name: `${family}-${weight}-${cover.size}`, bytes };
      for (const char of wanted.filter(charactersOf(bytes))) {
        cover.set(char, piece);
        left.delete(char);
      }
    }
  return cover;
}

/** Whether a font really has a character: a file's range is what it is meant for, not what is in it. */
function charactersOf(bytes: Buffer): (char: string) => boolean {
  try {
    const font = create(bytes);
    if (!("hasGlyphForCodePoint" in font)) return () => false;
    font.hasGlyphForCodePoint(32);
    return (char) => font.hasGlyphForCodePoint(char.codePointAt(0)!);
  } catch {
    return () => false; // nothing of it was in the file, so the piece has no character map at all
  }
}
