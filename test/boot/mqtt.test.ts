import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { WebSocket } from "ws";
import { houseNodes } from "../nodes/harness.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault } from "./staffed-vault.ts";

const password = "0123456789abcdef0123456789abcdef";
const flow = [
  { id: "tab", type: "tab", label: "Gate" },
  ...houseNodes,
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
  {
    id: "in",
    type: "mqtt in",
    z: "tab",
    x: 100,
    y: 100,
    broker: "broker",
    topic: "limen/gate-1/reader",
    qos: "1",
    datatype: "utf8",
    wires: [["change"]],
  },
  {
    id: "change",
    type: "change",
    z: "tab",
    x: 100,
    y: 100,
    rules: [{ t: "set", p: "topic", pt: "msg", to: "limen/gate-1/relay/set", tot: "str" }],
    wires: [["out"]],
  },
  {
    id: "out",
    type: "mqtt out",
    z: "tab",
    x: 100,
    y: 100,
    broker: "broker",
    topic: "",
    qos: "1",
    retain: "false",
    wires: [],
  },
];

describe("the embedded broker in a running flow", () => {
  let vault: StaffedVault;
  let red: Booted;
  const clients: MqttClient[] = [];
  before(async () => {
    vault = new StaffedVault();
    await vault.start();
    red = await boot({ socket: vault.socket, flow, env: { LIMEN_MQTT_PASSWORD: password } });
    await red.said("Connected to broker");
  });
  after(async () => {
    for (const client of clients) client.end(true);
    await red?.stop();
    await vault?.remove();
  });

  const connect = async (url: string, options: object = {}): Promise<MqttClient> => {
    const client = await mqtt.connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, ...options });
    client.on("error", () => undefined);
    clients.push(client);
    return client;
  };

  it("lets the flow in without a password in any file, and hands a reader's bytes through to a relay", async () => {
    const device = await connect(`mqtt://127.0.0.1:${red.mqttPort}`);
    await device.subscribeAsync("limen/gate-1/relay/#");
    const heard = new Promise<string>((resolve) =>
      device.on("message", (topic, body) => resolve(`${topic} ${body}`)),
    );
    // the flow says it is connected a moment before it has subscribed
    const tapping = setInterval(() => device.publish("limen/gate-1/reader", "0040856634"), 100);
    try {
      assert.equal(await heard, "limen/gate-1/relay/set 0040856634");
    } finally {
      clearInterval(tapping);
    }
  });

  it("writes only a reference to the password when the flow is deployed", async () => {
    const token = (await red.signIn("manager", "a long enough password"))!;
    const deployed = await red.fetch("/flows", {
      method: "POST",
      token,
      headers: { "content-type": "application/json", "Node-RED-Deployment-Type": "full" },
      body: JSON.stringify([
        ...flow,
        { id: "note", type: "comment", z: "tab", x: 100, y: 100, name: "x", wires: [] },
      ]),
    });
    assert.ok([200, 204, 422].includes(deployed.status), await deployed.text());
    for (const file of ["flows.json", "flows_cred.json"]) {
      try {
        assert.ok(!readFileSync(join(red.data, "node-red", file), "utf8").includes(password), file);
      } catch (error) {
        if ((error as { code?: string }).code !== "ENOENT") throw error;
      }
    }
    assert.ok(!red.log().includes(password));
  });

  it("serves the simulator's page to a signed-in manager, as a device", async () => {
    const { auth } = vault.open("manager");
    const page = await connect(`${red.url.replace("http", "ws")}/simulator/mqtt`, {
      wsOptions: { headers: { cookie: `limen_session=${auth}`, origin: red.url } },
    });
    const granted = await page.subscribeAsync("limen/gate-1/relay/#");
    assert.equal(granted[0]?.qos, 0);
    await assert.rejects(page.subscribeAsync("limen/+/camera"));
  });

  it("serves it to nobody else", async () => {
    const knock = (headers: Record<string, string>): Promise<number> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${red.url.replace("http", "ws")}/simulator/mqtt`, "mqtt", { headers });
        socket.on("unexpected-response", (_request, response) => resolve(response.statusCode ?? 0));
        socket.on("open", () => resolve(101)).on("error", () => undefined);
      });
    const cookie = (role: string) => ({ cookie: `limen_session=${vault.open(role).auth}` });
    assert.equal(await knock({}), 401);
    assert.equal(await knock(cookie("guard")), 401);
    assert.equal(await knock({ ...cookie("manager"), origin: "https://elsewhere.example" }), 401);
  });
});
