import { ask, attemptIn, attemptStatus, withAttempt } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { config, version } from "./config.ts";

export default defineNode({
  type: "entry-rule",
  version,
  config,
  setup(context) {
    const { name: _, ...rule } = context.config;
    return {
      async input(message) {
        const attempt = attemptIn(message);
        // already refused: the record still needs it, the rule does not
        if (attempt.outcome === "denied") return [message];
        const decided = await ask(context, "decide", { attempt: attempt.id, node: context.id, rule });
        context.status(attemptStatus(decided));
        return [withAttempt(message, decided)];
      },
    };
  },
});
