import type { Beat } from "../../core/devices/door/heartbeats.ts";
import { levelOf } from "../../core/devices/door/levels.ts";
import type { DoorInput } from "../../core/devices/door/supervise.ts";
import { relayReport } from "../../core/devices/relays/report.ts";
import type { Message } from "../lib/types.ts";

/** Which level means what at this door. */
export interface InputSense {
  contact: "on-is-open" | "off-is-open" | "none";
  fire: "none" | "off-is-fire" | "on-is-fire";
  relay: "unheard" | "reports";
  relayChannel: number;
}

export type Heard = { door: DoorInput } | { beat: Beat } | { relay: boolean } | "unreadable" | undefined;

/**
 * What a message says of the door, by the last part of its topic: `contact`, `exit`, `fire`, `fire-reset`, `tamper`,
 * `alive/<reader>`, or the topic a device reports its relay on (`relayReport`). A press that a broker remembers is none; a level may be remembered.
 */
export function hear({ topic, payload, retain }: Message, sense: InputSense): Heard {
  const parts = (topic ?? "").split("/");
  const last = parts.at(-1);
  const level = levelOf(payload);
  if (parts.at(-2) === "alive" && last) {
    // any sign of life will do, except its own word that it is gone (an MQTT last will)
    return retain === true && level !== false ? undefined : { beat: { name: last, alive: level !== false } };
  }
  if (sense.relay === "reports") {
    const on = relayReport(topic ?? "", payload, sense.relayChannel);
    if (on !== undefined) return { relay: on };
  }
  switch (last) {
    case "exit":
      return level === true && retain !== true ? { door: { input: "exit" } } : undefined;
    case "fire-reset":
      return level === true && retain !== true ? { door: { input: "fire-reset" } } : undefined;
    case "contact":
      if (sense.contact === "none") return undefined;
      return level === undefined
        ? "unreadable"
        : { door: { input: "contact", open: level === (sense.contact === "on-is-open") } };
    case "fire":
      if (sense.fire === "none") return undefined;
      return level === undefined
        ? "unreadable"
        : { door: { input: "fire", alarm: level === (sense.fire === "on-is-fire") } };
    case "tamper":
      return level === undefined ? "unreadable" : { door: { input: "tamper", alarm: level } };
    default:
      return undefined;
  }
}
