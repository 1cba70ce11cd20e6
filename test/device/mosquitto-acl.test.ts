import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { has, until } from "./lines.ts";

const root = join(import.meta.dirname, "../..");
const guide = readFileSync(join(import.meta.dirname, "../../docs/installers-mqtt.md"), "utf8");
/** A block of the guide, as an installer would copy it. */
const block = (kind: string): string => new RegExp(`\`\`\`${kind}\\n([^]*?)\`\`\``).exec(guide)![1]!;

/** Whether a filter of the access list takes this topic in. */
const covers = (filter: string, topic: string): boolean =>
  new RegExp(`^${filter.replaceAll("+", "[^/]+").replace("/#", "(/.*)?")}$`).test(topic);

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

describe("mosquitto as the installers' guide sets it up", () => {
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

  it("covers every topic of the flows that are shipped, and what Home Assistant is shown", async () => {
    const [rights] = block("acl").split("\n\n");
    const readable = [...rights!.matchAll(/^topic read (.+)$/gm)].map(([, filter]) => filter!);
    const limen = await connect("limen");
    let [heard, said] = [0, 0];
    for (const file of globSync("flows/**/*.json", { cwd: root })) {
      const nodes = JSON.parse(readFileSync(join(root, file), "utf8")) as { type: string; topic?: string }[];
      for (const { type, topic } of nodes) {
        if (!topic || /[#]|\+$/.test(topic)) continue; // a wildcard is delivered what may be read
        if (type === "mqtt in") {
          heard++;
          assert.ok(
            readable.some((filter) => covers(filter, topic)),
            `${file}: ${topic}`,
          );
        }
        if (type !== "mqtt out") continue;
        said++;
        await say(limen, topic);
      }
    }
    assert.ok(heard > 20 && said > 3, `${heard} ${said}`);
    const home = await connect("home-assistant");
    const shown = await heardBy(home, "#");
    for (const topic of [
      "homeassistant/device/x/config",
      "limen/ha/site-1/gate-1/lock",
      "limen/gate-1/relay/set",
    ])
      await say(limen, topic);
    await until(() => shown.length > 1, "what it is shown");
    assert.deepEqual(shown, ["homeassistant/device/x/config 1", "limen/ha/site-1/gate-1/lock 1"]);
    for (const topic of ["limen/gate-1/relay/set", "limen/gate-1/exit", "limen/ha/site-1/gate-1/lock"])
      await refused(home, topic);
  });

  it("lets the fire panel's module say fire and its end, and nobody else at the door", async () => {
    const [fire, relay, limen] = await Promise.all(
      ["gate-1-fire", "gate-1-relay", "limen"].map((name) => connect(name)),
    );
    const heard = await heardBy(limen!, "limen/+/fire");
    await say(fire!, "limen/gate-1/fire", "off");
    await until(() => heard.length > 0, "the fire input");
    for (const topic of ["limen/gate-1/relay/set", "limen/gate-1/reader", "limen/gate-2/fire"])
      await refused(fire!, topic);
    for (const topic of ["limen/gate-1/fire", "limen/gate-1/fire-reset"]) await refused(relay!, topic);
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
