import PdfDocument from "pdfkit";
import type { Cover, FontPiece, Weight } from "./fonts.ts";
import { type Measure, runsOf, wrap } from "./lines.ts";

/** A4 in points, with margins wide enough for a punch and a frame at the door. */
const margin = { top: 54, bottom: 62, left: 60, right: 60 };
export const leading = 1.5;

export interface Type {
  size: number;
  weight: Weight;
}

/** A part of the page's structure that a screen reader goes through. */
export type Element = PDFKit.PDFStructureElement;

/** Sheets of A4 that lines are set on, one below the other, each with its place in the document's structure. */
export class Sheet {
  readonly doc: PDFKit.PDFDocument;
  readonly width: number;
  readonly left = margin.left;
  y = margin.top;
  readonly #covers: Readonly<Record<Weight, Cover>>;
  readonly #registered = new Set<string>();
  readonly #bottom: number;

  constructor(
    covers: Readonly<Record<Weight, Cover>>,
    about: { title: string; language: string; made: Date },
  ) {
    this.#covers = covers;
    this.doc = new PdfDocument({
      size: "A4",
      margins: margin,
      bufferPages: true,
      font: null as never, // the standard fonts are neither embedded nor Chinese
      tagged: true,
      displayTitle: true,
      pdfVersion: "1.7",
      lang: about.language,
      info: {
        Title: about.title,
        Creator: "Limen",
        Producer: "Limen",
        CreationDate: about.made,
        ModDate: about.made,
      },
    });
    this.width = this.doc.page.width - margin.left - margin.right;
    this.#bottom = this.doc.page.height - margin.bottom;
  }

  lines(text: string, type: Type, width = this.width): string[] {
    return wrap(text, this.#covers[type.weight], width, this.#measure(type.size));
  }

  widthOf(text: string, { size, weight }: Type): number {
    return runsOf(text, this.#covers[weight]).reduce((sum, run) => sum + this.#measure(size)(run), 0);
  }

  /** Makes sure that so many points are left on this page, or begins the next. @returns whether it began one */
  room(height: number): boolean {
    if (this.y + height <= this.#bottom) return false;
    this.doc.addPage();
    this.y = margin.top;
    return true;
  }

  /** Sets one line with its top at `y`. */
  put(text: string, type: Type, x: number, y: number, element?: Element): void {
    if (element) element.add(this.doc.markStructureContent("Span") as never);
    let at = x;
    for (const run of runsOf(text, this.#covers[type.weight])) {
      this.#use(run.font, type.size);
      // one base line for all fonts: Latin and Chinese ones hang differently from their tops
      this.doc.text(run.text, at, y + type.size * 1.1, { lineBreak: false, baseline: "alphabetic" });
      at += this.#measure(type.size)(run);
    }
    if (element) this.doc.endMarkedContent();
  }

  /** Sets a paragraph and moves below it; a line that does not fit goes to the next page. */
  paragraph(
    text: string,
    type: Type,
    { element, indent = 0, after = 0 }: { element?: Element; indent?: number; after?: number } = {},
  ): void {
    for (const line of this.lines(text, type, this.width - indent)) {
      this.room(type.size * leading);
      this.put(line, type, this.left + indent, this.y, element);
      this.y += type.size * leading;
    }
    this.y += after;
  }

  /** Decoration that a screen reader passes over. */
  artifact(draw: (doc: PDFKit.PDFDocument) => void): void {
    this.doc.markContent("Artifact", { type: "Layout" });
    draw(this.doc);
    this.doc.endMarkedContent();
  }

  #use(font: FontPiece, size: number): void {
    if (!this.#registered.has(font.name)) {
      this.doc.registerFont(font.name, font.bytes);
      this.#registered.add(font.name);
    }
    this.doc.font(font.name).fontSize(size);
  }

  #measure =
    (size: number): Measure =>
    ({ font, text }) => {
      this.#use(font, size);
      return this.doc.widthOfString(text);
    };
}
