import type { Receive } from "./source.ts";

/**
 * A subscription to one topic; resolves to what ends it.
 * @param take the payload, and whether the broker kept it from earlier (`retain`)
 */
export type Subscribe = (
  topic: string,
  take: (payload: Buffer, packet: { retain: boolean }) => void,
) => Promise<() => void> | (() => void);

/**
 * Pictures published to a topic (as Frigate's `…/snapshot` is). A retained message is a picture of some earlier time:
 * never used.
 */
export const mqttTopic =
  (topic: string, subscribe: Subscribe): Receive =>
  async (offer, signal) => {
    const end = await subscribe(topic, (payload, { retain }) => {
      if (!retain && !signal.aborted) offer(Buffer.from(payload));
    });
    await new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve());
      if (signal.aborted) resolve();
    });
    end();
  };
