import { LimenError } from "../../errors.ts";
import { type NotationName, notationNames } from "./notation.ts";
import { Pn532Parser } from "./pn532.ts";
import { Rdm6300Parser } from "./rdm6300.ts";
import type { ReaderParser } from "./reading.ts";
import { SignedParser } from "./signed.ts";
import { TextParser } from "./text.ts";
import { type WiegandFormat, WiegandParser } from "./wiegand.ts";

/** What comes over a reader's wire. `text` needs a notation; the others say all about their number themselves. */
export const readerFormats = ["rdm6300", "text", "wiegand", "pn532", "signed"] as const;
export type ReaderFormat = (typeof readerFormats)[number];

export interface ReaderProfile {
  format: ReaderFormat;
  notation?: string;
  /** The Wiegand layouts of this reader, where they are not the known ones. */
  formats?: readonly WiegandFormat[];
  /** Key presses come as bare bytes on the same wire. */
  keys?: boolean;
  gapMs?: number;
  keyGapMs?: number;
}

const isNotation = (name: string | undefined): name is NotationName =>
  (notationNames as readonly (string | undefined)[]).includes(name);

/**
 * The parser for a reader. @throws LimenError `notation-missing` when text has no notation: it is not guessed
 */
export function parserFor({ format, notation, formats, ...options }: ReaderProfile): ReaderParser {
  switch (format) {
    case "rdm6300":
      return new Rdm6300Parser();
    case "wiegand":
      return new WiegandParser(formats);
    case "pn532":
      return new Pn532Parser();
    case "signed":
      return new SignedParser();
    case "text":
      if (!isNotation(notation))
        throw new LimenError("notation-missing", { field: "/notation", params: { field: "/notation" } });
      return new TextParser({ notation, ...options });
  }
}
