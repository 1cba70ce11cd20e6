import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VaultClient } from "../../../vault/client.ts";
import { projectRoot, socketPath } from "../../../vault/config.ts";
import { operatorAuth } from "../../../vault/protocol/common.ts";
import { cardsADoor, numberOf } from "./cards.ts";
import { flowOf } from "./flow.ts";

/** A whole Limen of its own: Node-RED, broker and vault. */
export interface RunningSite {
  mqttPort: number;
  nodeRed: number;
  vault: number;
  url: string;
  /** The operator's socket, and what stands for a session there. */
  operator: VaultClient;
  operatorAuth: string;
  /** The vault's flow socket, and a desk's token for it. */
  client: VaultClient;
  auth: string;
  /** Whose the cards are. */
  person: string;
  stop(): Promise<void>;
}

/** Starts it with `doors` doors and their cards issued; `face`: one more door with a camera, or so many; `wall`: the page of doors. */
export async function startSite(
  doors: number,
  face: boolean | number,
  env: NodeJS.ProcessEnv = {},
  wall = false,
): Promise<RunningSite> {
  const data = mkdtempSync(join(tmpdir(), "limen-bench-"));
  const [port, mqttPort] = [await freePort(), await freePort()];
  mkdirSync(join(data, "node-red"), { recursive: true });
  writeFileSync(join(data, "node-red/flows.json"), JSON.stringify(flowOf(doors, face, wall)));
  const child = spawn(process.execPath, [join(projectRoot, "scripts/start.ts")], {
    env: { ...process.env, LIMEN_DATA: data, PORT: String(port), LIMEN_MQTT_PORT: String(mqttPort), ...env },
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
  const [vaultPid, nodeRedPid] = childrenOf(child.pid!);
  return {
    mqttPort,
    vault: vaultPid!,
    nodeRed: nodeRedPid!,
    url: `http://127.0.0.1:${port}`,
    operator,
    operatorAuth,
    client: vault,
    auth,
    person,
    async stop() {
      vault.close();
      operator.close();
      const gone = new Promise((done) => child.once("exit", done));
      child.kill("SIGTERM");
      await gone;
      rmSync(data, { recursive: true, force: true });
    },
  };
}

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
