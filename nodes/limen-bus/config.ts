import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

/** `lcus` boards time nothing, so a process of its own times them; `modbus` boards time their pulses themselves. */
export const busKinds = ["lcus", "modbus"] as const;

export const config = Closed({
  kind: OneOf(busKinds, { default: "lcus" }),
  port: Type.String({ minLength: 1, maxLength: 200, description: "/dev/serial/by-id/…, /dev/ttyUSB0, COM3" }),
  baud: Type.Integer({ default: 9600, minimum: 1200, maximum: 921_600 }),
  relays: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 8,
    description: "relays on the board",
    showWhen: { kind: ["lcus"] },
  }),
});

export const version = 1;
export const palette: Palette = {
  role: "config",
  icon: "font-awesome/fa-plug",
  inputs: 0,
  outputs: 0,
  label: "port",
};
