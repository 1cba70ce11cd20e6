import { Closed, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

export const config = Closed({ name: Type.String({ default: "", maxLength: 80 }) });
export const version = 1;
export const palette: Palette = { role: "check", icon: "font-awesome/fa-handshake-o", inputs: 1, outputs: 1 };
