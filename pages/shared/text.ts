import { make } from "./dom.ts";

/**
 * A generated paper's plain text as headings, tables, lists and paragraphs: its first line is the title, `3. Where` a
 * heading, `- a | b` a row of a table whose first row is its head, `- a` an item. No markup passes through.
 * @param top level of the title, so that it fits the page's outline
 */
export function showText(place: HTMLElement, text: string, top: 1 | 2 | 3 | 4 = 1): void {
  place.replaceChildren();
  const heading = (level: number, words: string) => make(`h${Math.min(6, level)}` as "h2", {}, words);
  let group: string[] = [];
  const endGroup = () => {
    if (group.length === 0) return;
    place.append(group.every((row) => row.includes(" | ")) ? table(group) : list(group));
    group = [];
  };
  for (const [at, line] of text.trim().split(/\r?\n/).entries()) {
    const item = /^- (.*)$/.exec(line);
    if (item) {
      group.push(item[1]!);
      continue;
    }
    endGroup();
    if (line.trim() === "") continue;
    if (at === 0) place.append(heading(top, line));
    else if (/^\d{1,2}\. \S/.test(line)) place.append(heading(top + 1, line));
    else place.append(make("p", {}, line));
  }
  endGroup();
}

const list = (rows: readonly string[]): HTMLElement =>
  make("ul", {}, ...rows.map((row) => make("li", {}, row)));

function table([head, ...rows]: readonly string[]): HTMLElement {
  const cells = (row: string, tag: "th" | "td") =>
    make("tr", {}, ...row.split(" | ").map((cell) => make(tag, tag === "th" ? { scope: "col" } : {}, cell)));
  return make(
    "table",
    {},
    make("thead", {}, cells(head!, "th")),
    make("tbody", {}, ...rows.map((row) => cells(row, "td"))),
  );
}
