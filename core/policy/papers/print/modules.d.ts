declare module "subset-font" {
  /** Cuts a font (SFNT, WOFF or WOFF2) down to the characters of a text; `variationAxes` pins a variable one. */
  export default function subsetFont(
    font: Buffer,
    text: string,
    options: { targetFormat: "truetype" | "sfnt"; variationAxes?: Record<string, number> },
  ): Promise<Buffer>;
}

declare module "linebreak" {
  /** Where a line may end (Unicode UAX #14). */
  export default class LineBreaker {
    constructor(text: string);
    nextBreak(): { position: number; required?: boolean } | null;
  }
}
