import { relayProfiles } from "../../core/devices/relays/messages.ts";
import { topicBefore } from "../../core/devices/relays/topics.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import type { Palette } from "../lib/types.ts";

export const config = Closed({
  door: Type.String({ format: "limen-door" }),
  drive: OneOf([...relayProfiles, "bus"], {
    default: "shelly",
    description: "what opens the lock: a device told by a message of output 2, or a board on a limen-bus",
  }),
  topic: Type.String({
    default: "",
    maxLength: 200,
    description: "where the device listens; {door} is the door's id; empty: the usual form of its make",
    showWhen: { drive: [...relayProfiles] },
  }),
  bus: Type.String({ default: "", format: "limen-bus", showWhen: { drive: ["bus"] }, needed: true }),
  unit: Type.Integer({
    default: 1,
    minimum: 0,
    maximum: 247,
    description: "address on a Modbus or OSDP line",
    showWhen: { drive: ["bus"] },
  }),
  channel: Type.Integer({ default: 1, minimum: 1, maximum: 32, description: "relay of the device, from 1" }),
});

export const version = 2;
/** 1: every drive's topic was the demonstration's when it was left out. */
export const migrations = [
  (settings: Record<string, unknown>) => settings,
  (settings: Record<string, unknown>) => ({ topic: topicBefore, ...settings }),
];
export const palette: Palette = {
  role: "act",
  icon: "font-awesome/fa-unlock-alt",
  inputs: 1,
  outputs: 2,
};
