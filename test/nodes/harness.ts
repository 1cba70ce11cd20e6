import { fileURLToPath } from "node:url";
import type { Node } from "node-red";
import helper from "node-red-node-test-helper";
import type { NodeModule } from "../../nodes/lib/define-node.ts";
import { registry } from "../../nodes/lib/registry.ts";
import type { Message } from "../../nodes/lib/types.ts";
import { closeVaults, vaultOf } from "../../nodes/lib/vault.ts";
import { FakeVault } from "./fake-vault.ts";

helper.init(fileURLToPath(import.meta.resolve("node-red")));

type Entry = Record<string, unknown> & { id: string; type: string };

/** A flow in Node-RED's test helper, with a fake vault that has taken it. */
export interface Bench {
  vault: FakeVault;
  node(id: string): Node;
  /** Hands a message to a node's input. */
  put(id: string, message: Message): void;
  /** The next message that reaches a (helper) node. Ask before it can arrive. */
  next(id: string): Promise<Message>;
  /** The next status of a node that fits; the present ones count too. */
  status(id: string, fits?: (text: string) => boolean): Promise<string>;
  /** The next error a node ends a message with, by its code. */
  failure(id: string): Promise<string>;
  /** Closes the nodes, and nothing else: what a deploy does first. */
  unload(): Promise<void>;
  stop(): Promise<void>;
}

export interface BenchOptions {
  vault?: FakeVault;
  credentials?: Record<string, Record<string, string>>;
  /** Leave the flow untold to the vault: what a node does before `configure`. */
  unconfigured?: boolean;
}

/** A site, a door `gate-1` (node `door`) and its camera `cam-1` (node `camera`), as most node tests need them. */
export const houseNodes: Entry[] = [
  {
    id: "site",
    type: "limen-site",
    site: "site-1",
    name: "Test",
    controllerName: "Property office",
    controllerContact: "office@example.org",
    pack: "cn",
    languages: ["zh-CN", "en-US"],
    timeZone: "Asia/Shanghai",
    demonstration: true,
  },
  {
    id: "door",
    type: "limen-door",
    site: "site",
    door: "gate-1",
    name: "Gate",
    class: "gate",
    failMode: "secure",
    openSeconds: 5,
    zone: "ground",
    simulated: true,
    fire: "hardware",
    egress: true,
  },
  { id: "camera", type: "limen-camera", door: "door", camera: "cam-1", kind: "screen" },
];

/** Loads a flow with these node modules; the vault answers as `vault` decides. */
export async function bench(
  modules: readonly NodeModule<never>[],
  flow: readonly Entry[],
  { vault = new FakeVault(), credentials = {}, unconfigured = false }: BenchOptions = {},
): Promise<Bench> {
  await vault.start();
  process.env.LIMEN_SOCKET = vault.socket;
  registry.reset();
  await vaultOf({ settings: {} as never }).ready();
  await helper.startServer();
  await helper.load(modules as never, flow as never, credentials as never);
  const sites = flow.some((entry) => entry.type === "limen-site");
  if (!unconfigured && sites) {
    await registry.configure(vaultOf({ settings: {} as never }), { hash: "0".repeat(64), findings: [] });
  }
  const node = (id: string): Node => {
    const found = helper.getNode(id) as Node | null;
    if (!found) throw new Error(`no node ${id}`);
    return found;
  };
  const listen = (id: string, event: string, take: (...args: never[]) => void): void => {
    (node(id) as unknown as { on(event: string, take: (...args: never[]) => void): void }).on(event, take);
  };
  return {
    vault,
    node,
    put: (id, message) => node(id).receive(message),
    next: (id) => new Promise((resolve) => listen(id, "input", (message: Message) => resolve(message))),
    status: (id, fits = () => true) =>
      new Promise((resolve) => {
        listen(id, "call:status", (call: { args: [{ text?: string }] }) => {
          const text = call.args[0]?.text ?? "";
          if (fits(text)) resolve(text);
        });
      }),
    failure: (id) =>
      new Promise((resolve) => {
        listen(id, "call:error", (call: { args: [Error & { code?: string }] }) => {
          resolve(call.args[0]?.code ?? String(call.args[0]));
        });
      }),
    unload: () => helper.unload(),
    async stop() {
      await helper.unload();
      await helper.stopServer();
      closeVaults();
      registry.reset();
      await vault.remove();
      delete process.env.LIMEN_SOCKET;
    },
  };
}
