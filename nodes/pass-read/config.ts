import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

export const config = Closed({
  door: Type.String({ format: "limen-door" }),
  reader: Type.String({ default: "", maxLength: 64, description: "what the record calls this reader" }),
  framing: OneOf(["stream", "message"], {
    default: "stream",
    description: "whether a pass ends with CR or LF, or with the message",
  }),
  phone: OneOf(["off", "by-class", "at-door", "anywhere"], {
    default: "off",
    description: "opening from a resident's own page: at a gate or car park from anywhere, else at the door",
  }),
  silence: Type.Number({
    default: 3,
    minimum: 0.5,
    maximum: 30,
    description: "seconds a code must be gone before it counts again",
  }),
});

export const version = 1;
export const palette: Palette = {
  role: "sense",
  icon: "font-awesome/fa-qrcode",
  inputs: 1,
  outputs: 1,
  label: "reader",
};
