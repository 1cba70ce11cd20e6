import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { connectAsync, type IClientOptions, type IPublishPacket, type MqttClient } from "mqtt";
import type { Message } from "../../nodes/lib/types.ts";
import limenDoor from "../../nodes/limen-door/limen-door.ts";
import limenSite from "../../nodes/limen-site/limen-site.ts";
import relayOut from "../../nodes/relay-out/relay-out.ts";
import { attemptOf, FakeVault } from "../nodes/fake-vault.ts";
import { type Bench, bench, houseNodes } from "../nodes/harness.ts";
import { aedes, type Broker, mosquitto } from "./brokers.ts";
import { has, until } from "./lines.ts";

const mqttNodes = createRequire(import.meta.resolve("node-red"))("@node-red/nodes/core/network/10-mqtt.js");
const modules = [limenSite, limenDoor, relayOut, mqttNodes] as never;
const topic = "limen/gate-1/relay/set";

describe("open commands over MQTT", () => {
  let broker: Broker | undefined;
  let running: Bench | undefined;
  const clients: MqttClient[] = [];

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
    await running?.stop();
    running = undefined;
    await broker?.stop();
    broker = undefined;
  });

  const device = async (
    version: 4 | 5,
    options: IClientOptions = {},
  ): Promise<[MqttClient, IPublishPacket[]]> => {
    const heard: IPublishPacket[] = [];
    const client = await connectAsync(`mqtt://127.0.0.1:${broker?.port}`, {
      protocolVersion: version,
      ...options,
    });
    clients.push(client);
    client.on("message", (_topic, _payload, packet) => heard.push(packet));
    await client.subscribeAsync(topic, { qos: 1 });
    return [client, heard];
  };

  const deploy = async (version: 4 | 5): Promise<Bench> => {
    const attempt = attemptOf();
    const vault = new FakeVault().answer("redeem", () => ({ attempt: attempt.id }));
    running = await bench(
      modules,
      [
        ...houseNodes.filter(({ type }) => type !== "limen-camera"),
        {
          id: "broker",
          type: "mqtt-broker",
          broker: "127.0.0.1",
          port: String(broker?.port),
          protocolVersion: String(version),
          autoConnect: true,
          cleansession: true,
          keepalive: "60",
        },
        { id: "relay", type: "relay-out", door: "door", drive: "shelly", topic, wires: [[], ["mqtt"]] },
        { id: "mqtt", type: "mqtt out", broker: "broker", topic: "", qos: "", retain: "", wires: [] },
      ],
      { vault },
    );
    await connected();
    return running;
  };
  const connected = (): Promise<void> =>
    until(
      () => (running!.node("broker") as unknown as { connected: boolean }).connected,
      "the flow's connection",
    );
  const open = async (): Promise<void> => {
    const before = running!.vault.happened().length;
    running?.put("relay", {
      payload: attemptOf({ outcome: "granted", code: "granted", ticket: "t".repeat(43) }),
    } as Message);
    await until(() => running!.vault.happened().length > before, "the record");
  };
  const seen = ({ payload }: IPublishPacket): Record<string, unknown> => JSON.parse(payload.toString());

  it("reach a device through the embedded kind of broker, and nobody who comes later", async () => {
    broker = await aedes();
    const [, heard] = await device(4);
    await deploy(4);
    await open();
    await until(() => heard.length === 1, "the command");
    const { method, params, id, expires } = seen(heard[0]!);
    assert.deepEqual([method, params], ["Switch.Set", { id: 0, on: true, toggle_after: 5 }]);
    assert.equal((id as string).length, 26);
    assert.ok(Date.parse(expires as string) > Date.now() - 60_000);
    assert.equal(heard[0]?.retain, false);
    const [late, lateHeard] = await device(4);
    await late.publishAsync(topic, "marker"); // whatever was retained came before it
    await until(() => lateHeard.length > 0, "the marker");
    assert.equal(lateHeard[0]?.payload.toString(), "marker");
  });

  describe("through mosquitto, in MQTT 5", () => {
    before(function () {
      if (!has("mosquitto")) this.skip();
    });

    it("carry their expiry and their id, and are not retained", async () => {
      broker = await mosquitto();
      const [, heard] = await device(5);
      await deploy(5);
      await open();
      await until(() => heard.length === 1, "the command");
      const { properties, retain } = heard[0]!;
      assert.equal(retain, false);
      assert.ok(properties!.messageExpiryInterval! <= 3);
      assert.equal(properties?.correlationData?.toString(), seen(heard[0]!).id);
      assert.deepEqual(
        { ...properties?.userProperties },
        { id: seen(heard[0]!).id, expires: seen(heard[0]!).expires },
      );
    });

    it("do not wait for a device that is away: no door opens when it comes back", async () => {
      broker = await mosquitto();
      const session = { clientId: "gate-relay", clean: false, properties: { sessionExpiryInterval: 600 } };
      const [away] = await device(5, session);
      await away.endAsync(true);
      await deploy(5);
      await open();
      const [, heard] = await device(5, session);
      const [marker] = await device(5);
      await marker.publishAsync(topic, "marker", { qos: 1 });
      await until(() => heard.length > 0, "the marker");
      assert.deepEqual(
        heard.map(({ payload }) => payload.toString()),
        ["marker"],
      );
    });

    it("do not pile up while the broker is away", async () => {
      broker = await mosquitto();
      const { port } = broker;
      await deploy(5);
      await broker.stop();
      await until(
        () => !(running!.node("broker") as unknown as { connected: boolean }).connected,
        "the loss",
      );
      await open();
      broker = await mosquitto(port);
      const [, heard] = await device(5);
      await connected();
      await open();
      await until(() => heard.length > 0, "the second command");
      assert.equal(heard.length, 1);
    });
  });
});
