import { ask } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import { config, version } from "./config.ts";

export default defineNode({
  type: "retention-rule",
  version,
  config,
  setup: (context) => ({
    async input(message) {
      const { class: dataClass, days, mode } = context.config;
      const limits = { class: dataClass, days };
      const report =
        mode === "run"
          ? await ask(context, "retention.run", limits)
          : await ask(context, "retention.preview", limits);
      const erased = mode === "run" && report.entries > 0;
      context.status({ fill: "green", shape: "dot", key: erased ? "status.erased" : `status.${mode}` });
      return [
        {
          ...message,
          topic: "retention",
          payload: { kind: "retention", mode, class: dataClass, keep: days, ...report },
        },
      ];
    },
  }),
});
