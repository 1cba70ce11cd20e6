import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";

const channel = "net.client.socket";

const hurry = (message: unknown): void => void (message as { socket: Socket }).socket.setNoDelay(true);

/**
 * From now on no connection this process opens gathers small packets (Nagle): a command to a lock is a few bytes, somebody
 * waits before the door, and the other end may keep its acknowledgement back for 40 ms. Node-RED's MQTT and TCP nodes have
 * no setting for it.
 * @returns takes it back
 */
export function sendAtOnce(): () => void {
  subscribe(channel, hurry);
  return () => void unsubscribe(channel, hurry);
}
