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
  /** What the contact in the frame says. */
  contact(open: boolean): void;
  /** The button inside. */
  exit(): void;
  close(): void;
}

export interface DeviceEvents {
  /** A command a real relay would obey. */
  opened(command: OpenCommand): void;
  /** What the flow sends the reader after a refusal: its red light and two beeps. */
  refused(): void;
  /** The connection came or went. */
  connected(up: boolean): void;
}

/** Plugs the simulated devices of a door in. */
export async function device(door: string, { opened, refused, connected }: DeviceEvents): Promise<Device> {
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
  const feedback = `limen/${door}/feedback`;
  const seen = new Set<string>();
  client.on("connect", () => {
    client.subscribe([relay, feedback], { qos: 0 });
    connected(true);
  });
  client.on("close", () => connected(false));
  client.on("message", (topic, payload, packet) => {
    // a command kept for later is a door that opens when nobody stands there
    if (packet.retain) return;
    if (topic === feedback) refused();
    if (topic !== relay) return;
    const command = commandOf(payload.toString());
    if (!command || seen.has(command.id)) return;
    seen.add(command.id);
    opened(command);
  });
  return {
    read: (bytes) => void client.publish(`limen/${door}/reader`, bytes as never, { qos: 0 }),
    press: (key) => void client.publish(`limen/${door}/keypad`, key, { qos: 0 }),
    contact: (open) =>
      void client.publish(`limen/${door}/contact`, open ? "open" : "closed", { qos: 0, retain: true }),
    exit: () => void client.publish(`limen/${door}/exit`, "on", { qos: 0 }),
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
