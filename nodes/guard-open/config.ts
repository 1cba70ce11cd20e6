import { Closed, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

/** Assisted entry: staff open for somebody and say why. Never counts as a door's own way in (RD-01). */
export const config = Closed({
  name: Type.String({ default: "", maxLength: 80 }),
  door: Type.String({ format: "limen-door" }),
});
export const version = 1;
export const palette: Palette = { role: "sense", icon: "font-awesome/fa-life-ring", inputs: 0, outputs: 1 };
