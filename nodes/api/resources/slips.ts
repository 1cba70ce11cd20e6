import { Closed, Type } from "../../../core/schema.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer } from "../shapes.ts";

const lost = verbs["card.lost"].request.properties;

/** A lost card blocked unseen, and what was blocked by a slip. */
export const slips = [
  route({
    method: "post",
    path: "/lost-cards",
    summary:
      "Block somebody's lost card by what they say of themselves. Nothing of them is in the answer; every try is on record.",
    roles: verbs["card.lost"].roles!,
    body: Closed({
      name: lost.name,
      flat: lost.flat,
      tail: Type.Optional({
        ...lost.tail,
        description: "the number's last four, where there are several cards",
      }),
    }),
    answer: emptyAnswer,
    handle(call) {
      call.spend("lost-card", call.auth);
      return call.vault.call("card.lost", { auth: call.auth, ...call.body });
    },
  }),
  ...(["credential", "code", "pass"] as const).map((kind) =>
    route({
      method: "post",
      path: `/${kind === "pass" ? "passe" : kind}s/{id}/undo`,
      summary: "Take back, within a minute and by the same account, that it was blocked. On record.",
      roles: verbs[`${kind}.undo`].roles!,
      params: byId,
      answer: emptyAnswer,
      handle: ({ vault, auth, params }) => vault.call(`${kind}.undo`, { auth, id: params.id }),
    }),
  ),
];
