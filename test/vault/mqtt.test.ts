import assert from "node:assert/strict";
import { type AddressInfo, createServer, type Server } from "node:net";
import { Aedes } from "aedes";
import { connectAsync, MqttClient } from "mqtt";
import { openCamera } from "../../core/faces/cameras/index.ts";
import { mqttSubscriptions } from "../../vault/mqtt.ts";

const frigate = "frigate/door/person/snapshot";
/** Something a camera might send, told apart by its number. */
const shot = (n: number): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8, n]), Buffer.alloc(2000, n)]);
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (so: () => boolean): Promise<void> => {
  while (!so()) await pause(5);
};

describe("cameras that publish their pictures", () => {
  let broker: Aedes;
  let server: Server;
  let port: number;
  let camera: MqttClient;
  let subscribed: string[];
  let rooms: ReturnType<typeof mqttSubscriptions>;

  const listen = async (at = 0): Promise<void> => {
    broker = await Aedes.createBroker();
    subscribed = [];
    broker.on("subscribe", (list) => void subscribed.push(...list.map(({ topic }) => `+${topic}`)));
    broker.on("unsubscribe", (list) => void subscribed.push(...list.map((topic) => `-${topic}`)));
    server = createServer(broker.handle);
    await new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  };
  const shut = async (): Promise<void> => {
    await new Promise<void>((resolve) => broker.close(() => resolve()));
    await new Promise((resolve) => server.close(resolve));
  };

  beforeEach(async () => {
    await listen();
    camera = await connectAsync(`mqtt://127.0.0.1:${port}`);
    rooms = mqttSubscriptions(`mqtt://127.0.0.1:${port}`);
  });
  afterEach(async () => {
    await rooms.close();
    await camera.endAsync(true);
    await shut();
  });

  const opened = (id: string) =>
    openCamera({ id, kind: "mqtt", topic: frigate }, { subscribe: rooms.subscribe });
  /** One look: the first picture that comes. */
  const firstOf = async (source: ReturnType<typeof openCamera>): Promise<number> => {
    const end = new AbortController();
    for await (const { jpeg } of source.frames(end.signal)) {
      end.abort();
      return jpeg[2]!;
    }
    return -1;
  };

  it("give Frigate's newest picture, never the one the broker kept from earlier", async () => {
    await camera.publishAsync(frigate, shot(1), { retain: true });
    const seen = firstOf(opened("door"));
    await until(() => subscribed.includes(`+${frigate}`));
    await pause(50); // the kept one comes with the subscription
    camera.publish(frigate, shot(2));
    assert.equal(await seen, 2);
  });

  it("leave nothing behind over fifty looks: no listener, no subscription", async () => {
    const on = MqttClient.prototype.on;
    let added = 0;
    MqttClient.prototype.on = function (this: MqttClient, ...args: Parameters<typeof on>) {
      added++;
      return on.apply(this, args);
    } as typeof on;
    const source = opened("door");
    const publishing = setInterval(() => camera.publish(frigate, shot(3)), 5);
    try {
      assert.equal(await firstOf(source), 3);
      const once = added;
      for (let look = 1; look < 50; look++) assert.equal(await firstOf(source), 3);
      assert.equal(added, once, "listeners are added with the connection, not with a look");
    } finally {
      clearInterval(publishing);
      MqttClient.prototype.on = on;
    }
    await until(() => subscribed.at(-1) === `-${frigate}`);
    const times = (sign: string) => subscribed.filter((what) => what.startsWith(sign)).length;
    assert.equal(times("+"), times("-"));
  });

  it("share a topic: the end of one's look is not the end of the other's", async () => {
    const [end, other] = [new AbortController(), new AbortController()];
    const got = { first: 0, second: 0 };
    const look = async (which: "first" | "second", { signal }: AbortController): Promise<void> => {
      for await (const { jpeg } of opened(which).frames(signal)) got[which] = jpeg[2]!;
    };
    const looks = [look("first", end), look("second", other)];
    await until(() => subscribed.includes(`+${frigate}`));
    camera.publish(frigate, shot(4));
    await until(() => got.first === 4 && got.second === 4);
    end.abort();
    await looks[0];
    camera.publish(frigate, shot(5));
    await until(() => got.second === 5);
    assert.equal(got.first, 4);
    assert.deepEqual(subscribed, [`+${frigate}`]);
    other.abort();
    await looks[1];
    await until(() => subscribed.includes(`-${frigate}`));
  });

  it("do not hold a look while the broker is away, and are asked for again when it is back", async () => {
    const source = opened("door");
    await camera.endAsync(true);
    await rooms.close();
    await shut();
    rooms = mqttSubscriptions(`mqtt://127.0.0.1:${port}`);
    const away = openCamera({ id: "away", kind: "mqtt", topic: frigate }, { subscribe: rooms.subscribe });
    for (let look = 0; look < 3; look++) {
      const end = new AbortController();
      setTimeout(() => end.abort(), 30);
      for await (const _ of away.frames(end.signal)) assert.fail("nothing can come");
    }
    source.stop();
    const seen = firstOf(away); // begun while the broker is away
    await listen(port);
    camera = await connectAsync(`mqtt://127.0.0.1:${port}`);
    const publishing = setInterval(() => camera.publish(frigate, shot(6)), 20);
    assert.equal(await seen, 6);
    clearInterval(publishing);
    assert.equal(subscribed.filter((what) => what.startsWith("+")).length, 1, "only what is still wanted");
  });

  it("say so when the broker refuses, and take nothing any more", async () => {
    broker.authorizeSubscribe = (_client, subscription, done) =>
      subscription.topic === frigate ? done(new Error("no"), null) : done(null, subscription);
    await rooms.subscribe("other", () => undefined);
    await until(() => subscribed.includes("+other")); // connected, and known to be
    let taken = 0;
    const refused = rooms.subscribe(frigate, () => taken++);
    await assert.rejects(Promise.resolve(refused), { code: "camera-unreachable" });
    camera.publish(frigate, shot(7));
    await pause(30);
    assert.equal(taken, 0);
  });
});
