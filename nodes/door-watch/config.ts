import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

const fromOsdp = { from: ["osdp"] };
/** A reader has a handful of inputs; 0 is none of them. */
const Input = (description: string) =>
  Type.Integer({ default: 0, minimum: 0, maximum: 16, description, showWhen: fromOsdp });

export const config = Closed({
  door: Type.String({ format: "limen-door" }),
  from: OneOf(["wires", "osdp"], {
    default: "wires",
    description: "who tells the inputs: messages on this node's wire, or a reader on an OSDP line as well",
  }),
  bus: Type.String({ default: "", format: "limen-bus", showWhen: fromOsdp, needed: true }),
  unit: Type.Integer({ default: 0, minimum: 0, maximum: 126, showWhen: fromOsdp }),
  contactInput: Input("the reader's input, from 1, that the door contact is wired to; 0: none"),
  exitInput: Input("the exit button's; on is pressed; 0: none"),
  fireInput: Input("the fire panel's; 0: none"),
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
  relay: OneOf(["unheard", "reports"], {
    default: "unheard",
    description: "whether messages on the wire tell what the lock's relay really does",
  }),
  relayChannel: Type.Integer({
    default: 1,
    minimum: 1,
    maximum: 32,
    description: "relay of the device, from 1",
    showWhen: { relay: ["reports"] },
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
