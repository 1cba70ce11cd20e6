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
    const over = new Promise<undefined>((resolve) => {
      signal.addEventListener("abort", () => resolve(undefined));
      if (signal.aborted) resolve(undefined);
    });
    const begun = Promise.resolve(
      subscribe(topic, (payload, { retain }) => {
        if (!retain && !signal.aborted) offer(Buffer.from(payload));
      }),
    );
    // A broker that does not answer must not hold a round that is over; should it answer later, it is ended then.
    const end = await Promise.race([begun, over]);
    if (end) await over;
    void begun.then((late) => late()).catch(() => undefined);
  };
