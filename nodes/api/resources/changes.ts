import { LimenError } from "../../../core/errors.ts";
import { sayDiff } from "../../../core/policy/changes/say.ts";
import { FlowDiff } from "../../../core/policy/changes/schema.ts";
import { Closed, OneOf, type Static, Type } from "../../../core/schema.ts";
import { type Change, changeKinds, changeWays } from "../../../vault/protocol/changes.ts";
import { DateTime, Day } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { changeDesk } from "../../lib/change-desk.ts";
import { route } from "../route.ts";
import { emptyAnswer } from "../shapes.ts";

/** Ids are leaves of the log; as text in a path. */
const byLeaf = Closed({ id: Type.String({ pattern: "^[0-9]{1,15}$" }) });
const Leaf = Type.Integer({ description: "leaf of the log" });

const ChangeOut = Closed(
  {
    id: Leaf,
    day: Day,
    at: Type.Optional(DateTime),
    kind: OneOf(changeKinds),
    how: Type.Optional(OneOf(changeWays)),
    by: Type.Optional(Type.String({ description: "name of the account or token" })),
    role: Type.Optional(Type.String()),
    second: Type.Optional(Type.String({ description: "who agreed" })),
    before: Type.Optional(Type.String({ description: "hash of the flow until then" })),
    after: Type.Optional(Type.String({ description: "hash of the flow from then on" })),
    rules: Type.Array(Type.String(), { description: "rules it was refused by" }),
    reason: Type.Optional(Type.String()),
    of: Type.Optional(Leaf),
  },
  { title: "Change" },
);
ChangeOut satisfies typeof Change;

const Said = Closed(
  {
    summary: Type.Array(
      Type.String({ description: "what it means for the doors, in the request's language" }),
    ),
    nodes: Type.Array(
      Closed({
        id: Type.String(),
        change: OneOf(["added", "removed", "changed"]),
        title: Type.String(),
        lines: Type.Array(Type.String()),
      }),
    ),
  },
  { title: "SaidChange" },
);

const idOf = ({ id }: Static<typeof byLeaf>): number => Number(id);

/** Every deploy and policy change, and the deploys that wait for a second person (RD-50). */
export const changes = [
  route({
    method: "get",
    path: "/changes",
    summary: "Deploys and policy changes, newest first, and the deploys that wait for a second person.",
    roles: verbs["change.list"].roles!,
    query: Closed({
      limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }),
      before: Type.Optional(Type.Integer({ minimum: 0, description: "go on from this leaf" })),
    }),
    answer: Closed({
      waiting: Type.Array(
        Closed(
          {
            id: Leaf,
            by: Type.String(),
            role: Type.String(),
            since: DateTime,
            expires: DateTime,
            before: Type.String(),
            after: Type.String(),
            mine: Type.Boolean({ description: "brought by whoever asks: somebody else has to agree" }),
          },
          { title: "WaitingChange" },
        ),
      ),
      changes: Type.Array(ChangeOut),
    }),
    handle: ({ vault, auth, query }) => vault.call("change.list", { auth, ...query }),
  }),
  route({
    method: "get",
    path: "/changes/{id}",
    summary: "One change with its difference, also in words.",
    roles: verbs["change.read"].roles!,
    params: byLeaf,
    answer: Closed({
      ...ChangeOut.properties,
      diff: Type.Optional(FlowDiff),
      said: Type.Optional(Said),
    }),
    async handle({ vault, auth, params, language }) {
      const change = await vault.call("change.read", { auth, id: idOf(params) });
      return change.diff ? { ...change, said: sayDiff(change.diff, language) } : change;
    },
  }),
  route({
    method: "post",
    path: "/changes/{id}/approve",
    summary: "Agree to a deploy that waits: it is deployed as it was staged. Never by whoever brought it.",
    roles: verbs["change.approve"].roles!,
    params: byLeaf,
    answer: emptyAnswer,
    async handle({ auth, params }) {
      await changeDesk().approve(idOf(params), auth).catch(asProblem);
      return {};
    },
  }),
  route({
    method: "post",
    path: "/changes/{id}/reject",
    summary: "Turn down a deploy that waits, or take one's own back.",
    roles: verbs["change.reject"].roles!,
    params: byLeaf,
    answer: emptyAnswer,
    async handle({ auth, params }) {
      await changeDesk().reject(idOf(params), auth).catch(asProblem);
      return {};
    },
  }),
];

/** What the gate or the runtime refused an agreed deploy with. */
function asProblem(error: unknown): never {
  if (error instanceof LimenError) throw error;
  const { code, status } = error as { code?: string; status?: number };
  if (code === "flow-unlawful") throw new LimenError(code, { status: 422 });
  if (status === 409) throw new LimenError("change-stale", { status: 409 });
  throw error;
}
