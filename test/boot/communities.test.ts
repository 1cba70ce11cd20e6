import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { VaultClient } from "../../vault/client.ts";
import { socketPath } from "../../vault/config.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { flowsIn, readFlow, root } from "../flows/files.ts";
import { freePort } from "./booted.ts";

const card = "0102ABCDEF";
const tap = (): Buffer => {
  const sum = Buffer.from(card, "hex").reduce((xor, byte) => xor ^ byte, 0);
  return Buffer.from(`\x02${card}${sum.toString(16).toUpperCase().padStart(2, "0")}\x03`, "latin1");
};
const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

/** The whole product: vault, Node-RED, broker. Its devices are simulated by their bytes. */
describe("somebody who declines a face, in every community on the real system", () => {
  let data: string;
  let child: ChildProcess;
  let vault: VaultClient;
  let operator: VaultClient;
  let devices: MqttClient;
  let url: string;
  let token: string;
  let person: string;
  let desk: string;

  before(async () => {
    data = mkdtempSync(join(tmpdir(), "limen-towns-"));
    const [port, mqttPort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${port}`;
    child = spawn(process.execPath, [join(root, "scripts/start.ts")], {
      env: {
        ...process.env,
        LIMEN_DATA: data,
        PORT: String(port),
        LIMEN_MQTT_PORT: String(mqttPort),
        LIMEN_DOWNLOAD: "0",
        LIMEN_ALLOW_UNSAFE_DISK: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (part: Buffer) => {
        said += part.toString();
      });
    while (!said.includes("Started flows")) {
      if (child.exitCode !== null) throw new Error(`it did not start:\n${said}`);
      await pause(50);
    }
    vault = new VaultClient({ socket: socketPath(data, "vault") }).open();
    operator = new VaultClient({ socket: socketPath(data, "operator") }).open();
    await Promise.all([vault.ready(), operator.ready()]);
    const tokenFor = async (role: "desk" | "technician") =>
      (await operator.call("token.create", { auth: operatorAuth, role, label: role, days: 1 })).token;
    [desk, token] = [await tokenFor("desk"), await tokenFor("technician")];
    ({ id: person } = await vault.call("person.create", { auth: desk, name: "Refusing Resident" }));
    await vault.call("credential.issue", { auth: desk, person, kind: "card", notation: "10H", number: card });
    await vault.call("consent.refuse", { auth: desk, person, method: "face", channel: "desk" });
    devices = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { protocolVersion: 4 });
  });
  after(async () => {
    await devices?.endAsync();
    vault?.close();
    operator?.close();
    if (child && child.exitCode === null) {
      const gone = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await gone;
    }
    rmSync(data, { recursive: true, force: true });
  });

  const deploy = async (flow: object[]): Promise<void> => {
    const before = (await vault.call("health", {})).log.size;
    const answer = await fetch(`${url}/flows`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify(flow),
    });
    assert.equal(answer.status, 204, await answer.text());
    // the deploy and the new configuration are both on the record before anything is tried
    while ((await vault.call("health", {})).log.size < before + 2) await pause(50);
    assert.equal((await vault.call("health", {})).armed.relays, true);
  };

  for (const file of flowsIn("flows/communities"))
    it(`opens every door of ${basename(file, ".json")} with a card`, async () => {
      const flow = readFlow(file);
      await deploy(flow);
      const doors = flow.filter(({ type }) => type === "limen-door").map(({ door }) => String(door));
      for (const door of doors) {
        const topic = `limen/${door}/relay/set`;
        await devices.subscribeAsync(topic);
        const opened = new Promise<{ id: string; seconds: number }>((resolve) => {
          devices.on("message", (from, payload) => {
            if (from === topic) resolve(JSON.parse(payload.toString()) as { id: string; seconds: number });
          });
        });
        // a reader's node listens as soon as the broker has taken its subscription
        let command: { id: string; seconds: number } | undefined;
        for (let tries = 0; command === undefined && tries < 5; tries++) {
          devices.publish(`limen/${door}/reader`, tap());
          command = (await Promise.race([opened, pause(2500)])) as typeof command;
        }
        assert.ok(command, `${door} stayed shut`);
        assert.ok(command.seconds > 0);
        await devices.unsubscribeAsync(topic);
      }
      devices.removeAllListeners("message");
      const { consents } = await vault.call("consent.list", {
        auth: desk,
        person,
        purpose: "rights-request",
      });
      assert.deepEqual(
        consents.map(({ state }) => state),
        ["refused"],
        "asked once, and never again",
      );
    });
});
