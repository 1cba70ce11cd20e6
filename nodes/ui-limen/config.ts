import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

/** What a widget can show; each is a module of `pages/widgets/`. */
export const views = [
  "door-wall",
  "residents",
  "consent",
  "requests",
  "disclosures",
  "processors",
  "breaches",
  "certificates",
  "retention",
  "parity",
  "accuracy",
  "decisions",
  "record",
] as const;

export const config = Closed({
  group: Type.String({ format: "ui-group", description: "where on the dashboard" }),
  view: OneOf(views, { default: "door-wall" }),
  order: Type.Integer({ default: 1, minimum: 1, maximum: 100 }),
  width: Type.Integer({ default: 12, minimum: 1, maximum: 12 }),
});

export const version = 1;
export const palette: Palette = {
  role: "office",
  icon: "font-awesome/fa-television",
  inputs: 0,
  outputs: 0,
  label: "view",
};
