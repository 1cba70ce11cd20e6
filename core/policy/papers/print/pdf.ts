import { create as qrOf } from "qrcode";
import type { Document, Part } from "../document.ts";
import { speaker } from "../words.ts";
import { coverText } from "./fonts.ts";
import { type Element, leading, Sheet, type Type } from "./sheet.ts";
import { setTable } from "./table.ts";

export interface PrintOptions {
  /** When it was made; told in the footer in UTC. */
  made: Date;
  /** SHA-256 of the flow it was made from, lower-case hex; in the footer of every page. */
  hash: string;
  /** Where the paper in force can be read: drawn as a QR code. */
  link?: string;
}

const title: Type = { size: 17, weight: 700 };
const heading: Type = { size: 11.5, weight: 700 };
const body: Type = { size: 10, weight: 400 };
const small: Type = { size: 8, weight: 400 };
const qrSide = 76;

/** A paper as a PDF on A4: fonts embedded, tagged for screen readers, fingerprint and page numbers on every page. */
export async function toPdf(document: Document, options: PrintOptions): Promise<Buffer> {
  const text = JSON.stringify(document) + furniture(document, options);
  const [regular, bold] = await Promise.all([
    coverText(text, document.language, 400),
    coverText(text, document.language, 700),
  ]);
  const sheet = new Sheet({ 400: regular, 700: bold }, { ...document, made: options.made });
  const chunks: Buffer[] = [];
  const whole = new Promise<Buffer>((resolve, reject) => {
    sheet.doc.on("data", (chunk: Buffer) => chunks.push(chunk));
    sheet.doc.on("end", () => resolve(Buffer.concat(chunks)));
    sheet.doc.on("error", reject);
  });
  const root = sheet.doc.struct("Document");
  sheet.doc.addStructure(root);
  setHead(sheet, root, document, options);
  for (const [index, part] of document.parts.entries())
    setPart(sheet, root, part, `${index + 1}. ${part.heading}`);
  root.end();
  setFeet(sheet, document, options);
  sheet.doc.end();
  return await whole;
}

/** Everything set beside the paper's own words, for the fonts. */
function furniture({ language }: Document, { made, hash, link = "" }: PrintOptions): string {
  const say = speaker(language);
  return `${footer(language, { made, hash }, 1234567890, 1234567890)}${say("print.link")}${link}☐0123456789.`;
}

function footer(
  language: Document["language"],
  { made, hash }: PrintOptions,
  page: number,
  pages: number,
): string {
  const at = `${made.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  return speaker(language)("print.foot", { hash: hash.slice(0, 16), at, page, pages });
}

function setHead(sheet: Sheet, root: Element, document: Document, { link }: PrintOptions): void {
  const beside = link === undefined ? 0 : qrSide + 16;
  const top = sheet.y;
  const h1 = child(sheet, root, "H1");
  for (const line of sheet.lines(document.title, title, sheet.width - beside)) {
    sheet.put(line, title, sheet.left, sheet.y, h1);
    sheet.y += title.size * 1.35;
  }
  h1.end();
  sheet.y += 4;
  if (document.mark) setMark(sheet, root, document.mark, sheet.width - beside);
  if (link === undefined) return;
  drawQr(sheet, link, sheet.left + sheet.width - qrSide, top);
  const caption = child(sheet, root, "Caption");
  const words = `${speaker(document.language)("print.link")} ${link}`;
  for (const line of sheet.lines(words, small, sheet.width - beside)) {
    sheet.put(line, small, sheet.left, sheet.y, caption);
    sheet.y += small.size * leading;
  }
  caption.end();
  sheet.y = Math.max(sheet.y, top + qrSide + 4);
}

/** A line in a frame above everything else: that this is a demonstration, or a draft. */
function setMark(sheet: Sheet, root: Element, mark: string, width: number): void {
  const lines = sheet.lines(mark, { ...body, weight: 700 }, width - 16);
  const height = lines.length * body.size * leading + 10;
  sheet.artifact((doc) => doc.lineWidth(1.2).rect(sheet.left, sheet.y, width, height).stroke("#111"));
  const element = child(sheet, root, "P");
  lines.forEach((line, index) => {
    sheet.put(
      line,
      { ...body, weight: 700 },
      sheet.left + 8,
      sheet.y + 5 + index * body.size * leading,
      element,
    );
  });
  element.end();
  sheet.y += height + 8;
}

function setPart(sheet: Sheet, root: Element, part: Part, name: string): void {
  const { paragraphs = [], table = [], choices = [], blanks = [] } = part;
  sheet.y += 7;
  sheet.room(heading.size * leading + 3 * body.size * leading); // no heading is left alone below a page
  const h2 = child(sheet, root, "H2");
  sheet.paragraph(name, heading, { element: h2 });
  h2.end();
  const say = (text: string, indent = 0, after = 2) => {
    const element = child(sheet, root, "P");
    sheet.paragraph(text, body, { element, indent, after });
    element.end();
  };
  for (const paragraph of paragraphs) say(paragraph);
  if (table.length > 0) setTable(sheet, root, table, body);
  for (const choice of choices) setChoice(sheet, root, choice);
  for (const blank of blanks) {
    sheet.room(body.size * leading * 2 + 24); // what is asked stays with the line to answer on
    say(`${blank}:`, 0, 0);
    setLine(sheet);
  }
}

/** A box to be ticked with a pen; empty. */
function setChoice(sheet: Sheet, root: Element, text: string): void {
  const type: Type = { ...body, size: 12 };
  sheet.room(30);
  sheet.artifact((doc) =>
    doc
      .lineWidth(1)
      .rect(sheet.left + 2, sheet.y + 6, 12, 12)
      .stroke("#111"),
  );
  const element = child(sheet, root, "P");
  sheet.y += 4;
  sheet.paragraph(text, type, { element, indent: 24, after: 8 });
  element.end();
}

/** A line to write on. */
function setLine(sheet: Sheet): void {
  sheet.room(22);
  sheet.artifact((doc) =>
    doc
      .lineWidth(0.6)
      .moveTo(sheet.left, sheet.y + 18)
      .lineTo(sheet.left + sheet.width, sheet.y + 18)
      .stroke("#555"),
  );
  sheet.y += 26;
}

function drawQr(sheet: Sheet, link: string, x: number, y: number): void {
  const { modules } = qrOf(link, { errorCorrectionLevel: "M" });
  const dot = qrSide / modules.size;
  sheet.artifact((doc) => {
    for (let row = 0; row < modules.size; row++)
      for (let column = 0; column < modules.size; column++)
        if (modules.get(row, column)) doc.rect(x + column * dot, y + row * dot, dot, dot);
    doc.fill("#000");
  });
}

function setFeet(sheet: Sheet, { language }: Document, options: PrintOptions): void {
  const { start, count } = sheet.doc.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    sheet.doc.switchToPage(page);
    const { height } = sheet.doc.page;
    sheet.doc.page.margins.bottom = 0; // or the foot of a page would begin the next
    sheet.doc.markContent("Artifact", { type: "Pagination" });
    sheet.put(footer(language, options, page + 1, count), small, sheet.left, height - 40);
    sheet.doc.endMarkedContent();
  }
}

/** A new element of the structure, in its place; to be ended when it is whole. */
export function child(sheet: Sheet, parent: Element, kind: string): Element {
  const element = sheet.doc.struct(kind);
  parent.add(element);
  return element;
}
