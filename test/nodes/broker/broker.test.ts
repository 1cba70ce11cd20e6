import assert from "node:assert/strict";
import { connect as connectTcp } from "node:net";
import fc from "fast-check";
import mqtt, { type MqttClient } from "mqtt";
import { type Broker, createBroker } from "../../../nodes/broker/broker.ts";
import { limitPackets } from "../../../nodes/broker/limit.ts";
import { mayPublish, maySubscribe } from "../../../nodes/broker/rights.ts";

const word = { retain: false, size: 10 };

describe("what may be said on the broker", () => {
  it("lets a device tell what its door does, and never move a relay", () => {
    for (const what of [
      "reader",
      "keypad",
      "contact",
      "exit",
      "fire",
      "tamper",
      "button",
      "status",
      "relay/state",
    ]) {
      assert.ok(mayPublish({ ...word, topic: `limen/gate-1/${what}` }, false), what);
    }
    for (const topic of [
      "limen/gate-1/relay/set",
      "limen/gate-1/feedback",
      "other/gate-1/reader",
      "limen/reader",
      "limen/a/b/reader",
      "$SYS/x",
    ]) {
      assert.ok(!mayPublish({ ...word, topic }, false), topic);
    }
  });
  it("never keeps an act or a command", () => {
    for (const what of ["reader", "keypad", "button", "exit", "camera"]) {
      assert.ok(!mayPublish({ ...word, retain: true, topic: `limen/gate-1/${what}` }, false), what);
    }
    assert.ok(!mayPublish({ ...word, retain: true, topic: "limen/gate-1/relay/set" }, true));
    assert.ok(mayPublish({ ...word, topic: "limen/gate-1/relay/set" }, true));
    assert.ok(mayPublish({ ...word, retain: true, topic: "limen/gate-1/status" }, false));
  });
  it("takes pictures from cameras only", () => {
    assert.ok(mayPublish({ topic: "limen/gate-1/camera", retain: false, size: 2 << 20 }, false));
    assert.ok(!mayPublish({ topic: "limen/gate-1/camera", retain: false, size: 10 << 20 }, false));
    assert.ok(!mayPublish({ topic: "limen/gate-1/reader", retain: false, size: 2000 }, false));
  });
  it("lets a device hear its relay and its feedback, never other readers or cameras", () => {
    for (const filter of ["limen/gate-1/relay/#", "limen/gate-1/relay/set", "limen/gate-1/feedback"]) {
      assert.ok(maySubscribe(filter, false), filter);
    }
    for (const filter of [
      "#",
      "limen/#",
      "limen/+/relay/#",
      "limen/gate-1/#",
      "limen/gate-1/camera",
      "$SYS/#",
    ]) {
      assert.ok(!maySubscribe(filter, false), filter);
      assert.ok(maySubscribe(filter, true), filter);
    }
  });
});

describe("the packet limit", () => {
  const packet = (size: number): Buffer => {
    const header = [0x30];
    for (let rest = size; ; ) {
      const byte = rest % 128;
      rest = Math.floor(rest / 128);
      header.push(rest > 0 ? byte | 128 : byte);
      if (rest === 0) break;
    }
    return Buffer.concat([Buffer.from(header), Buffer.alloc(size, 0xff)]);
  };
  const through = async (chunks: Buffer[]): Promise<Buffer> => {
    const limiter = limitPackets();
    const out: Buffer[] = [];
    limiter.on("data", (chunk: Buffer) => out.push(chunk));
    limiter.on("error", () => undefined);
    for (const chunk of chunks) {
      await new Promise<void>((resolve, reject) =>
        limiter.write(chunk, (error) => (error ? reject(error) : resolve())),
      );
    }
    return Buffer.concat(out);
  };

  it("passes whole packets however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(40_000), { maxLength: 5 }),
        fc.integer({ min: 1, max: 5000 }),
        async (sizes, cut) => {
          const bytes = Buffer.concat(sizes.map(packet));
          const chunks: Buffer[] = [];
          for (let at = 0; at < bytes.length; at += cut) chunks.push(bytes.subarray(at, at + cut));
          assert.deepEqual(await through(chunks), bytes);
        },
      ),
      { numRuns: 30 },
    );
  });
  it("breaks off at one that announces too much", async () => {
    await assert.rejects(through([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])]));
    await assert.rejects(through([Buffer.from([0x30, 0xff, 0xff]), Buffer.from([0xff, 0xff, 0x01])]));
  });
});

describe("the broker", () => {
  let broker: Broker;
  let url: string;
  const clients: MqttClient[] = [];
  beforeEach(async () => {
    broker = await createBroker({ password: "secret", log: () => undefined });
    url = `mqtt://127.0.0.1:${await broker.listen(0)}`;
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.end(true);
    await broker.close();
  });
  const connect = async (options: object = {}): Promise<MqttClient> => {
    const client = await mqtt.connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, ...options });
    client.on("error", () => undefined);
    clients.push(client);
    return client;
  };
  const own = () => connect({ username: "limen", password: "secret" });

  it("hands a device's word to Limen and Limen's command to the device", async () => {
    const limen = await own();
    const device = await connect();
    await limen.subscribeAsync("limen/+/reader");
    await device.subscribeAsync("limen/gate-1/relay/#");
    const read = new Promise<string>((resolve) => limen.on("message", (_topic, body) => resolve(`${body}`)));
    const told = new Promise<string>((resolve) => device.on("message", (_topic, body) => resolve(`${body}`)));
    await device.publishAsync("limen/gate-1/reader", "card");
    assert.equal(await read, "card");
    await limen.publishAsync("limen/gate-1/relay/set", "open");
    assert.equal(await told, "open");
  });

  it("cuts off a device that commands a relay, and the relay never hears it", async () => {
    const relay = await connect();
    const heard: string[] = [];
    relay.on("message", (_topic, body) => heard.push(`${body}`));
    await relay.subscribeAsync("limen/gate-1/relay/#");
    const thief = await connect();
    const cut = new Promise<void>((resolve) => thief.once("close", () => resolve()));
    thief.publish("limen/gate-1/relay/set", "open");
    await cut;
    const limen = await own();
    await limen.publishAsync("limen/gate-1/relay/set", "later");
    await new Promise<void>((resolve) => {
      const look = () => (heard.length > 0 ? resolve() : relay.once("message", look));
      look();
    });
    assert.deepEqual(heard, ["later"]);
  });

  it("does not let a device leave a command behind as its will", async () => {
    const relay = await connect();
    const heard: string[] = [];
    relay.on("message", (_topic, body) => heard.push(`${body}`));
    await relay.subscribeAsync("limen/gate-1/relay/#");
    const thief = await connect({
      will: { topic: "limen/gate-1/relay/set", payload: Buffer.from("open"), qos: 0, retain: false },
    });
    const gone = new Promise<void>((resolve) => thief.once("close", () => resolve()));
    thief.stream.destroy();
    await gone;
    const limen = await own();
    const last = new Promise<void>((resolve) =>
      relay.on("message", (_topic, body) => `${body}` === "last" && resolve()),
    );
    await limen.publishAsync("limen/gate-1/relay/set", "last");
    await last;
    assert.deepEqual(heard, ["last"]);
  });

  it("refuses a wrong password, and a name that is not Limen's", async () => {
    await assert.rejects(connect({ username: "limen", password: "guess" }));
    await assert.rejects(connect({ username: "admin", password: "secret" }));
    await assert.rejects(connect({ username: "limen" }));
  });

  it("drops a stream that announces a flood", async () => {
    const { port } = new URL(url);
    const socket = connectTcp(Number(port), "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    socket.write(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await closed;
  });

  it("survives bytes that are not MQTT", async () => {
    const { port } = new URL(url);
    const socket = connectTcp(Number(port), "127.0.0.1");
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined);
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await closed;
    assert.ok((await connect()).connected);
  });
});
