import type { NodeAPI } from "node-red";
import { LimenError } from "../../core/errors.ts";
import { VaultClient } from "../../vault/client.ts";

const clients = new Map<string, VaultClient>();

/**
 * This process's one connection to the vault: its socket is named by `limen.socket` in the settings file, else by
 * `LIMEN_SOCKET`. Connects by itself and keeps trying.
 * @throws LimenError `vault-unset` when neither names a socket
 */
export function vaultOf(RED: Pick<NodeAPI, "settings">): VaultClient {
  const settings = (RED.settings as unknown as { limen?: { socket?: string } }).limen;
  const socket = settings?.socket ?? process.env.LIMEN_SOCKET;
  if (!socket) throw new LimenError("vault-unset", { status: 503 });
  let client = clients.get(socket);
  if (!client) {
    client = new VaultClient({ socket }).open();
    clients.set(socket, client);
  }
  return client;
}

/** Lets go of every connection: when Node-RED stops, and between tests. */
export function closeVaults(): void {
  for (const client of clients.values()) client.close();
  clients.clear();
}
