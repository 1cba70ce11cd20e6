import { alarmKinds } from "../../../core/entry/alarms.ts";
import { attemptCodes } from "../../../core/entry/codes.ts";
import { LimenError } from "../../../core/errors.ts";
import { timeId } from "../../../core/ids.ts";
import { Closed, OneOf, Type } from "../../../core/schema.ts";
import { sentence } from "../../../core/words.ts";
import { DateTime, Id, type Role, TimeId } from "../../../vault/protocol/common.ts";
import { LookAsk, LookHint } from "../../../vault/protocol/entry.ts";
import { type Answer, verbs } from "../../../vault/protocol/index.ts";
import { offReasons } from "../../../vault/protocol/site.ts";
import { type Call, route } from "../route.ts";
import { byDoor, EmergencyAsked, emergenciesOut, emptyAnswer, present } from "../shapes.ts";

const Door = Closed(
  {
    id: Id,
    name: Type.String(),
    class: Type.String(),
    ways: Type.Array(Type.String()),
    state: OneOf(["closed", "open", "released", "unknown"]),
    locked: Type.Optional(Type.Boolean({ description: "nobody gets in until somebody lifts it" })),
    alarms: Type.Optional(
      Type.Array(Closed({ kind: OneOf(alarmKinds), since: DateTime }, { title: "Alarm" }), {
        description: "alarms that stand, most urgent first",
      }),
    ),
    marked: Type.Optional(Type.Boolean({ description: "only to those who are taught what it means" })),
    emergencies: Type.Optional(Type.Array(EmergencyAsked)),
    drill: Type.Optional(
      Closed(
        {
          at: Type.Optional(DateTime),
          due: Type.Boolean({ description: "never, too long ago, or it did not open" }),
        },
        { title: "ExitDrill", description: "when leaving by this door was last tried; only of a way out" },
      ),
    ),
  },
  { title: "Door" },
);

const FlowOff = Closed(
  {
    relays: Type.Boolean({ description: "no door opens by card, code, pass, phone, face or staff" }),
    faces: Type.Boolean({ description: "no face is compared, at one door or more" }),
    why: OneOf(offReasons),
    rules: Type.Array(
      Closed({ id: Type.String(), name: Type.String({ description: "in the request's language" }) }),
      { description: "what the running flow is refused by" },
    ),
  },
  { title: "FlowOff", description: "what the running flow may not do; absent: nothing" },
);

const DoorScreen = Closed(
  {
    id: Id,
    name: Type.String(),
    ways: Type.Array(Type.String()),
    face: Type.Boolean({ description: "whether a look could be answered now" }),
    simulated: Type.Boolean(),
    phone: Type.Optional(OneOf(["at-door", "anywhere"])),
    pad: Type.Optional(Type.Boolean({ description: "codes may be typed on this screen" })),
    out: Type.Optional(Type.Array(Type.String(), { description: "ways whose every reader is dead now" })),
    emergencies: Type.Optional(Type.Array(EmergencyAsked)),
  },
  { title: "DoorScreen" },
);

const Outcome = Closed(
  {
    attempt: TimeId,
    outcome: OneOf(["granted", "denied"]),
    code: OneOf(attemptCodes),
    sentence: Type.String({ description: "for the person at the door, in the request's language" }),
  },
  { title: "Outcome" },
);

/** Longer than a look with a challenge (7.5 s) and the checks after it; an attempt undecided by then opens nothing anyway. */
const patience = 9500;

/** Who may stand in for somebody at a door that is only drawn. */
const testers: readonly Role[] = ["manager", "technician", "desk", "guard"];

/**
 * Looks are for whoever stands at the door. At a simulated one staff may pretend to. Asked before a door's own limit is spent,
 * or strangers on the network could use up what the people standing there need.
 * @throws LimenError `not-at-door` (403)
 */
async function standsAtDoor({ vault, session, atDoor }: Call, door: string): Promise<Answer<"door.screen">> {
  const screen = await vault.call("door.screen", { door });
  const pretends = screen.simulated && session !== undefined && testers.includes(session.role);
  if (!pretends && !atDoor(door, screen.simulated)) throw new LimenError("not-at-door", { status: 403 });
  return screen;
}

/** The decided attempt as the person at the door may see it: no pseudonym, no score. */
async function outcomeOf({ acts, language }: Call, attempt: string) {
  const { id, outcome, code } = await acts.outcome(attempt, patience);
  if (outcome === "pending") throw new LimenError("outcome-late", { status: 504 });
  const why = code ?? (outcome === "granted" ? "granted" : "vault-away");
  return { attempt: id, outcome, code: why, sentence: sentence(language, `attempt.${why}`) };
}

export const doors = [
  route({
    method: "get",
    path: "/doors",
    summary: "Every door of the deployed flow.",
    roles: verbs["door.list"].roles!,
    atRest: true,
    answer: Closed({ doors: Type.Array(Door), off: Type.Optional(FlowOff) }),
    async handle({ vault, auth, language }) {
      const { doors, off } = await vault.call("door.list", { auth });
      const named = (id: string) => ({ id, name: sentence(language, `rule.${id}.name`) });
      return {
        ...(off && { off: { ...off, rules: off.rules.map(named) } }),
        doors: doors.map(({ emergencies, ...door }) => ({ ...door, ...emergenciesOut(emergencies) })),
      };
    },
  }),
  route({
    method: "get",
    path: "/doors/{id}",
    summary: "What anyone standing at this door can see of it.",
    roles: "public",
    params: byDoor,
    answer: DoorScreen,
    async handle({ vault, params }) {
      const { camera: _, emergencies, ...seen } = await vault.call("door.screen", { door: params.id });
      return { ...seen, ...emergenciesOut(emergencies) };
    },
  }),
  route({
    method: "post",
    path: "/doors/{id}/face-requests",
    summary: "The deliberate act: look now, decide, answer. From the door's screen or by staff.",
    roles: "public",
    params: byDoor,
    answer: Outcome,
    async handle(call) {
      await standsAtDoor(call, call.params.id);
      call.spend("face-request", call.params.id);
      return outcomeOf(call, await call.acts.act(call.params.id, "face", { kind: "screen", id: timeId() }));
    },
  }),
  route({
    method: "post",
    path: "/doors/{id}/help",
    summary: "Somebody at the door asks for the guard: shown on the door wall at once.",
    roles: "public",
    params: byDoor,
    answer: emptyAnswer,
    async handle(call) {
      await standsAtDoor(call, call.params.id);
      call.spend("help", call.params.id);
      await call.vault.call("event", { door: call.params.id, kind: "help-asked" });
      return {};
    },
  }),
  route({
    method: "post",
    path: "/doors/{id}/frames",
    summary: "One picture from the door's own screen. Taken only while a look is running there.",
    roles: "public",
    params: byDoor,
    upload: "jpeg",
    answer: Closed({
      wanted: Type.Boolean({ description: "whether the look still runs" }),
      ask: Type.Optional(LookAsk),
      hint: Type.Optional(LookHint),
    }),
    async handle(call) {
      const { camera } = await standsAtDoor(call, call.params.id);
      call.spend("frames", call.params.id);
      if (camera === undefined) throw new LimenError("no-screen-camera", { status: 409 });
      return call.vault.call("frame", { camera }, call.frames);
    },
  }),
  route({
    method: "post",
    path: "/doors/{id}/pin-entries",
    summary:
      "A whole code typed on the door's own screen. Wrong ones lock the screen and the door for longer and longer.",
    roles: "public",
    params: byDoor,
    body: Closed({ digits: Type.String({ pattern: "^[0-9]{3,12}$" }) }),
    answer: Outcome,
    async handle(call) {
      await standsAtDoor(call, call.params.id);
      call.spend("pad", call.params.id);
      return outcomeOf(call, await call.acts.act(call.params.id, "pin", { digits: call.body.digits }));
    },
  }),
  route({
    method: "get",
    path: "/doors/{id}/presence",
    summary: "The short code this door's own screen shows, by which a phone proves that it is there.",
    roles: "public",
    params: byDoor,
    answer: Closed(
      {
        code: Type.String({ pattern: "^[0-9]{6}$" }),
        seconds: Type.Integer({ description: "how long it stays" }),
      },
      { title: "Presence" },
    ),
    async handle(call) {
      await standsAtDoor(call, call.params.id);
      return call.vault.call("door.presence", { door: call.params.id });
    },
  }),
  route({
    method: "post",
    path: "/doors/{id}/anti-passback-resets",
    summary: "Forget who came into this door's zone, so that nobody is refused for having come in before.",
    roles: verbs["passback.reset"].roles!,
    params: byDoor,
    answer: emptyAnswer,
    handle: ({ vault, auth, params }) => vault.call("passback.reset", { auth, door: params.id }),
  }),
  route({
    method: "post",
    path: "/doors/{id}/fire-resets",
    summary:
      "End a door's fire release, with a reason, on the record. Refused (409) while the fire input still says fire.",
    roles: verbs["fire.reset"].roles!,
    params: byDoor,
    body: Closed({ reason: OneOf(["over", "false-alarm", "drill", "repaired"]) }),
    answer: emptyAnswer,
    async handle({ acts, auth, body, params }) {
      try {
        await acts.act(params.id, "fire-reset", { auth, reason: body.reason });
      } catch (error) {
        if (error instanceof LimenError && error.code === "no-such-way")
          throw new LimenError("no-fire-watch", { status: 404 });
        throw error;
      }
      return {};
    },
  }),
  route({
    method: "post",
    path: "/doors/{id}/exit-drills",
    summary: "Record an exit drill: whether this door let somebody out without a credential and without us.",
    roles: verbs["door.drill"].roles!,
    params: byDoor,
    body: Closed({ opened: Type.Boolean() }),
    answer: emptyAnswer,
    handle: ({ vault, auth, body, params }) =>
      vault.call("door.drill", { auth, door: params.id, opened: body.opened }),
  }),
  route({
    method: "get",
    path: "/me/doors",
    summary: "One's own doors, and which of them one's own page opens.",
    roles: verbs["own.doors"].roles!,
    answer: Closed({
      doors: Type.Array(
        Closed(
          { id: Id, name: Type.String(), phone: Type.Optional(OneOf(["at-door", "anywhere"])) },
          { title: "OwnDoor" },
        ),
      ),
    }),
    handle: ({ vault, auth }) => vault.call("own.doors", { auth }),
  }),
  route({
    method: "post",
    path: "/me/doors/{id}/open",
    summary:
      "Open one of one's own doors from one's own page: a deliberate press, on record like any other way in.",
    roles: verbs["own.doors"].roles!,
    params: byDoor,
    body: Closed({
      confirm: Type.Literal(true, { description: "somebody was asked, and pressed" }),
      code: Type.Optional(
        Type.String({
          pattern: "^[0-9]{6}$",
          description: "what the door's screen shows, where the door asks for it",
        }),
      ),
    }),
    answer: Outcome,
    async handle(call) {
      const { auth, body, params, session } = call;
      call.spend("phone-open", session!.person ?? session!.name);
      return outcomeOf(
        call,
        await call.acts.act(params.id, "phone", { auth, ...present({ code: body.code }) }),
      );
    },
  }),
  route({
    method: "post",
    path: "/doors/{id}/screen",
    summary: "Make this browser the door's own screen: a tablet on its wall. Only there may a face be used.",
    roles: ["manager", "technician"],
    params: byDoor,
    answer: emptyAnswer,
    async handle({ vault, params, pair }) {
      await vault.call("door.screen", { door: params.id });
      pair(params.id);
      return {};
    },
  }),
  route({
    method: "post",
    path: "/doors/{id}/open",
    summary: "Assisted opening by staff, with a reason, on the record.",
    roles: verbs.assist.roles!,
    params: byDoor,
    body: Closed({ reason: OneOf(["visitor", "courier", "resident-forgot", "emergency", "other"]) }),
    answer: Outcome,
    async handle(call) {
      const { reason } = call.body;
      return outcomeOf(call, await call.acts.act(call.params.id, "assist", { auth: call.auth, reason }));
    },
  }),
];
