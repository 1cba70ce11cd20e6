import { randomBytes } from "node:crypto";
import type { NodeAPI } from "node-red";
import { createBroker, ownUser } from "../broker/broker.ts";
import { serveSimulator } from "../broker/socket.ts";
import { vaultOf } from "../lib/vault.ts";

/** References Node-RED resolves from the environment when it makes the node. */
const fromEnvironment = (name: string): string => `\${${name}}`;

interface BrokerNode {
  id: string;
  type: string;
  broker?: string;
  port?: string;
}

/**
 * The embedded MQTT broker on loopback, and the simulator's way to it. Flows reach it with an ordinary *mqtt-broker* node
 * set to `127.0.0.1` and `${LIMEN_MQTT_PORT}`; such a node without a name of its own is given Limen's, as a reference to
 * the environment, so that no flow file and no credentials file ever holds the password.
 */
export default function broker(RED: NodeAPI): void {
  process.env.LIMEN_MQTT_PORT ??= "18830";
  process.env.LIMEN_MQTT_PASSWORD ??= randomBytes(24).toString("base64url");
  const { LIMEN_MQTT_PORT: port, LIMEN_MQTT_PASSWORD: password } = process.env;
  const log = (line: string): void => RED.log.warn(`[limen] ${line}`);

  RED.events.on("flows:starting", ({ config }: { config: { flows: BrokerNode[] } }) => {
    const isOurs = ({ type, broker, port: at }: BrokerNode): boolean =>
      type === "mqtt-broker" &&
      /^(127\.0\.0\.1|localhost)$/.test(broker ?? "") &&
      (at === fromEnvironment("LIMEN_MQTT_PORT") || String(at) === port);
    for (const { id } of config.flows.filter(isOurs)) {
      const present = RED.nodes.getCredentials(id) as { user?: string } | undefined;
      if (!present?.user) {
        RED.nodes.addCredentials(id, { user: ownUser, password: fromEnvironment("LIMEN_MQTT_PASSWORD") });
      }
    }
  });

  const start = async (): Promise<void> => {
    const made = await createBroker({ password, log });
    serveSimulator(RED.server, made, vaultOf(RED));
    const at = await made.listen(Number(port));
    RED.log.info(`[limen] MQTT broker on 127.0.0.1:${at}`);
  };
  start().catch((error: Error) => RED.log.error(`[limen] no MQTT broker: ${error.message}`));
}
