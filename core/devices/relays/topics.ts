import type { RelayProfile } from "./messages.ts";

/**
 * Where a device listens when nobody said otherwise: its maker's own form, with the door's id for the name it was given.
 * Sources: Shelly Gen2 MQTT (`<prefix>/rpc`), Tasmota MQTT (`cmnd/<topic>`), ESPHome MQTT (`<prefix>/switch/<id>/command`),
 * Zigbee2MQTT (`zigbee2mqtt/<friendly name>/set`).
 */
export const usualTopics: Readonly<Record<RelayProfile, string>> = {
  shelly: "{door}/rpc",
  tasmota: "cmnd/{door}",
  esphome: "{door}/switch/lock/command",
  zigbee2mqtt: "zigbee2mqtt/{door}/set",
  generic: "limen/{door}/relay/set",
};

/** What every drive used while the topic could not be left empty: a flow of that time may leave the setting out. */
export const topicBefore = "limen/{door}/relay/set";

/** The topic a relay's device listens to. @param topic as set; empty: the drive's own form @param door the door's id */
export function relayTopic(drive: string, topic: string, door: string): string {
  const form = topic || (usualTopics[drive as RelayProfile] ?? topicBefore);
  return form.replaceAll("{door}", door);
}
