import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

export const config = Closed({
  door: Type.String({ format: "limen-door" }),
  contact: OneOf(["on-is-open", "off-is-open", "none"], { default: "on-is-open" }),
  held: Type.Number({
    default: 15,
    minimum: 1,
    maximum: 3600,
    description: "seconds it may stand open after the opening time; vehicle gates need minutes",
    showWhen: { contact: ["on-is-open", "off-is-open"] },
  }),
  warn: Type.Number({
    default: 5,
    minimum: 0,
    maximum: 600,
    description: "seconds of warning before that; 0: none",
    showWhen: { contact: ["on-is-open", "off-is-open"] },
  }),
  exit: OneOf(["shunt", "unlock"], {
    default: "shunt",
    description:
      "what the exit button does in software: say that it was no break-in, or also release the lock",
  }),
  fire: OneOf(["none", "off-is-fire", "on-is-fire"], {
    default: "none",
    description: "a closed loop that opens on fire (off) also shows a cut wire",
  }),
  fireSilence: Type.Number({
    default: 60,
    minimum: 5,
    maximum: 600,
    description: "seconds after which a fire input that says nothing cannot be trusted",
    showWhen: { fire: ["off-is-fire", "on-is-fire"] },
  }),
  fireLost: OneOf(["release", "alarm"], {
    default: "release",
    description: "what an input that cannot be trusted means",
    showWhen: { fire: ["off-is-fire", "on-is-fire"] },
  }),
  ways: Type.Array(Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,47}$" }), {
    default: [],
    maxItems: 20,
    uniqueItems: true,
    description: "readers that must be heard from",
  }),
  silence: Type.Number({
    default: 45,
    minimum: 5,
    maximum: 600,
    description: "seconds after which a reader is dead",
  }),
});

export const version = 1;
export const palette: Palette = { role: "sense", icon: "font-awesome/fa-eye", inputs: 1, outputs: 2 };
