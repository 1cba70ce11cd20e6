import { Closed, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

const topic = { minLength: 1, maxLength: 80, pattern: "^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$" };

export const config = Closed({
  prefix: Type.String({ ...topic, default: "homeassistant" }),
  base: Type.String({ ...topic, default: "limen" }),
  attempts: Type.Boolean({ default: false, description: "also tell when somebody was let in or refused" }),
});

export const version = 1;
export const palette: Palette = { role: "office", icon: "font-awesome/fa-home", inputs: 1, outputs: 1 };
