import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { VaultClient } from "../../../vault/client.ts";
import { socketPath } from "../../../vault/config.ts";
import { operatorAuth, type Role } from "../../../vault/protocol/common.ts";
import { freePort } from "../../boot/booted.ts";
import { type FlowNode, root } from "../../flows/files.ts";
import { until } from "../lines.ts";

/** The whole product, started as `npm start` does: vault, Node-RED, broker. */
export class WholeSystem {
  readonly data = mkdtempSync(join(tmpdir(), "limen-whole-"));
  readonly tokens = new Map<Role, string>();
  vault!: VaultClient;
  devices!: MqttClient;
  /** Topics of open commands that a lock was sent. */
  readonly opened: string[] = [];
  #child!: ChildProcess;
  #operator!: VaultClient;
  #url = "";

  async start(): Promise<this> {
    const [port, mqttPort] = [await freePort(), await freePort()];
    this.#url = `http://127.0.0.1:${port}`;
    this.#child = spawn(process.execPath, [join(root, "scripts/start.ts")], {
      env: {
        ...process.env,
        LIMEN_DATA: this.data,
        PORT: String(port),
        LIMEN_MQTT_PORT: String(mqttPort),
        LIMEN_DOWNLOAD: "0",
        LIMEN_ALLOW_UNSAFE_DISK: "1",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (part: Buffer) => {
        said += part.toString();
      });
    await until(
      () => {
        if (this.#child.exitCode !== null) throw new Error(`it did not start:\n${said}`);
        return said.includes("Started flows");
      },
      "the start",
      60_000,
    );
    this.vault = new VaultClient({ socket: socketPath(this.data, "vault") }).open();
    this.#operator = new VaultClient({ socket: socketPath(this.data, "operator") }).open();
    await Promise.all([this.vault.ready(), this.#operator.ready()]);
    for (const role of ["desk", "technician", "auditor"] as const) {
      const order = { auth: operatorAuth, role, label: role, days: 1 };
      this.tokens.set(role, (await this.#operator.call("token.create", order)).token);
    }
    this.devices = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { protocolVersion: 4 });
    this.devices.on("message", (topic) => this.opened.push(topic));
    return this;
  }

  /** Deploys a flow as a technician's script does, and waits until the vault has taken it. */
  async deploy(flow: readonly FlowNode[]): Promise<void> {
    const before = (await this.vault.call("health", {})).log.size;
    const answer = await fetch(`${this.#url}/flows`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${this.tokens.get("technician")}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(flow),
    });
    if (answer.status !== 204) throw new Error(await answer.text());
    await until(async () => (await this.vault.call("health", {})).log.size >= before + 2, "the deploy");
    for (const { type, door } of flow)
      if (type === "limen-door") await this.devices.subscribeAsync(`limen/${String(door)}/relay/set`);
  }

  /** Asks the API. @returns status and body */
  async api(
    role: Role,
    method: string,
    path: string,
    body?: object,
  ): Promise<[number, Record<string, unknown>]> {
    const answer = await fetch(`${this.#url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.tokens.get(role)}`,
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return [answer.status, text ? (JSON.parse(text) as Record<string, unknown>) : {}];
  }

  /** Codes of the decisions at a door, oldest first. */
  async decisions(door: string): Promise<string[]> {
    const [, { events }] = await this.api("auditor", "GET", `/events?door=${door}`);
    return (events as { index: number; kind: string; code?: string }[])
      .filter(({ code }) => code !== undefined)
      .sort((one, other) => one.index - other.index)
      .map(({ code }) => code!);
  }

  async stop(): Promise<void> {
    await this.devices?.endAsync();
    this.vault?.close();
    this.#operator?.close();
    if (this.#child?.exitCode === null) {
      const gone = new Promise((done) => this.#child.once("exit", done));
      this.#child.kill("SIGTERM");
      await gone;
    }
    rmSync(this.data, { recursive: true, force: true });
  }
}
