import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { has, until } from "./lines.ts";

const guide = readFileSync(join(import.meta.dirname, "../../docs/installers-mqtt.md"), "utf8");
/** A block of the guide, as an installer would copy it. */
const block = (kind: string): string => new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``).exec(guide)![1]!;

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

describe("mosquitto as the installers' guide sets it up", function () {
  this.timeout(60_000);
  let folder: string;
  let port: number;
  let broker: ChildProcess | undefined;
  const clients: MqttClient[] = [];

  before(async function () {
    if (!has("mosquitto") || !has("openssl") || !has("bash")) this.skip();
    folder = mkdtempSync(join(tmpdir(), "limen-acl-"));
    execFileSync("bash", ["-e", "-c", block("sh")], { cwd: folder, stdio: "ignore" });
    port = await freePort();
    const config = block("conf")
      .replace("listener 8883", `listener ${port}`)
      .replaceAll("/etc/mosquitto/certs", folder)
      .replaceAll("/etc/mosquitto", folder);
    writeFileSync(join(folder, "limen.acl"), block("acl"), { mode: 0o600 });
    writeFileSync(join(folder, "mosquitto.conf"), `${config}user root\n`);
    broker = spawn("mosquitto", ["-c", join(folder, "mosquitto.conf")], { stdio: "ignore" });
    await until(async () => {
      const client = await connect("limen").catch(() => undefined);
      return client !== undefined;
    }, "mosquitto");
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.endAsync(true);
  });
  after(async () => {
    if (!folder) return;
    const gone = broker && new Promise((resolve) => broker?.once("exit", resolve));
    broker?.kill();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  });

  const connect = async (name: string | undefined, options: IClientOptions = {}): Promise<MqttClient> => {
    const own = name
      ? { cert: readFileSync(join(folder, `${name}.crt`)), key: readFileSync(join(folder, `${name}.key`)) }
      : {};
    const client = await connectAsync(`mqtts://127.0.0.1:${port}`, {
      protocolVersion: 5,
      connectTimeout: 2000,
      reconnectPeriod: 0,
      ca: readFileSync(join(folder, "ca.crt")),
      ...own,
      ...options,
    });
    clients.push(client);
    return client;
  };
  const heardBy = async (client: MqttClient, topic: string): Promise<string[]> => {
    const heard: string[] = [];
    client.on("message", (at, payload) => heard.push(`${at} ${payload.toString()}`));
    await client.subscribeAsync(topic, { qos: 1 });
    return heard;
  };
  const say = (client: MqttClient, topic: string, payload = "1") =>
    client.publishAsync(topic, payload, { qos: 1 });
  const refused = (client: MqttClient, topic: string) =>
    assert.rejects(say(client, topic), { code: 135 }, topic);

  it("lets a reader say what it read, and Limen move the relay", async () => {
    const [limen, reader, relay] = await Promise.all(
      ["limen", "gate-1-reader", "gate-1-relay"].map((name) => connect(name)),
    );
    const cards = await heardBy(limen!, "limen/+/reader");
    const commands = await heardBy(relay!, "limen/gate-1/relay/set");
    await say(reader!, "limen/gate-1/reader", "card");
    await say(limen!, "limen/gate-1/relay/set", "open");
    await until(() => cards.length > 0 && commands.length > 0, "both");
    assert.deepEqual([cards, commands], [["limen/gate-1/reader card"], ["limen/gate-1/relay/set open"]]);
  });

  it("lets a stolen reader do nothing else: no relay, exit, fire, contact, other door, or life for another", async () => {
    const reader = await connect("gate-1-reader");
    for (const topic of [
      "limen/gate-1/relay/set",
      "limen/gate-1/exit",
      "limen/gate-1/fire",
      "limen/gate-1/contact",
      "limen/gate-2/reader",
      "limen/gate-1/alive/gate-1-relay",
      "homeassistant/device/x/config",
    ])
      await refused(reader, topic);
  });

  it("lets no device listen to another: not to cards, nor to another door's commands", async () => {
    const [limen, first, second, relay] = await Promise.all(
      ["limen", "gate-1-reader", "gate-2-reader", "gate-1-relay"].map((name) => connect(name)),
    );
    // the broker takes the wish and delivers nothing
    const [overheard, foreign] = [await heardBy(second!, "#"), await heardBy(relay!, "#")];
    const cards = await heardBy(limen!, "limen/+/reader");
    await say(first!, "limen/gate-1/reader", "card");
    await say(limen!, "limen/gate-2/relay/set", "open");
    await say(limen!, "limen/gate-1/relay/set", "open");
    await until(() => cards.length > 0 && foreign.length > 0, "what is theirs");
    assert.deepEqual(overheard, []);
    assert.deepEqual(foreign, ["limen/gate-1/relay/set open"]);
  });

  it("lets not even Limen pretend to be a reader", async () => {
    await refused(await connect("limen"), "limen/gate-1/reader");
  });

  it("lets nobody in without a certificate of this house, whatever name they give", async () => {
    await assert.rejects(connect(undefined, { username: "limen" }));
    const forged =
      "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=limen -keyout forged.key -out forged.crt";
    execFileSync("bash", ["-c", forged], { cwd: folder, stdio: "ignore" });
    await assert.rejects(connect("forged"));
    // a name beside the certificate does not count
    await refused(await connect("gate-1-reader", { username: "limen" }), "limen/gate-1/relay/set");
  });
});
