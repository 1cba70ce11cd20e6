import { emergencyReasons } from "../../../core/entry/emergency.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { DateTime, Id, Opaque } from "../../../vault/protocol/common.ts";
import { verbs } from "../../../vault/protocol/index.ts";
import { route } from "../route.ts";
import { byId, emptyAnswer, present } from "../shapes.ts";

const asked = {
  doors: Type.Array(Id, { minItems: 1, maxItems: 200, uniqueItems: true }),
  reason: OneOf(emergencyReasons),
  note: Type.String({ default: "", maxLength: 120, description: "nobody's name" }),
  end: DateTime,
  two: Type.Boolean({
    default: false,
    description: "two ways in one attempt, of people who have two without a face",
  }),
  no_visitors: Type.Boolean({ default: false, description: "visitors' passes rest; staff let visitors in" }),
};

/** Emergencies (RD-13): a reason, an end, and no field that could switch a way off. */
export const emergencies = [
  route({
    method: "post",
    path: "/emergencies",
    summary:
      "Ask more of everybody alike for a while. It ends by itself; cards, codes and passes of residents go on.",
    roles: verbs["emergency.declare"].roles!,
    body: Closed({ ...asked, start: Type.Optional(DateTime) }),
    answer: Closed({ id: Opaque }),
    status: 201,
    handle: ({ vault, auth, body: { no_visitors, ...body } }) =>
      vault.call("emergency.declare", { auth, ...body, noVisitors: no_visitors }),
  }),
  route({
    method: "get",
    path: "/emergencies",
    summary: "Emergencies that run or are to come.",
    roles: verbs["emergency.list"].roles!,
    atRest: true,
    answer: Closed({
      emergencies: Type.Array(
        Closed({ id: Opaque, ...asked, start: DateTime, running: Type.Boolean() }, { title: "Emergency" }),
      ),
      most_days: Type.Integer({ description: "how long one may last, by the policy pack" }),
    }),
    async handle({ vault, auth }) {
      const { emergencies: all, mostDays } = await vault.call("emergency.list", { auth });
      return {
        emergencies: all.map(({ noVisitors, ...rest }) => ({
          ...rest,
          ...present({ no_visitors: noVisitors }),
        })),
        most_days: mostDays,
      };
    },
  }),
  route({
    method: "delete",
    path: "/emergencies/{id}",
    summary: "End an emergency before its time.",
    roles: verbs["emergency.end"].roles!,
    params: byId,
    answer: emptyAnswer,
    handle: ({ vault, auth, params }) => vault.call("emergency.end", { auth, id: params.id }),
  }),
];
