import { Closed, OneOf, Type } from "../../core/schema.ts";
import { LookSettings } from "../../vault/protocol/look.ts";
import type { Palette } from "../lib/types.ts";

const { risk, frames, agreeing, seconds } = LookSettings.properties;

/** A look at one door, after a deliberate act. */
export const config = Closed({
  name: Type.String({ default: "", maxLength: 80 }),
  door: Type.String({ format: "limen-door" }),
  camera: Type.String({ format: "limen-camera" }),
  mode: OneOf(["1:N", "1:1"], { default: "1:N" }),
  /** After a room code, which several share: may those of that flat who agreed be compared? Part of what they agree to. */
  flat: Type.Boolean({ default: false, showWhen: { mode: ["1:1"] } }),
  /** May the door's own screen (and the API) ask for a look? */
  screen: Type.Boolean({ default: true, showWhen: { mode: ["1:N"] } }),
  /** Topics of push buttons that ask for one: nothing else that arrives starts a look. */
  buttons: Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
    default: [],
    maxItems: 10,
    showWhen: { mode: ["1:N"] },
  }),
  risk,
  frames,
  agreeing,
  seconds,
  /** What somebody recognised has to do before the door opens. */
  challenge: OneOf(["none", "turn"], { default: "none" }),
});
export const version = 1;
export const palette: Palette = { role: "sense", icon: "font-awesome/fa-smile-o", inputs: 1, outputs: 1 };
