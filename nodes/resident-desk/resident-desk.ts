import { LimenError } from "../../core/errors.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { ask } from "../lib/ask.ts";
import { defineNode } from "../lib/define-node.ts";
import type { Message } from "../lib/types.ts";
import { type Action, actions } from "./actions.ts";
import { config, credentials, version } from "./config.ts";

export default defineNode({
  type: "resident-desk",
  version,
  config,
  credentials,
  setup(context) {
    const auth = context.credentials.token;
    return {
      async input(message) {
        const { action, ...fields } = takeCommand(message);
        if (!auth) throw new LimenError("token-missing", { status: 401 });
        const result = await ask(context, action, { ...fields, auth } as Request<Action>);
        context.status({ fill: "green", shape: "dot", key: "status.done" });
        return [{ ...message, topic: action, payload: result }];
      },
    };
  },
});

/**
 * Takes the command out of the message: names and numbers must not travel on, neither with the result nor with an
 * error, whose catch node hands the whole message around.
 * @throws LimenError `command-unknown`, `command-not-here`
 */
function takeCommand(message: Message): { action: Action } & Record<string, unknown> {
  const { payload } = message;
  message.payload = undefined;
  if (typeof payload !== "object" || payload === null || !("action" in payload)) {
    throw new LimenError("command-unknown");
  }
  const command = payload as { action: Action } & Record<string, unknown>;
  if (!actions.includes(command.action)) throw new LimenError("command-unknown");
  if (command.action === "credential.issue" && command.kind !== "card") {
    throw new LimenError("command-not-here"); // its answer is a PIN
  }
  return command;
}
