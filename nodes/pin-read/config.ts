import { keypadFormats } from "../../core/devices/keypad/presses.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

export const config = Closed({
  door: Type.String({ format: "limen-door" }),
  reader: Type.String({ default: "", maxLength: 64, description: "what the record calls this keypad" }),
  format: OneOf(keypadFormats, { default: "keys" }),
  bus: Type.String({
    default: "",
    format: "limen-bus",
    description: "the line of an OSDP keypad; empty when its characters come as messages",
    showWhen: { format: ["osdp"] },
  }),
  unit: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 126,
    description: "address on the line",
    showWhen: { format: ["osdp"] },
  }),
  facility: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 255,
    description: "the keypad's own facility code: whatever comes under another is no code",
    showWhen: { format: ["w26-number"] },
  }),
  screen: Type.Boolean({ default: true, description: "codes are also taken from the door's own screen" }),
  use: OneOf(["alone", "after"], {
    default: "alone",
    description:
      "a way in of its own, or the second of two: the code belongs to the attempt that came in before",
  }),
  within: Type.Number({
    default: 10,
    minimum: 3,
    maximum: 30,
    description: "seconds for the code after the first way",
    showWhen: { use: ["after"] },
  }),
  length: Type.Integer({ default: 0, minimum: 0, maximum: 12, description: "digits; 0: ended by #" }),
  gap: Type.Number({ default: 5, minimum: 1, maximum: 30, description: "seconds between two keys" }),
});

export const version = 1;
export const palette: Palette = {
  role: "sense",
  icon: "font-awesome/fa-th",
  inputs: 1,
  outputs: 1,
  label: "reader",
};
