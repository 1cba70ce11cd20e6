import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { EntryRule } from "../../core/entry/rule.ts";
import { parse } from "../../core/schema.ts";
import { VaultClient } from "../../vault/client.ts";
import { projectRoot, readConfig } from "../../vault/config.ts";
import { openVault, type Vault } from "../../vault/open.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import type { Request } from "../../vault/protocol/index.ts";
import type { DeclaredLook } from "../../vault/site.ts";

export const modelsFolder = resolve(projectRoot, process.env.LIMEN_MODELS ?? "../shared/models");

/** A real vault in this process, on real sockets and a data folder of its own. */
export interface Rig {
  data: string;
  vault: Vault;
  /** As a flow is connected. */
  client: VaultClient;
  /** As the `limen` command is connected. */
  operator: VaultClient;
  lines: string[];
  /** Closes it and opens it again on the same data. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

export async function openRig(
  options: { clock?: Clock; data?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<Rig> {
  const data = options.data ?? mkdtempSync(join(tmpdir(), "limen-vault-"));
  const lines: string[] = [];
  const config = readConfig(
    { LIMEN_DATA: data, LIMEN_MODELS: modelsFolder, LIMEN_DOWNLOAD: "0", ...options.env },
    projectRoot,
  );
  const start = async (): Promise<[Vault, VaultClient, VaultClient]> => {
    const vault = await openVault(config, {
      say: (line) => lines.push(line),
      ...(options.clock ? { clock: options.clock } : {}),
    });
    await vault.listen();
    const client = new VaultClient({ socket: config.socket }).open();
    const operator = new VaultClient({ socket: config.operatorSocket }).open();
    await Promise.all([client.ready(), operator.ready()]);
    return [vault, client, operator];
  };
  const [vault, client, operator] = await start();
  const rig: Rig = {
    data,
    vault,
    client,
    operator,
    lines,
    async restart() {
      await stop(rig);
      [rig.vault, rig.client, rig.operator] = await start();
    },
    async close() {
      await stop(rig);
      if (!options.data) rmSync(data, { recursive: true, force: true });
    },
  };
  return rig;
}

async function stop({ client, operator, vault }: Rig): Promise<void> {
  client.close();
  operator.close();
  await vault.close();
}

const door = {
  class: "entrance",
  failMode: "secure",
  openSeconds: 3,
  zone: "estate",
  simulated: true,
  fire: "hardware",
  egress: true,
} as const;

/** How a face-match node looks at the main gate, as a flow declares it. */
export const lookOf = (
  node: string,
  settings: Partial<DeclaredLook["settings"]> = {},
  camera = "main-camera",
): DeclaredLook => ({
  node,
  door: "main-gate",
  camera,
  settings: { mode: "1:N", risk: 1e-3, frames: 5, agreeing: 2, seconds: 4.5, ...settings },
});

/** A lawful demonstration site with two doors and a door-screen camera at each. */
export function estate(changes: Partial<Request<"configure">> = {}): Request<"configure"> {
  return {
    site: {
      id: "estate",
      name: "Estate",
      controller: { name: "Owners' committee", contact: "desk@example.org" },
      pack: "cn",
      languages: ["zh-CN", "en-US"],
      timeZone: "Asia/Shanghai",
      demonstration: true,
    },
    doors: [
      { ...door, id: "main-gate", name: "Main gate", ways: ["card", "face", "guard"] },
      { ...door, id: "unit-1", name: "Unit 1", ways: ["card", "face"] },
    ],
    cameras: [
      { id: "main-camera", door: "main-gate", kind: "screen", maxAgeMs: 2000 },
      { id: "unit-camera", door: "unit-1", kind: "screen", maxAgeMs: 2000 },
    ],
    looks: [lookOf("n1")],
    notices: [
      {
        method: "face",
        doors: ["main-gate", "unit-1"],
        material: "a".repeat(64),
        texts: { "zh-CN": "告知", "zh-TW": "告知", "en-US": "Notice" },
      },
    ],
    flow: { hash: "f".repeat(64), findings: [] },
    ...changes,
  };
}

/** A bearer token of a role, made as the operator would. */
export async function tokenFor(rig: Rig, role: Request<"token.create">["role"] = "manager"): Promise<string> {
  const { token } = await rig.operator.call("token.create", {
    auth: operatorAuth,
    role,
    label: role,
    days: 365,
  });
  return token;
}

/** The EM4100 card 01026F6C3A as an RDM6300 reads it (40 bits), and as the desk types its printed number. */
export const readerCard = { format: "em4100", notation: "10H", number: "01026F6C3A", bits: 40 } as const;
export const printedCard = { notation: "8H10D", number: "0040856634" } as const;

/** A rule that lets residents in at any time. */
export const alwaysRule: EntryRule = parse(EntryRule, {});
