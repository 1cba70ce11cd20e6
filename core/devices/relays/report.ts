import { levelOf } from "../door/levels.ts";

type Fields = Record<string, unknown>;

/** Words of a lock that a level does not know; a jammed one is neither. */
const lockWords: Readonly<Record<string, boolean>> = { unlocked: true, locked: false };

const stateOf = (value: unknown): boolean | undefined =>
  (typeof value === "string" ? lockWords[value.trim().toLowerCase()] : undefined) ?? levelOf(value);

function textOf(payload: unknown): string | undefined {
  const text = payload instanceof Uint8Array ? Buffer.from(payload).toString("utf8") : payload;
  return typeof text === "string" && text.length <= 8192 ? text : undefined;
}

/** What a payload holds: an object as it is, JSON text read, anything else nothing. */
function fieldsOf(payload: unknown): Fields {
  if (payload instanceof Uint8Array || typeof payload !== "object" || payload === null) {
    const text = textOf(payload);
    if (!text?.trimStart().startsWith("{")) return {};
    try {
      const read: unknown = JSON.parse(text);
      return typeof read === "object" && read !== null ? (read as Fields) : {};
    } catch {
      return {};
    }
  }
  return payload as Fields;
}

const within = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? (value as Fields)[name] : undefined;

/**
 * Whether a device says that its relay is on, in the topics and fields that each of the devices we drive reports with:
 *
 * - Shelly Gen2: `<device>/status/switch:<n>` with `output`, and `<device>/events/rpc` (`NotifyStatus`)
 * - Tasmota: `stat/<device>/POWER<n>`, `stat/<device>/RESULT` and `tele/<device>/STATE`
 * - ESPHome: `<device>/switch/<id>/state`, `<device>/lock/<id>/state`
 * - Zigbee2MQTT: `zigbee2mqtt/<device>` with `state`, or `state_l<n>` of a device with several
 * - any other: a topic that ends in `relay/state`, with a level
 *
 * @param channel relay of the device, from 1
 * @returns undefined for every other message, also for one of another relay
 */
export function relayReport(topic: string, payload: unknown, channel: number): boolean | undefined {
  const parts = topic.split("/");
  const last = parts.at(-1) ?? "";
  const kind = parts.at(-3);
  if (last === `switch:${channel - 1}`) return stateOf(within(fieldsOf(payload), "output"));
  if (last === "rpc")
    return stateOf(within(within(fieldsOf(payload).params, `switch:${channel - 1}`), "output"));
  if (parts[0] === "stat" || parts[0] === "tele") return tasmota(last, payload, channel);
  if (last === "state" && (kind === "switch" || kind === "lock" || parts.at(-2) === "relay"))
    return stateOf(textOf(payload) ?? payload);
  if (parts[0] === "zigbee2mqtt" && parts.length === 2) {
    const fields = fieldsOf(payload);
    return stateOf(fields[`state_l${channel}`] ?? (channel === 1 ? fields.state : undefined));
  }
  return undefined;
}

/** A device with one relay leaves its number out. */
function tasmota(last: string, payload: unknown, channel: number): boolean | undefined {
  const names = [`POWER${channel}`, ...(channel === 1 ? ["POWER"] : [])];
  if (names.includes(last)) return stateOf(textOf(payload) ?? payload);
  if (last !== "RESULT" && last !== "STATE") return undefined;
  const fields = fieldsOf(payload);
  return stateOf(names.map((name) => fields[name]).find((value) => value !== undefined));
}
