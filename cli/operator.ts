import { LimenError } from "../core/errors.ts";
import { VaultClient } from "../vault/client.ts";
import { projectRoot, readConfig } from "../vault/config.ts";
import { operatorAuth } from "../vault/protocol/common.ts";

/**
 * Asks the running vault as the operator of this box, over the socket that only the vault's own user may open.
 * @throws LimenError `vault-not-running`, `not-the-operator`, or whatever the vault answers
 */
export async function asOperator<T>(ask: (vault: VaultClient, auth: string) => Promise<T>): Promise<T> {
  const { operatorSocket } = readConfig(process.env, projectRoot);
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
