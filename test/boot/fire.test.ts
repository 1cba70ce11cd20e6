import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { FarEnd, has, PtyLine } from "../device/lines.ts";
import { houseNodes } from "../nodes/harness.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault } from "./staffed-vault.ts";

const password = "0123456789abcdef0123456789abcdef";
const at = { z: "tab", x: 100, y: 100 };
const heard = (id: string, topic: string): object => ({
  ...at,
  id,
  type: "mqtt in",
  broker: "broker",
  topic: `limen/gate-1/${topic}`,
  qos: "1",
  datatype: "utf8",
  wires: [["watch"]],
});
const flow = [
  { id: "tab", type: "tab", label: "Gate" },
  ...houseNodes.map((node) => (node.type === "limen-door" ? { ...node, openSeconds: 1 } : node)),
  {
    id: "broker",
    type: "mqtt-broker",
    broker: "127.0.0.1",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Node-RED resolves it from the environment
    port: "${LIMEN_MQTT_PORT}",
    protocolVersion: "4",
    keepalive: "60",
    cleansession: true,
    autoConnect: true,
  },
  heard("fire-in", "fire"),
  heard("reset-in", "fire-reset"),
  { ...at, id: "watch", type: "door-watch", door: "door", fire: "off-is-fire", wires: [[], []] },
  {
    ...at,
    id: "relay",
    type: "relay-out",
    door: "door",
    drive: "shelly",
    topic: "limen/{door}/relay/set",
    wires: [[], ["out"]],
  },
  { ...at, id: "out", type: "mqtt out", broker: "broker", topic: "", qos: "", retain: "", wires: [] },
];

/** A fire panel and a lock on the door's broker: the panel repeats its level, the lock keeps what it was told. */
class Devices {
  readonly commands: string[] = [];
  level = "1";
  #client: MqttClient | undefined;
  #flow: MqttClient | undefined;
  #repeat: NodeJS.Timeout | undefined;

  async plug(port: number): Promise<void> {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0 });
    client.on("error", () => undefined).on("message", (_, payload) => this.commands.push(String(payload)));
    await client.subscribeAsync("limen/gate-1/relay/set");
    this.#client = client;
    // the reset is a person's, in the flow: no device may say it
    this.#flow = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      reconnectPeriod: 0,
      username: "limen",
      password,
    });
    this.#flow.on("error", () => undefined);
    this.#repeat = setInterval(() => client.publish("limen/gate-1/fire", this.level), 300);
  }
  reset(): void {
    this.#flow?.publish("limen/gate-1/fire-reset", "1");
  }
  unplug(): void {
    clearInterval(this.#repeat);
    this.#client?.end(true);
    this.#flow?.end(true);
  }
  /** How often the lock has been told to open; nothing else is ever said to it. */
  get opened(): number {
    for (const command of this.commands) {
      const { method, params } = JSON.parse(command) as { method: string; params: { on: boolean } };
      assert.deepEqual([method, params.on], ["Switch.Set", true]);
    }
    return this.commands.length;
  }
}

const until = async (done: () => boolean): Promise<void> => {
  while (!done()) await new Promise((again) => setTimeout(again, 20));
};

describe("a fire release, whoever dies", () => {
  let vault: StaffedVault;
  let red: Booted | undefined;
  let devices: Devices;
  let data: string;
  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), "limen-fire-"));
    vault = new StaffedVault();
    await vault.start();
    devices = new Devices();
  });
  afterEach(async () => {
    devices.unplug();
    await red?.stop();
    await vault.remove();
    rmSync(data, { recursive: true, force: true });
  });

  const start = async (deployed: object[] = flow): Promise<void> => {
    red = await boot({ socket: vault.socket, flow: deployed, data, env: { LIMEN_MQTT_PASSWORD: password } });
    await red.said("Connected to broker");
    await devices.plug(red.mqttPort);
  };
  const killNodeRed = async (): Promise<void> => {
    const gone = new Promise((resolve) => red!.child.once("exit", resolve));
    red!.child.kill("SIGKILL");
    await gone;
    devices.unplug();
  };
  const opensAgain = async (): Promise<void> => {
    const before = devices.opened;
    await until(() => devices.opened > before);
  };
  /** Longer than two of the repeated commands are apart. */
  const staysQuiet = async (): Promise<void> => {
    const before = devices.opened;
    await new Promise((over) => setTimeout(over, 1500));
    assert.equal(devices.opened, before);
  };
  const recorded = (): string[] => vault.happened().map(({ kind }) => kind);

  it("is taken up again by a Node-RED that was killed at any step, and is over when a person said so", async () => {
    await start();
    await staysQuiet();
    devices.level = "0";
    await opensAgain();
    await killNodeRed(); // in the midst of it
    await start();
    await opensAgain();
    devices.level = "1"; // the panel is quiet again, and nobody has been there
    await killNodeRed();
    await start();
    await opensAgain();
    const resetting = setInterval(() => devices.reset(), 300); // believed once the input has been heard
    await until(() => recorded().includes("fire-reset"));
    clearInterval(resetting);
    await killNodeRed();
    await start();
    await staysQuiet();
  });

  it("keeps a board that times nothing released through a Node-RED that is killed, and says OFF at the reset", async function () {
    if (!has("socat")) this.skip();
    const line = await new PtyLine().plug();
    const board = await FarEnd.open(line.far);
    const [on, off] = ["a00101a2", "a00100a1"];
    const wired = flow.map((node) =>
      "type" in node && node.type === "relay-out" ? { ...node, drive: "bus", bus: "bus" } : node,
    );
    const boardFlow = [...wired, { id: "bus", type: "limen-bus", kind: "lcus", port: line.near, relays: 1 }];
    const boardSays = async (frame: string): Promise<void> =>
      await until(() => board.received.endsWith(frame));
    try {
      await start(boardFlow);
      await boardSays(off); // at the start, as always
      devices.level = "0";
      await boardSays(on);
      board.received = "";
      await killNodeRed();
      await start(boardFlow);
      await until(() => board.received.includes(on)); // the first thing it is told
      devices.level = "1";
      await new Promise((over) => setTimeout(over, 1500)); // longer than the door's opening time
      assert.ok(!board.received.includes(off), board.received);
      const resetting = setInterval(() => devices.reset(), 300);
      await boardSays(off);
      clearInterval(resetting);
    } finally {
      await board.close();
      await line.remove();
    }
  });

  it("waits for no vault at any step, and is on the record once it is back", async () => {
    await start();
    await vault.stop(); // before
    devices.level = "0";
    await opensAgain();
    await vault.start();
    await until(() => recorded().includes("fire"));
    await vault.stop(); // while it lasts
    await opensAgain();
    devices.level = "1";
    await new Promise((heard) => setTimeout(heard, 600));
    devices.reset(); // and at its end
    await new Promise((heard) => setTimeout(heard, 600));
    await staysQuiet();
    await vault.start();
    await until(() => recorded().includes("fire-reset"));
    assert.deepEqual(
      recorded().filter((kind) => kind.startsWith("fire")),
      ["fire", "fire-reset"],
    );
  });
});
