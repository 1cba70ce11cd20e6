import { make } from "./dom.ts";

/**
 * A notice's plain text as headings, lists and paragraphs: lines beginning `#`, `##` or `-`. No markup passes through.
 * @param top level of the highest heading, so that it fits the page's outline
 */
export function showText(place: HTMLElement, text: string, top: 1 | 2 | 3 = 2): void {
  place.replaceChildren();
  let list: HTMLUListElement | undefined;
  for (const line of text.split(/\r?\n/)) {
    const heading = /^(#{1,3}) (.*)$/.exec(line);
    const item = /^[-*] (.*)$/.exec(line);
    if (!item) list = undefined;
    if (heading) {
      const level = Math.min(6, top + heading[1]!.length - 1);
      place.append(make(`h${level}` as "h2", {}, heading[2]!));
    } else if (item) {
      if (!list) {
        list = make("ul");
        place.append(list);
      }
      list.append(make("li", {}, item[1]!));
    } else if (line.trim() !== "") place.append(make("p", {}, line));
  }
}
