import { Closed, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

/** Enrolment at a camera, of somebody who has consented. The pictures are taken, used and destroyed in the vault. */
export const config = Closed({
  name: Type.String({ default: "", maxLength: 80 }),
  camera: Type.String({ format: "limen-camera" }),
});
export const version = 1;
export const credentials = { token: "password" } as const;
export const palette: Palette = {
  role: "office",
  icon: "font-awesome/fa-user-plus",
  inputs: 1,
  outputs: 1,
};
