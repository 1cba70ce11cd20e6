import type { MqttClient } from "mqtt";

/** What a relay board would have been told: open for so many seconds. */
export interface OpenCommand {
  id: string;
  seconds: number;
}

/**
 * The simulated devices of one door: a reader that publishes bytes and a relay that obeys commands, over the embedded
 * broker, with the topics and payloads a Shelly or ESPHome device would use.
 */
export interface Device {
  /** Bytes as they come out of the reader. */
  read(bytes: Uint8Array): void;
  /** One key of the keypad. */
  press(key: string): void;
  close(): void;
}

/**
 * @param door the door's id
 * @param opened called for each command a real relay would obey
 * @param connected called when the connection comes or goes
 */
export async function device(
  door: string,
  opened: (command: OpenCommand) => void,
  connected: (up: boolean) => void,
): Promise<Device> {
  const bundle = (await import("../vendor/mqtt.js" as string)) as { default: typeof import("mqtt") };
  const url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/simulator/mqtt`;
  const client: MqttClient = bundle.default.connect(url, {
    protocolVersion: 4,
    clean: true,
    reconnectPeriod: 1000,
    // its other timers are workers made from text, which the page's policy does not allow
    timerVariant: "native",
  });
  const relay = `limen/${door}/relay/set`;
  const seen = new Set<string>();
  client.on("connect", () => {
    client.subscribe(relay, { qos: 0 });
    connected(true);
  });
  client.on("close", () => connected(false));
  client.on("message", (topic, payload, packet) => {
    // a command kept for later is a door that opens when nobody stands there
    if (topic !== relay || packet.retain) return;
    const command = commandOf(payload.toString());
    if (!command || seen.has(command.id)) return;
    seen.add(command.id);
    opened(command);
  });
  return {
    read: (bytes) => void client.publish(`limen/${door}/reader`, bytes as never, { qos: 0 }),
    press: (key) => void client.publish(`limen/${door}/keypad`, key, { qos: 0 }),
    close: () => void client.end(true),
  };
}

/** Understands Shelly's `Switch.Set` with `toggle_after` and the generic form; refuses what is late or has no end. */
function commandOf(text: string): OpenCommand | undefined {
  try {
    const { id, expires, seconds, params } = JSON.parse(text) as {
      id?: string | number;
      expires?: string;
      seconds?: number;
      params?: { on?: boolean; toggle_after?: number };
    };
    const length = params?.on === true ? params.toggle_after : seconds;
    if (id === undefined || typeof length !== "number" || length <= 0) return undefined;
    if (expires !== undefined && Date.parse(expires) < Date.now()) return undefined;
    return { id: String(id), seconds: Math.min(length, 60) };
  } catch {
    return undefined;
  }
}
