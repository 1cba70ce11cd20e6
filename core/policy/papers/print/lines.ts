import LineBreaker from "linebreak";
import { type Cover, type FontPiece, geta } from "./fonts.ts";

/** Characters next to each other of one font. */
export interface Run {
  font: FontPiece;
  text: string;
}

/** Width of a run in points. */
export type Measure = (run: Run) => number;

/** A text as runs of one font each; a space stays with what is before it. */
export function runsOf(text: string, cover: Cover): Run[] {
  const runs: Run[] = [];
  const fallback = cover.get(geta)!;
  for (const raw of text) {
    const space = raw <= " ";
    const char = space ? " " : cover.has(raw) ? raw : geta;
    const last = runs.at(-1);
    const font = space ? (last?.font ?? fallback) : (cover.get(char) ?? fallback);
    if (last && last.font === font) last.text += char;
    else runs.push({ font, text: char });
  }
  return runs;
}

const widthOf = (text: string, cover: Cover, measure: Measure): number =>
  runsOf(text, cover).reduce((sum, run) => sum + measure(run), 0);

/** Pieces of a text between places where a line may end (UAX #14: no comma or bracket begins a Chinese line). */
function pieces(text: string): string[] {
  const breaker = new LineBreaker(text);
  const found: string[] = [];
  let from = 0;
  for (let at = breaker.nextBreak(); at; at = breaker.nextBreak()) {
    found.push(text.slice(from, at.position));
    from = at.position;
  }
  return found;
}

/** Breaks a paragraph into lines no wider than `width` points; what has no place to break (a fingerprint) breaks anywhere. */
export function wrap(text: string, cover: Cover, width: number, measure: Measure): string[] {
  const lines: string[] = [];
  let line = "";
  const fits = (more: string) => widthOf((line + more).trimEnd(), cover, measure) <= width;
  const end = () => {
    if (line.trim() !== "") lines.push(line.trimEnd());
    line = "";
  };
  for (const piece of pieces(text)) {
    if (!fits(piece)) end();
    if (fits(piece)) {
      line += piece;
      continue;
    }
    for (const char of piece) {
      if (!fits(char)) end();
      line += char;
    }
  }
  end();
  return lines.length > 0 ? lines : [""];
}
