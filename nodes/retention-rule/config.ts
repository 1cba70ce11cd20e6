import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

/** How many days one class of data is kept. A clock at the input runs it. */
export const config = Closed({
  name: Type.String({ default: "", maxLength: 80 }),
  class: OneOf(
    [
      "entry-events",
      "security-log",
      "look-ups",
      "passes",
      "credentials",
      "consents",
      "assessment",
      "requests",
    ],
    {
      default: "entry-events",
    },
  ),
  days: Type.Integer({ default: 30, minimum: 1, maximum: 3650 }),
  mode: OneOf(["run", "preview"], { default: "run" }),
});
export const version = 1;
export const palette: Palette = {
  role: "office",
  icon: "font-awesome/fa-hourglass-half",
  inputs: 1,
  outputs: 1,
};
