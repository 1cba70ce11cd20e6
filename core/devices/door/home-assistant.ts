import type { AttemptCode } from "../../entry/codes.ts";
import { accessEventOf, doorEventOf } from "./bacnet.ts";

/** Where Home Assistant looks for devices, and where Limen tells it what its doors do. */
export interface Places {
  prefix: string;
  base: string;
  site: string;
}

/** A message for a broker; what is retained is a state, never an act. */
export interface Told {
  topic: string;
  payload: string | object;
  retain: boolean;
  qos: 0 | 1;
}

/** Kinds of a door's events that Home Assistant may hear of; `duress` is not among them. */
export const eventKinds = [
  "forced",
  "held",
  "held-warning",
  "not-taken",
  "exit",
  "fire",
  "fire-reset",
  "tamper",
  "relay-failed",
  "relay-stuck",
  "relay-unasked",
  "relay-silent",
  "relay-rests",
  "reader-silent",
  "reader-back",
  "not-watched",
] as const;

const topicOf = ({ base, site }: Places, door: string, what: string): string =>
  `${base}/ha/${site}/${door}/${what}`;
const statusOf = ({ base, site }: Places): string => `${base}/ha/${site}/status`;

/**
 * The device a door is in Home Assistant (one retained message a device, 2024.11 or later): lock and door as sensors,
 * and its events. There is no lock entity, because that one has a command topic, and whoever may publish there could
 * open the door without a credential, a rule and a record.
 * @param label the name of the event entity; the sensors are named by Home Assistant in its user's language
 * @param attempts whether `granted` and `denied` are told: no person and no method, but times at a door
 */
export function discoveryOf(
  places: Places,
  door: { id: string; name: string },
  { label, attempts, version }: { label: string; attempts: boolean; version: string },
): Told {
  const id = `limen_${places.site}_${door.id}`.replaceAll("-", "_");
  const sensor = (what: "lock" | "door"): object => ({
    p: "binary_sensor",
    unique_id: `${id}_${what}`,
    device_class: what,
    state_topic: topicOf(places, door.id, what),
    payload_on: what === "lock" ? "UNLOCKED" : "OPEN",
    payload_off: what === "lock" ? "LOCKED" : "CLOSED",
  });
  const payload = {
    dev: { ids: [id], name: door.name, mf: "Limen", mdl: "door", sw: version },
    o: { name: "limen", sw: version },
    avty: [{ t: statusOf(places) }],
    cmps: {
      lock: sensor("lock"),
      door: sensor("door"),
      event: {
        p: "event",
        unique_id: `${id}_event`,
        name: label,
        state_topic: topicOf(places, door.id, "event"),
        event_types: [...eventKinds, ...(attempts ? ["granted", "denied"] : [])],
      },
    },
  };
  return { topic: `${places.prefix}/device/${id}/config`, payload, retain: true, qos: 1 };
}

/** Whether anybody tells the states: Home Assistant shows a door as unavailable otherwise. */
export const availability = (places: Places, online: boolean): Told => ({
  topic: statusOf(places),
  payload: online ? "online" : "offline",
  retain: true,
  qos: 1,
});

export const lockState = (places: Places, door: string, unlocked: boolean): Told => ({
  topic: topicOf(places, door, "lock"),
  payload: unlocked ? "UNLOCKED" : "LOCKED",
  retain: true,
  qos: 1,
});

export const leafState = (places: Places, door: string, open: boolean): Told => ({
  topic: topicOf(places, door, "door"),
  payload: open ? "OPEN" : "CLOSED",
  retain: true,
  qos: 1,
});

/** An event of a door; undefined for one that stays here. Never retained: it has happened once. */
export function eventOf(places: Places, door: string, kind: string): Told | undefined {
  if (!(eventKinds as readonly string[]).includes(kind)) return undefined;
  const bacnet = doorEventOf(kind);
  const payload = { event_type: kind, ...(bacnet === undefined ? {} : { bacnet }) };
  return { topic: topicOf(places, door, "event"), payload, retain: false, qos: 1 };
}

/** How an attempt ended, without who, how, or anything that tells one refusal of a face from another. */
export const attemptOf = (places: Places, door: string, code: AttemptCode): Told => ({
  topic: topicOf(places, door, "event"),
  payload: { event_type: code === "granted" ? "granted" : "denied", bacnet: accessEventOf(code) },
  retain: false,
  qos: 1,
});
