import "../api/words.ts";
import { languageOf } from "../../core/policy/refusal.ts";
import { sentence } from "../../core/words.ts";
import type { VaultClient } from "../../vault/client.ts";
import { answerWith, type Deploy, type EditorUser, type Gate } from "../plugins/flow-gate.ts";

/** What decides how easily a face passes. */
const strictness = ["mode", "risk", "frames", "agreeing", "seconds", "challenge"] as const;

type Node_ = { id?: string; type?: string } & Partial<Record<(typeof strictness)[number], unknown>>;

/** Whether a flow compares faces by other measures than the one before it: changed, or at a node that is new. */
export function thresholdsChanged(before: readonly object[], after: readonly object[]): boolean {
  const measures = (flow: readonly object[]) =>
    new Map(
      (flow as readonly Node_[])
        .filter(({ type }) => type === "face-match")
        .map((node) => [node.id, JSON.stringify(strictness.map((name) => node[name] ?? null))]),
    );
  const had = measures(before);
  return [...measures(after)].some(([id, now]) => had.get(id) !== now);
}

/**
 * A gate that wants a fresh sign-in of whoever changes how strictly faces are compared: with the account's password or
 * passkey moments ago, in the editor or on any page. A program's token is its maker's decision already, and a deploy that
 * two persons agreed to comes without a session.
 */
export const wantsFresh = <G extends Gate>(
  gate: G,
  {
    vault,
    whoIs,
  }: {
    vault(): Pick<VaultClient, "call">;
    whoIs(user: EditorUser | undefined): { auth: string; kind: "session" | "token" } | undefined;
  },
): G => ({
  ...gate,
  async admit(deploy: Deploy) {
    const who = whoIs(deploy.user);
    if (who?.kind === "session" && thresholdsChanged(deploy.before, deploy.flow)) {
      const { fresh } = await vault().call("session.fresh", { auth: who.auth });
      if (!fresh) {
        const told = sentence(languageOf(deploy.flow), "error.fresh-for-threshold");
        throw answerWith(403, "fresh-sign-in-needed", told);
      }
    }
    await gate.admit?.(deploy);
  },
});
