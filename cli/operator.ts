import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { LimenError } from "../core/errors.ts";
import { VaultClient } from "../vault/client.ts";
import { readConfig } from "../vault/config.ts";
import { operatorAuth } from "../vault/protocol/common.ts";

/** The project's folder: the nearest one up from here with a package.json. */
export function projectRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, "package.json")) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

/**
 * Asks the running vault as the operator of this box, over the socket that only the vault's own user may open.
 * @throws LimenError `vault-not-running`, `not-the-operator`, or whatever the vault answers
 */
export async function asOperator<T>(ask: (vault: VaultClient, auth: string) => Promise<T>): Promise<T> {
  const { operatorSocket } = readConfig(process.env, projectRoot());
  const vault = new VaultClient({ socket: operatorSocket }).open();
  try {
    await vault.ready(3000).catch(() => {
      throw new LimenError("vault-not-running", { params: { socket: operatorSocket } });
    });
    return await ask(vault, operatorAuth);
  } finally {
    vault.close();
  }
}
