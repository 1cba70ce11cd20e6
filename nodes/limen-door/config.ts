import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Id } from "../../vault/protocol/common.ts";
import type { Palette } from "../lib/types.ts";

/** One door: what it leads to, how it fails, how long it opens. */
export const config = Closed({
  door: Id,
  site: Type.String({ format: "limen-site" }),
  name: Type.String({ minLength: 1, maxLength: 80 }),
  class: OneOf(["entrance", "unit", "gate", "vehicle", "amenity"], { default: "entrance" }),
  failMode: OneOf(["secure", "safe"], { default: "secure" }),
  openSeconds: Type.Number({ minimum: 0.5, maximum: 60, default: 5 }),
  longSeconds: Type.Number({ minimum: 0.5, maximum: 60, default: 15 }),
  zone: Type.String({ maxLength: 48, default: "" }),
  egress: Type.Boolean({ default: true }),
  fire: OneOf(["hardware", "input", "none"], { default: "hardware" }),
  simulated: Type.Boolean({ default: false }),
});
export const version = 1;
export const palette: Palette = { role: "config", icon: "", inputs: 0, outputs: 0, label: "door" };
