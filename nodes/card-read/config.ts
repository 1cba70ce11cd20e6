import { notationNames } from "../../core/devices/cards/notation.ts";
import { readerFormats } from "../../core/devices/cards/profiles.ts";
import { SiteFormat } from "../../core/devices/cards/site-formats.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

export const config = Closed({
  door: Type.String({ format: "limen-door" }),
  reader: Type.String({ default: "", maxLength: 64, description: "what the record calls this reader" }),
  format: OneOf([...readerFormats, "osdp", "chip"], { default: "rdm6300" }),
  bus: Type.String({
    default: "",
    format: "limen-bus",
    showWhen: { format: ["osdp", "chip"] },
    needed: true,
  }),
  place: OneOf(["door", "desk"], {
    default: "door",
    description: "at the desk it writes and gives cards, and opens nothing",
    showWhen: { format: ["chip"] },
  }),
  unit: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 126,
    description: "address on the line",
    showWhen: { format: ["osdp"] },
  }),
  notation: OneOf(["none", ...notationNames], {
    default: "none",
    description:
      "how the reader writes its numbers: two notations can fit the same digits, so none is assumed",
    showWhen: { format: ["text"] },
  }),
  framing: OneOf(["stream", "message"], {
    default: "stream",
    description: "whether a line ends with CR or LF, or with the message",
    showWhen: { format: ["text", "wiegand", "signed"] },
  }),
  keys: Type.Boolean({
    default: false,
    description: "key presses come as bare bytes on the same wire",
    showWhen: { format: ["text"] },
  }),
  formats: Type.Array(SiteFormat, {
    default: [],
    maxItems: 8,
    description: "Wiegand layouts of this reader that Limen does not know",
    showWhen: { format: ["wiegand", "osdp"] },
  }),
  silence: Type.Number({
    default: 2,
    minimum: 0.5,
    maximum: 30,
    description: "seconds a card must be gone before it counts again",
  }),
});

export const version = 1;
export const palette: Palette = {
  role: "sense",
  icon: "font-awesome/fa-credit-card",
  inputs: 1,
  outputs: 1,
  label: "reader",
};
