import { onAct } from "../lib/acts.ts";
import { ask, attemptStatus, isWired, withAttempt } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { registry } from "../lib/registry.ts";
import type { DoorService } from "../lib/services.ts";
import { config, version } from "./config.ts";

export default defineNode({
  type: "guard-open",
  version,
  config,
  setup(context) {
    const { door } = context.need<DoorService>(context.config.door);
    if (!isWired(context)) return {};
    registry.way(context.id, door.id, ["guard"]);
    const off = onAct(door.id, "assist", async ({ auth, reason }) => {
      const attempt = await ask(context, "assist", { auth, door: door.id, reason });
      context.status(attemptStatus(attempt));
      context.send([withAttempt({}, attempt)]);
      return attempt.id;
    });
    return {
      close: off,
      panel: {
        door: door.id,
        look: () => [],
        begin: { turn: 0, send: (attempt) => context.send([withAttempt({}, attempt)]) },
      },
    };
  },
});
