import { alarmKinds } from "../../core/entry/alarms.ts";
import { EntryAttempt } from "../../core/entry/attempt.ts";
import { CredentialHours } from "../../core/people/hours.ts";
import { residenceProofs } from "../../core/people/types.ts";
import { Closed, OneOf, type TSchema, Type } from "../../core/schema.ts";
import {
  Assurance,
  Auth,
  atRest,
  DateTime,
  Day,
  Empty,
  Id,
  Looked,
  Opaque,
  purposes,
  roles,
  verb,
} from "./common.ts";
import { consentStates } from "./consents.ts";
import { EmergencyAsked } from "./emergencies.ts";
import { Off } from "./site.ts";

const Language = OneOf(["zh-CN", "zh-TW", "en-US"]);
/** A paper that was looked at and handed back (RD-40). */
export const ProofSeen = Closed({
  by: Type.String({ description: "the staff account that looked" }),
  on: Day,
  kind: OneOf(residenceProofs),
});
const desk = ["manager", "desk"] as const;

export const Credential = Closed({
  id: Opaque,
  kind: OneOf(["card", "pin", "pass"]),
  assurance: Assurance,
  /** The last digits as printed, to tell two cards apart at the desk. */
  tail: Type.Optional(Type.String()),
  doors: Type.Optional(Type.Array(Id)),
  validUntil: Type.Optional(DateTime),
  schedule: Type.Optional(CredentialHours),
  /** A code that has a duress code beside it: so that the desk can take it away. */
  duress: Type.Optional(Type.Boolean()),
  state: OneOf(["active", "blocked", "expired"]),
});

export const Person = Closed({
  id: Opaque,
  name: Type.String({ minLength: 1, maxLength: 80 }),
  birthDate: Type.Optional(Day),
  flat: Type.Optional(Type.String({ maxLength: 40 })),
  languages: Type.Optional(Type.Array(Language)),
  doors: Type.Optional(Type.Array(Id)),
  moreTime: Type.Optional(Type.Boolean()),
  opens: Type.Optional(Type.Array(Id)),
  proof: Type.Optional(ProofSeen),
  state: OneOf(["resident", "left"]),
  /** Says only that there is one (RD-47: no role can view a template). */
  template: Type.Boolean(),
  /** Doors where the face opens only together with a second way, since somebody else's is too alike; absent: none. */
  secondMethod: Type.Optional(Type.Array(Id)),
  credentials: Type.Array(Credential),
});

const PersonFields = {
  name: Type.String({ minLength: 1, maxLength: 80 }),
  birthDate: Type.Optional(Day),
  flat: Type.Optional(Type.String({ maxLength: 40 })),
  languages: Type.Optional(Type.Array(Language, { uniqueItems: true })),
  doors: Type.Optional(Type.Array(Id, { uniqueItems: true })),
  /** Doors stay open longer for them. No reason is asked, and none is kept. */
  moreTime: Type.Optional(Type.Boolean()),
  /** Doors whose day begins when they have come in (first person in). */
  opens: Type.Optional(Type.Array(Id, { uniqueItems: true })),
  /** What kind of proof of residence was seen; who saw it, and on which day, is what the vault knows. */
  proof: Type.Optional(OneOf(residenceProofs)),
};

/** Null takes away what a person need not have; absent leaves it. */
const orNone = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const PersonChanges = {
  ...PersonFields,
  name: Type.Optional(PersonFields.name),
  birthDate: orNone(Day),
  flat: orNone(Type.String({ maxLength: 40 })),
  languages: orNone(Type.Array(Language, { uniqueItems: true })),
  proof: orNone(OneOf(residenceProofs)),
};

export const peopleVerbs = {
  /** `expires`: if nobody uses it; `until`: whatever is done. */
  "session.open": verb(
    Closed({
      name: Type.String({ maxLength: 80 }),
      password: Type.String({ maxLength: 256 }),
      address: Type.String(),
    }),
    Closed({ auth: Auth, role: OneOf(roles), name: Type.String(), expires: DateTime, until: DateTime }),
  ),
  /** Who a session or bearer token is; an unknown or expired one is an error `not-signed-in`. */
  "session.check": verb(
    Closed({
      auth: Auth,
      /** Whether somebody uses it, which keeps it from resting; absent: yes. */
      touch: Type.Optional(Type.Boolean()),
    }),
    Closed({
      role: OneOf(roles),
      name: Type.String(),
      expires: DateTime,
      kind: OneOf(["session", "token"]),
      /** The person behind a resident's session. */
      person: Type.Optional(Opaque),
      /** A password or passkey was given moments ago: what wants a fresh sign-in may be done. */
      fresh: Type.Optional(Type.Boolean()),
      /** Nobody used it for a while: it shows doors and nothing else until somebody proves who they are. */
      resting: Type.Optional(Type.Literal(true)),
    }),
  ),
  "session.close": verb(Closed({ auth: Auth }), Empty),
  "staff.add": verb(
    Closed({
      auth: Auth,
      name: Type.String({ minLength: 1, maxLength: 40 }),
      role: OneOf(roles),
      password: Type.String({ minLength: 12, maxLength: 256 }),
    }),
    Closed({ id: Opaque }),
    ["manager"],
    ["manager"],
  ),
  "staff.password": verb(
    Closed({
      auth: Auth,
      current: Type.String({ maxLength: 256 }),
      password: Type.String({ minLength: 12, maxLength: 256 }),
    }),
    Empty,
    roles,
  ),
  "token.create": verb(
    Closed({
      auth: Auth,
      role: OneOf(roles),
      label: Type.String({ maxLength: 60 }),
      days: Type.Integer({ default: 365, minimum: 1, maximum: 730 }),
    }),
    Closed({ id: Opaque, token: Auth, expires: DateTime }),
    ["manager"],
    ["manager"],
  ),
  /** What each is for, and who made it; never the token. */
  "token.list": verb(
    Closed({ auth: Auth }),
    Closed({
      tokens: Type.Array(
        Closed({
          id: Opaque,
          label: Type.String(),
          role: OneOf(roles),
          since: DateTime,
          expires: DateTime,
          /** The account that made it; absent: the operator of the box. */
          by: Type.Optional(Type.String()),
        }),
      ),
    }),
    ["manager"],
  ),
  "token.revoke": verb(Closed({ auth: Auth, id: Opaque }), Empty, ["manager"]),

  "person.create": verb(Closed({ auth: Auth, ...PersonFields }), Closed({ id: Opaque }), desk),
  /** A look-up: its leaf is durable before the answer is given (RD-48). */
  "person.read": verb(Closed({ auth: Auth, id: Opaque, purpose: OneOf(purposes) }), Person, [
    ...desk,
    "privacy-officer",
  ]),
  "person.list": verb(
    Closed({
      auth: Auth,
      purpose: OneOf(purposes),
      search: Type.Optional(Type.String({ maxLength: 80 })),
      limit: Type.Integer({ default: 50, maximum: 200 }),
    }),
    Closed({
      people: Type.Array(
        Closed({
          id: Opaque,
          name: Type.String(),
          flat: Type.Optional(Type.String()),
          state: OneOf(["resident", "left"]),
        }),
      ),
    }),
    [...desk, "privacy-officer"],
  ),
  "person.update": verb(Closed({ auth: Auth, id: Opaque, ...PersonChanges }), Empty, [
    ...desk,
    "privacy-officer",
  ]),
  /** Ends residency: credentials end, consents are terminated, the face is erased (RD-25). */
  "person.leave": verb(
    Closed({ auth: Auth, id: Opaque }),
    Closed({ erasure: Type.Optional(Opaque) }),
    desk,
    desk,
  ),

  "credential.issue": verb(
    Closed({
      auth: Auth,
      person: Opaque,
      kind: OneOf(["card", "pin"]),
      notation: Type.Optional(Type.String({ maxLength: 16 })),
      number: Type.Optional(Type.String({ maxLength: 40 })),
      doors: Type.Optional(Type.Array(Id, { uniqueItems: true })),
      validUntil: Type.Optional(DateTime),
      schedule: Type.Optional(CredentialHours),
    }),
    Closed({ id: Opaque, assurance: Assurance, pin: Type.Optional(Type.String()) }),
    desk,
  ),
  /** Hours of one card or code; none: whenever its doors open. */
  "credential.hours": verb(
    Closed({ auth: Auth, id: Opaque, schedule: Type.Optional(CredentialHours) }),
    Empty,
    desk,
  ),
  "credential.block": verb(
    Closed({ auth: Auth, id: Opaque, reason: OneOf(["lost", "stolen", "returned", "broken", "replaced"]) }),
    Empty,
    [...desk, "guard"],
  ),

  /** A pass for somebody who comes, or for one's own phone. Text and code are in the answer for the only time. */
  "pass.issue": verb(
    Closed({
      auth: Auth,
      person: Opaque,
      kind: OneOf(["visitor", "phone"]),
      from: DateTime,
      until: DateTime,
      uses: Type.Integer({ default: 1, minimum: 0, maximum: 255 }),
      window: Type.Integer({
        default: 0,
        minimum: 0,
        maximum: 1440,
        description: "minutes after the first use",
      }),
      doors: Type.Array(Id, { default: [], maxItems: 8, uniqueItems: true }),
    }),
    Closed({ id: Opaque, text: Type.String(), code: Type.String() }),
    [...desk, "resident"],
  ),
  "pass.list": verb(
    Looked,
    Closed({
      passes: Type.Array(
        Closed({
          id: Opaque,
          kind: OneOf(["visitor", "phone"]),
          doors: Type.Array(Id),
          from: DateTime,
          until: DateTime,
          uses: Type.Integer(),
          used: Type.Integer(),
          state: OneOf(["active", "blocked", "expired", "used-up"]),
        }),
      ),
    }),
    [...desk, "resident"],
  ),
  "pass.revoke": verb(Closed({ auth: Auth, id: Opaque }), Empty, [...desk, "guard", "resident"]),

  /**
   * A resident's way to their own page: one use, one day, as a link or QR code from the desk. Whoever uses it acts as that
   * resident, so making one wants a fresh sign-in, and making and using it are on the resident's own page.
   */
  "resident.invite": verb(
    Closed({ auth: Auth, person: Opaque }),
    Closed({ invitation: Type.String(), expires: DateTime }),
    desk,
    desk,
  ),
  "session.accept": verb(
    Closed({ invitation: Type.String({ maxLength: 100 }), address: Type.String() }),
    Closed({ auth: Auth, person: Opaque, expires: DateTime, until: DateTime }),
  ),

  /**
   * Shows what staff do not have, a door code or the number on a card: then a page that was reached by a link of theirs shows
   * entries at doors from before as well (RD-46).
   */
  "session.confirm": verb(
    Closed({
      auth: Auth,
      code: Type.Optional(Type.String({ pattern: "^[0-9]{4,10}$" })),
      notation: Type.Optional(Type.String({ maxLength: 16 })),
      number: Type.Optional(Type.String({ maxLength: 40 })),
    }),
    Empty,
    ["resident"],
  ),

  /** What one's own page shows of what is held; the copy with proofs is `person.export`. */
  "own.overview": verb(
    Closed({ auth: Auth }),
    Closed({
      person: Closed({
        name: Type.String(),
        flat: Type.Optional(Type.String()),
        birthDate: Type.Optional(Day),
        languages: Type.Optional(Type.Array(Language)),
        proof: Type.Optional(ProofSeen),
      }),
      credentials: Type.Array(
        Closed({
          kind: Credential.properties.kind,
          tail: Type.Optional(Type.String()),
          validUntil: Type.Optional(DateTime),
          state: Credential.properties.state,
        }),
      ),
      face: Type.Boolean({ description: "whether a template exists" }),
      consents: Type.Array(
        Closed({ id: Opaque, state: OneOf(consentStates), since: DateTime, doors: Type.Array(Id) }),
      ),
    }),
    ["resident"],
  ),

  /** One's own record: entries (why was I refused), look-ups (who looked), changes; only ever of the session's person. */
  "own.entries": verb(
    Closed({
      auth: Auth,
      kind: OneOf(["decision", "look-up", "consent", "configuration"]),
      limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }),
    }),
    Closed({
      entries: Type.Array(
        Closed({
          index: Type.Integer(),
          day: Day,
          at: Type.Optional(DateTime),
          door: Type.Optional(Type.String()),
          method: Type.Optional(Type.String()),
          outcome: Type.Optional(Type.String()),
          code: Type.Optional(Type.String()),
          name: Type.Optional(Type.String()),
          role: Type.Optional(Type.String()),
          purpose: Type.Optional(Type.String()),
          what: Type.Optional(Type.String()),
        }),
      ),
      /** Entries at doors only from then on: this page was reached by a link that staff made. */
      from: Type.Optional(DateTime),
    }),
    ["resident"],
  ),

  /** No entry at these doors until lifted, whatever the method. The way out and fire release are never touched. */
  "lockdown.set": verb(
    Closed({
      auth: Auth,
      doors: Type.Array(Id, { minItems: 1, uniqueItems: true }),
      on: Type.Boolean(),
      reason: OneOf(["threat", "police", "works", "drill", "over"]),
    }),
    Closed({ locked: Type.Array(Id) }),
    ["manager", "guard"],
  ),

  /**
   * Somebody has looked and ends a door's fire release: recorded with who and why before the door is let shut. Asked by the
   * node that watches the fire input, and only while that input is quiet.
   */
  "fire.reset": verb(
    Closed({ auth: Auth, door: Id, reason: OneOf(["over", "false-alarm", "drill", "repaired"]) }),
    Empty,
    ["manager", "guard"],
  ),

  /**
   * An exit drill (RD-11): somebody left by this door without a credential and without us, or could not. Recorded with who.
   */
  "door.drill": verb(Closed({ auth: Auth, door: Id, opened: Type.Boolean() }), Empty, [
    "manager",
    "guard",
    "technician",
  ]),

  "door.list": atRest(
    verb(
      Closed({ auth: Auth }),
      Closed({
        doors: Type.Array(
          Closed({
            id: Id,
            name: Type.String(),
            class: Type.String(),
            ways: Type.Array(Type.String()),
            state: OneOf(["closed", "open", "released", "unknown"]),
            /** Nobody gets in until somebody lifts it; absent: not locked down. */
            locked: Type.Optional(Type.Boolean()),
            /** Alarms that stand, most urgent first; absent: none. */
            alarms: Type.Optional(Type.Array(Closed({ kind: OneOf(alarmKinds), since: DateTime }))),
            /** A code was typed under threat here in the last half hour: only to those who act on it. */
            marked: Type.Optional(Type.Boolean()),
            /** What emergencies ask of everybody here now. */
            emergencies: Type.Optional(Type.Array(EmergencyAsked)),
            /** Of a way out: when it was last tried, and whether that is to be done again. */
            drill: Type.Optional(Closed({ at: Type.Optional(DateTime), due: Type.Boolean() })),
          }),
        ),
        /** What of the whole flow is off; absent: nothing. */
        off: Type.Optional(Off),
      }),
      ["manager", "desk", "guard", "technician", "auditor", "privacy-officer"],
    ),
  ),
  /** Public: what anyone standing at this door can see of it. `face`: armed, and its camera not known to be dead. */
  "door.screen": verb(
    Closed({ door: Id }),
    Closed({
      id: Id,
      name: Type.String(),
      ways: Type.Array(Type.String()),
      face: Type.Boolean(),
      simulated: Type.Boolean(),
      /** The camera whose frames the door's own screen pushes, where it has one. */
      camera: Type.Optional(Id),
      /** How a resident's own page opens it, where it does. */
      phone: Type.Optional(OneOf(["at-door", "anywhere"])),
      /** Codes may be typed on the door's own screen. */
      pad: Type.Optional(Type.Boolean()),
      /** Ways whose every reader is dead now. */
      out: Type.Optional(Type.Array(Type.String())),
      emergencies: Type.Optional(Type.Array(EmergencyAsked)),
    }),
  ),
  /** Assisted entry: makes an attempt of method `guard`; never counts as a door's way in (RD-01). */
  assist: verb(
    Closed({
      auth: Auth,
      door: Id,
      reason: OneOf(["visitor", "courier", "resident-forgot", "emergency", "other"]),
    }),
    EntryAttempt,
    ["manager", "desk", "guard"],
  ),
  /**
   * A technician tries a door: an assisted entry with the reason `test`. It goes through the flow's rules, record and ticket
   * like any other.
   */
  "door.test": verb(Closed({ auth: Auth, door: Id }), EntryAttempt, ["manager", "technician"]),
  /** Door events by pseudonym-free fields: what, when, how; never who (RD-46). */
  "event.list": atRest(
    verb(
      Closed({
        auth: Auth,
        door: Type.Optional(Id),
        since: Type.Optional(DateTime),
        limit: Type.Integer({ default: 100, maximum: 500 }),
      }),
      Closed({
        events: Type.Array(
          Closed({
            index: Type.Integer(),
            at: DateTime,
            door: Id,
            kind: Type.String(),
            method: Type.Optional(Type.String()),
            outcome: Type.Optional(Type.String()),
            code: Type.Optional(Type.String()),
          }),
        ),
      }),
      ["manager", "desk", "guard", "auditor", "technician"],
    ),
  ),
} as const;
