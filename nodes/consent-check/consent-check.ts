import { ask, attemptIn, attemptStatus, withAttempt } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { config, version } from "./config.ts";

export default defineNode({
  type: "consent-check",
  version,
  config,
  setup: (context) => ({
    async input(message) {
      const attempt = attemptIn(message);
      if (attempt.outcome === "denied") return [message];
      const checked = await ask(context, "consent", { attempt: attempt.id, node: context.id });
      context.status(attemptStatus(checked));
      return [withAttempt(message, checked)];
    },
  }),
});
