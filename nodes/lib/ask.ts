import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { LimenError } from "../../core/errors.ts";
import type { Answer, Request, VerbName } from "../../vault/protocol/index.ts";
import { sharedWords } from "./errors.ts";
import { registry } from "./registry.ts";
import type { Message, NodeContext, Status } from "./types.ts";

/**
 * Asks the vault once it has taken the present flow; before that nothing of a flow may act.
 * @throws LimenError `vault-away` at once when there is no vault, `not-configured` when the flow was not taken in time
 */
export async function ask<V extends VerbName>(
  { vault }: Pick<NodeContext<unknown>, "vault">,
  verb: V,
  request: Request<V>,
): Promise<Answer<V>> {
  if (!vault.up) throw new LimenError("vault-away", { status: 503 });
  await registry.configured();
  return await vault.call(verb, request);
}

/**
 * The attempt a message is about. Only its id is believed: the vault knows the rest.
 * @throws LimenError `not-an-attempt`
 */
export function attemptIn(message: Message): EntryAttempt {
  const payload = message.payload as Partial<EntryAttempt> | undefined;
  if (typeof payload?.id !== "string" || payload.id.length !== 26 || !Array.isArray(payload.checks)) {
    throw new LimenError("not-an-attempt");
  }
  return payload as EntryAttempt;
}

/** The message with what the vault now knows: payload the attempt, topic its door. */
export const withAttempt = (message: Message, attempt: EntryAttempt): Message => ({
  ...message,
  topic: attempt.door,
  payload: attempt,
});

/** The status of an attempt: green when it goes on, yellow when refused, in the words of the door's screen. */
export function attemptStatus(attempt: EntryAttempt): Status {
  if (attempt.outcome === "denied") {
    return {
      fill: "yellow",
      shape: "dot",
      key: `${sharedWords}:attempt.${attempt.code ?? "no-such-credential"}`,
    };
  }
  return { fill: "green", shape: "dot", key: `${sharedWords}:status.${attempt.outcome}` };
}

/** Does any output of this node lead anywhere? A way in that leads nowhere is none. */
export function isWired({ node }: Pick<NodeContext<unknown>, "node">): boolean {
  const { wires } = node as unknown as { wires?: string[][] };
  return (wires ?? []).some((output) => output.length > 0);
}
