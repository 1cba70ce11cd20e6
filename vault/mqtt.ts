import mqtt, { type MqttClient } from "mqtt";
import { LimenError } from "../core/errors.ts";
import type { Subscribe } from "../core/faces/cameras/index.ts";

type Take = Parameters<Subscribe>[1];

const unreachable = (cause: unknown) => new LimenError("camera-unreachable", { status: 502, cause });

/**
 * Subscriptions for cameras that publish pictures, over one connection that is made when the first is needed. Several
 * cameras may have one topic: it is asked for once and given back with the last of them. What is wanted while the broker
 * is away is asked for when it comes; meanwhile the camera shows that nothing arrives.
 * @param url broker, with sign-in if it wants one; never logged
 */
export function mqttSubscriptions(url: string): { subscribe: Subscribe; close(): Promise<void> } {
  const wanted = new Map<string, Set<Take>>();
  /** Topics being given back: asked for again only when the broker has confirmed, or the new one would go with the old. */
  const leaving = new Map<string, PromiseWithResolvers<void>>();
  let client: MqttClient | undefined;
  const connected = (): MqttClient => {
    if (client) return client;
    const made = mqtt.connect(url, {
      protocolVersion: 4,
      reconnectPeriod: 2000,
      clean: true,
      resubscribe: false, // only what is still wanted, by the handler below
    });
    made.on("error", () => undefined); // the camera shows that nothing arrives
    made.on("connect", () => {
      if (wanted.size > 0) made.subscribe([...wanted.keys()], { qos: 0 }, () => undefined);
    });
    made.on("close", () => {
      for (const { resolve } of leaving.values()) resolve();
      leaving.clear();
    });
    made.on("message", (topic, payload, packet) => {
      for (const take of wanted.get(topic) ?? []) take(payload, packet);
      payload.fill(0); // whoever took the picture has a copy, and overwrites that
    });
    client = made;
    return made;
  };
  return {
    async subscribe(topic, take) {
      const current = connected();
      const takers = wanted.get(topic) ?? new Set();
      const first = takers.size === 0;
      takers.add(take);
      wanted.set(topic, takers);
      const end = (): void => {
        if (!takers.delete(take) || takers.size > 0) return;
        wanted.delete(topic);
        if (!current.connected) return;
        const left = Promise.withResolvers<void>();
        leaving.set(topic, left);
        current.unsubscribe(topic, () => {
          if (leaving.get(topic) === left) leaving.delete(topic);
          left.resolve();
        });
      };
      if (!first) return end;
      await leaving.get(topic)?.promise;
      if (!current.connected) return end;
      try {
        await current.subscribeAsync(topic, { qos: 0 });
      } catch (error) {
        end();
        throw unreachable(error);
      }
      return end;
    },
    close: async () => await client?.endAsync(true),
  };
}
