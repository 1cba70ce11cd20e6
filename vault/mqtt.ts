import mqtt, { type MqttClient } from "mqtt";
import type { Subscribe } from "../core/faces/cameras/index.ts";

/**
 * Subscriptions for cameras that publish pictures, over one connection that is made when the first is needed.
 * @param url broker, with sign-in if it wants one; never logged
 */
export function mqttSubscriptions(url: string): { subscribe: Subscribe; close(): Promise<void> } {
  let client: MqttClient | undefined;
  return {
    async subscribe(topic, take) {
      client ??= mqtt.connect(url, { protocolVersion: 4, reconnectPeriod: 2000, clean: true });
      const current = client;
      current.on("error", () => undefined); // the camera shows that nothing arrives
      const hear = (to: string, payload: Buffer, packet: { retain: boolean }): void => {
        if (to === topic) take(payload, packet);
      };
      current.on("message", hear);
      await current.subscribeAsync(topic, { qos: 0 });
      return () => {
        current.off("message", hear);
        current.unsubscribe(topic);
      };
    },
    close: async () => await client?.endAsync(true),
  };
}
