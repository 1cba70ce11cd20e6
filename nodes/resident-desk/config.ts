import { Closed, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

/** What the API does, for people who prefer wires. Acts with the role of its token, which Node-RED keeps encrypted. */
export const config = Closed({ name: Type.String({ default: "", maxLength: 80 }) });
export const version = 1;
export const credentials = { token: "password" } as const;
export const palette: Palette = {
  role: "office",
  icon: "font-awesome/fa-address-book-o",
  inputs: 1,
  outputs: 1,
};
