import { quirks } from "../../core/devices/osdp/index.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

/** Readers that talk with cards. */
export const chipKinds = ["pn532", "pcsc"] as const;
/**
 * `lcus` boards time nothing, so a process of its own times them; `modbus` boards and `osdp` readers time their pulses
 * themselves.
 */
export const busKinds = ["lcus", "modbus", "osdp", ...chipKinds] as const;

export const config = Closed({
  kind: OneOf(busKinds, { default: "lcus" }),
  port: Type.String({
    minLength: 1,
    maxLength: 200,
    description: "/dev/serial/by-id/…, /dev/ttyUSB0, COM3; of a PC/SC reader part of its name, or *",
  }),
  baud: Type.Integer({
    default: 9600,
    minimum: 1200,
    maximum: 921_600,
    showWhen: { kind: ["lcus", "modbus", "osdp", "pn532"] },
  }),
  relays: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 8,
    description: "relays on the board",
    showWhen: { kind: ["lcus"] },
  }),
  readers: Type.Array(
    Closed({
      address: Type.Integer({ default: 0, minimum: 0, maximum: 126 }),
      quirks: Type.Array(OneOf(quirks), { default: [], uniqueItems: true }),
    }),
    { default: [], maxItems: 32, description: "OSDP readers on the line", showWhen: { kind: ["osdp"] } },
  ),
});

export const version = 1;
/** `0=<32 hex digits> 1=…`: each OSDP reader's own key. */
export const credentials = { keys: "password" } as const;
export const palette: Palette = {
  role: "config",
  icon: "font-awesome/fa-plug",
  inputs: 0,
  outputs: 0,
  label: "port",
};
