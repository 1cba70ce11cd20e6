import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { VaultClient } from "../../vault/client.ts";
import { projectRoot, socketPath } from "../../vault/config.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { percentile, table } from "./statistics.ts";

type Print = (line: string) => void;

export interface DoorsOptions {
  doors?: number;
  /** Taps a door a second. */
  rate?: number;
  seconds?: number;
}

/** Cards a door turns through, so that none comes back while the reader still takes it for the same presentation. */
const cardsADoor = 20;

/**
 * The whole way, on the whole system: card bytes published by a reader, the flow, the log on disk, the relay's command
 * back over MQTT. Prints the latencies, and the memory of both processes at the start and at the end.
 */
export async function run(
  print: Print,
  { doors = 20, rate = 5, seconds = 60 }: DoorsOptions = {},
): Promise<void> {
  const site = await startSite(doors);
  try {
    const devices = await connectDevices(site, doors);
    const memory = () => `Node-RED ${residentMb(site.nodeRed)} MB, vault ${residentMb(site.vault)} MB`;
    await tapAll(devices, { doors, rate, seconds: 3 }); // warm
    const before = memory();
    const { times, lost } = await tapAll(devices, { doors, rate, seconds });
    print(
      `${doors} doors, ${rate} taps/s each, ${seconds} s: ${times.length} opened, ${lost} without an answer in 5 s`,
    );
    for (const line of table([
      ["card bytes in -> relay command out, log durable", "p50", "p95", "p99", "max"],
      ["ms", ...[0.5, 0.95, 0.99, 1].map((share) => percentile(times, share).toFixed(1))],
    ])) {
      print(line);
    }
    print(`memory before: ${before}`);
    print(`memory after:  ${memory()}`);
    await devices.endAsync();
  } finally {
    await site.stop();
  }
}

interface RunningSite {
  mqttPort: number;
  nodeRed: number;
  vault: number;
  stop(): Promise<void>;
}

async function startSite(doors: number): Promise<RunningSite> {
  const data = mkdtempSync(join(tmpdir(), "limen-bench-"));
  const [port, mqttPort] = [await freePort(), await freePort()];
  mkdirSync(join(data, "node-red"), { recursive: true });
  writeFileSync(join(data, "node-red/flows.json"), JSON.stringify(flowOf(doors)));
  const child = spawn(process.execPath, [join(projectRoot, "scripts/start.ts")], {
    env: { ...process.env, LIMEN_DATA: data, PORT: String(port), LIMEN_MQTT_PORT: String(mqttPort) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await said(child, "Started flows");
  const vault = new VaultClient({ socket: socketPath(data, "vault") }).open();
  const operator = new VaultClient({ socket: socketPath(data, "operator") }).open();
  await Promise.all([vault.ready(), operator.ready()]);
  while (!(await vault.call("health", {})).armed.relays) await new Promise((again) => setTimeout(again, 100));
  const { token: auth } = await operator.call("token.create", {
    auth: operatorAuth,
    role: "desk",
    label: "bench",
    days: 1,
  });
  const { id: person } = await vault.call("person.create", { auth, name: "Bench" });
  for (let card = 0; card < doors * cardsADoor; card++) {
    await vault.call("credential.issue", {
      auth,
      person,
      kind: "card",
      notation: "10H",
      number: numberOf(card),
    });
  }
  vault.close();
  operator.close();
  const [vaultPid, nodeRedPid] = childrenOf(child.pid!);
  return {
    mqttPort,
    vault: vaultPid!,
    nodeRed: nodeRedPid!,
    async stop() {
      const gone = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await gone;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** The default flow's first door, as often as asked, with a keypad's and a face's nodes left out. */
function flowOf(doors: number): object[] {
  const source = JSON.parse(readFileSync(join(projectRoot, "flows/default.json"), "utf8")) as FlowNode[];
  const gate = source.find(({ type, door }) => type === "limen-door" && door === "main-gate")!;
  const tab = source.find(({ type, door }) => type === "card-read" && door === gate.id)!.z!;
  const shared = source.filter(({ type }) => ["limen-site", "mqtt-broker"].includes(type));
  const keep = new Set([
    "mqtt in",
    "card-read",
    "entry-rule",
    "consent-check",
    "audit-log",
    "relay-out",
    "mqtt out",
  ]);
  const own = source.filter(
    ({ z, type, topic }) => z === tab && keep.has(type) && !/button|feedback/.test(String(topic ?? "")),
  );
  const retention = source.filter(({ type }) => type === "retention-rule" || type === "inject");
  const retentionTabs = source.filter(({ id }) => retention.some(({ z }) => z === id));
  const copies = Array.from({ length: doors }, (_, n) => {
    const text = JSON.stringify([source.find(({ id }) => id === tab), gate, ...own]);
    const ids = [tab, gate.id, ...own.map(({ id }) => id)];
    return JSON.parse(
      ids
        .reduce(
          (all, id, place) =>
            all.replaceAll(id, `b${String(n).padStart(3, "0")}${String(place).padStart(12, "0")}`),
          text,
        )
        .replaceAll("main-gate", `door-${n}`),
    ) as FlowNode[];
  });
  return [...shared, ...retentionTabs, ...retention, ...copies.flat()].map((node) =>
    withoutLooseWires(node, copies.flat()),
  );
}

interface FlowNode {
  id: string;
  type: string;
  z?: string;
  door?: string;
  topic?: string;
  wires?: string[][];
}

const withoutLooseWires = (node: FlowNode, all: readonly FlowNode[]): FlowNode =>
  node.wires === undefined || node.type === "inject"
    ? node
    : { ...node, wires: node.wires.map((to) => to.filter((id) => all.some((other) => other.id === id))) };

const numberOf = (card: number): string =>
  (0x0a00000000 + card * 7919).toString(16).toUpperCase().padStart(10, "0");

/** An RDM6300 frame: 02, ten hex digits, the XOR of the five bytes, 03. */
function frameOf(card: number): Buffer {
  const number = numberOf(card);
  const sum = Buffer.from(number, "hex").reduce((xor, byte) => xor ^ byte, 0);
  return Buffer.from(`\x02${number}${sum.toString(16).toUpperCase().padStart(2, "0")}\x03`, "latin1");
}

async function connectDevices({ mqttPort }: RunningSite, doors: number): Promise<MqttClient> {
  const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { protocolVersion: 4 });
  client.setMaxListeners(0);
  for (let door = 0; door < doors; door++) await client.subscribeAsync(`limen/door-${door}/relay/set`);
  return client;
}

async function tapAll(
  client: MqttClient,
  { doors, rate, seconds }: Required<DoorsOptions>,
): Promise<{ times: number[]; lost: number }> {
  const times: number[] = [];
  const waiting = new Map<string, number[]>();
  const hear = (topic: string): void => {
    const at = waiting.get(topic)?.shift();
    if (at !== undefined) times.push(performance.now() - at);
  };
  client.on("message", hear);
  let sent = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: doors }, async (_, door) => {
      const topic = `limen/door-${door}/relay/set`;
      waiting.set(topic, []);
      await pause((door / doors) * (1000 / rate)); // not all at the same instant
      for (let n = 0; performance.now() - begun < seconds * 1000; n++) {
        waiting.get(topic)!.push(performance.now());
        client.publish(`limen/door-${door}/reader`, frameOf(door * cardsADoor + (n % cardsADoor)));
        sent++;
        await pause(1000 / rate);
      }
    }),
  );
  for (let waited = 0; waited < 50 && times.length < sent; waited++) await pause(100);
  client.off("message", hear);
  return { times, lost: sent - times.length };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function said(child: ChildProcess, text: string): Promise<void> {
  let all = "";
  await new Promise<void>((resolve, reject) => {
    child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
      all += chunk;
      if (all.includes(text)) resolve();
    });
    child.once("exit", () => reject(new Error(all)));
  });
}

/** Pids of a process's children, oldest first (Linux). */
const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);

const residentMb = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
