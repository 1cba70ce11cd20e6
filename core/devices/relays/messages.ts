import { pulseMs } from "./pulse.ts";

/** Devices told by a message; each times its own pulse. */
export const relayProfiles = ["shelly", "tasmota", "esphome", "zigbee2mqtt", "generic"] as const;
export type RelayProfile = (typeof relayProfiles)[number];

export interface OpenCommand {
  /** The attempt: a receiver refuses an id it has seen. */
  id: string;
  /** RFC 3339: later than this the command means nothing. */
  expires: string;
  /** How long the lock is released. */
  seconds: number;
}

/** A message for *mqtt out*. It is for now: never kept by a broker, gone in seconds (MQTT 5, 3.3.2.3.3). */
export interface RelayMessage {
  topic: string;
  payload: string | Record<string, unknown>;
  qos: 0 | 1;
  retain: false;
  messageExpiryInterval: number;
  correlationData: Buffer;
  userProperties: { id: string; expires: string };
}

/** Seconds a broker may hold an open command for a device that is away. */
const expirySeconds = 3;

/**
 * Tasmota's PulseTime: 1 to 111 are tenths of a second, 112 on are seconds + 100.
 * A pulse over 11.1 s is rounded up to whole seconds.
 */
export const tasmotaPulseTime = (ms: number): number =>
  ms <= 11_100 ? Math.round(ms / 100) : Math.ceil(ms / 1000) + 100;

const payloads: Record<
  RelayProfile,
  (
    topic: string,
    channel: number,
    command: OpenCommand,
    ms: number,
  ) => [topic: string, payload: RelayMessage["payload"]]
> = {
  /** Gen2 RPC `Switch.Set`; the device switches back by itself after `toggle_after`. `topic`: `<device>/rpc`. */
  shelly: (topic, channel, { id, expires }, ms) => [
    topic,
    {
      id,
      src: "limen",
      method: "Switch.Set",
      params: { id: channel - 1, on: true, toggle_after: ms / 1000 },
      expires,
    },
  ],
  /** Length and switch-on in one message, so that one cannot arrive without the other. `topic`: `cmnd/<device>`. */
  tasmota: (topic, channel, _command, ms) => [
    `${topic}/Backlog`,
    `PulseTime${channel} ${tasmotaPulseTime(ms)}; Power${channel} ON`,
  ],
  /** `topic`: `<device>/switch/<id>/command`, or `…/lock/<id>/command`; its own configuration times the pulse. */
  esphome: (topic) => [topic, /\/lock\/[^/]+\/command$/.test(topic) ? "OPEN" : "ON"],
  /** "On with timed off"; some firmware wants the cool-down as well. `topic`: `zigbee2mqtt/<device>/set`. */
  zigbee2mqtt: (topic, _channel, _command, ms) => [
    topic,
    { state: "ON", on_time: Math.ceil(ms / 1000), off_wait_time: 0 },
  ],
  generic: (topic, channel, { id, expires }, ms) => [
    topic,
    { id, expires, action: "open", channel, seconds: ms / 1000 },
  ],
};

/**
 * The message that opens once. There is none that toggles, latches or closes: a device that misses it stays shut.
 * @param channel relay of the device, from 1
 * @throws LimenError `pulse-out-of-range`
 */
export function openMessage(
  profile: RelayProfile,
  topic: string,
  channel: number,
  command: OpenCommand,
): RelayMessage {
  const { id, expires, seconds } = command;
  const [to, payload] = payloads[profile](topic, channel, command, pulseMs(seconds));
  return {
    topic: to,
    payload,
    // QoS 0 to a device that is away is simply gone: the best thing that can happen to a late open command
    qos: 0,
    retain: false,
    messageExpiryInterval: expirySeconds,
    correlationData: Buffer.from(id),
    userProperties: { id, expires },
  };
}
