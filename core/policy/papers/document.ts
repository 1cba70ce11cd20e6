import type { Language } from "../../words.ts";

/** A paper as parts, so that text and HTML say the same. */
export interface Document {
  language: Language;
  title: string;
  /** A line above everything else: that this is a demonstration, or a draft. */
  mark?: string;
  parts: readonly Part[];
}

export interface Part {
  heading: string;
  paragraphs?: readonly string[];
  /** First row: the headings. */
  table?: readonly (readonly string[])[];
  /** A box to be ticked by hand; never ticked beforehand (RD-15). */
  choices?: readonly string[];
  /** A line to be filled in by hand. */
  blanks?: readonly string[];
}

const rule = "____________________";

/** The paper as plain text: numbered parts, one paragraph a line. */
export function toText({ title, mark, parts }: Document): string {
  const lines = [title, ...(mark ? [mark] : [])];
  parts.forEach(({ heading, paragraphs = [], table = [], choices = [], blanks = [] }, index) => {
    lines.push("", `${index + 1}. ${heading}`, ...paragraphs);
    for (const row of table) lines.push(`- ${row.join(" | ")}`);
    for (const choice of choices) lines.push(`[ ] ${choice}`);
    for (const blank of blanks) lines.push(`${blank}: ${rule}`);
  });
  return `${lines.join("\n")}\n`;
}

const escapes: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const safe = (value: string): string => value.replace(/[&<>"']/g, (char) => escapes[char]!);

/** The one style of every paper; a content policy names it by its hash. */
export const paperStyle = `body{font:16px/1.6 system-ui,"Noto Sans CJK SC","PingFang SC","Microsoft YaHei",sans-serif;max-width:44em;margin:2em auto;padding:0 1em;color:#111;background:#fff}
h1{font-size:1.5em}h2{font-size:1.1em;margin:1.4em 0 .3em}p{margin:.3em 0}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #767676;padding:.3em .6em;text-align:start;vertical-align:top}.mark{border:2px solid;padding:.4em .8em;font-weight:bold}
.choice{border:1px solid #767676;padding:.8em;margin:.6em 0}@media print{body{margin:0;max-width:none}h2{break-after:avoid}tr{break-inside:avoid}}`;

/** The paper as one HTML page, nothing fetched from anywhere, ready to print. */
export function toHtml({ language, title, mark, parts }: Document): string {
  const body = parts.map(({ heading, paragraphs = [], table = [], choices = [], blanks = [] }, index) => {
    const [head, ...rows] = table;
    const cells = (row: readonly string[], tag: string) =>
      `<tr>${row.map((cell) => `<${tag}>${safe(cell)}</${tag}>`).join("")}</tr>`;
    return [
      `<h2>${index + 1}. ${safe(heading)}</h2>`,
      ...paragraphs.map((paragraph) => `<p>${safe(paragraph)}</p>`),
      ...(head
        ? [
            `<table><thead>${cells(head, "th")}</thead><tbody>${rows.map((row) => cells(row, "td")).join("")}</tbody></table>`,
          ]
        : []),
      ...choices.map((choice) => `<p class="choice">☐ ${safe(choice)}</p>`),
      ...blanks.map((blank) => `<p>${safe(blank)}: ${rule}</p>`),
    ].join("\n");
  });
  return `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${safe(title)}</title><style>${paperStyle}</style></head><body><h1>${safe(title)}</h1>
${mark ? `<p class="mark">${safe(mark)}</p>\n` : ""}${body.join("\n")}
</body></html>
`;
}
