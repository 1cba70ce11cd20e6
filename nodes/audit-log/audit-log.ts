import { ask, attemptIn, attemptStatus, withAttempt } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { doorEventIn, isDoorEvent, isRecordedEvent } from "../lib/door-event.ts";
import type { Message, Outputs } from "../lib/types.ts";
import { config, version } from "./config.ts";

export default defineNode({
  type: "audit-log",
  version,
  config,
  setup(context) {
    const recordEvent = async (message: Message): Promise<Outputs> => {
      const event = doorEventIn(message);
      const record = await ask(context, "event", event);
      context.status({ fill: "green", shape: "ring", key: "status.recorded" });
      return [null, { ...message, topic: event.door, payload: { ...(message.payload as object), record } }];
    };
    return {
      async input(message) {
        if (isDoorEvent(message)) return await recordEvent(message);
        if (isRecordedEvent(message)) return [null, message];
        const attempt = attemptIn(message);
        const recorded = await ask(context, "record", { attempt: attempt.id, node: context.id });
        context.status(attemptStatus(recorded));
        const out = withAttempt(message, recorded);
        // the ticket is what opens: without one there is nothing for output 1
        return recorded.outcome === "granted" && recorded.ticket !== undefined ? [out, null] : [null, out];
      },
    };
  },
});
