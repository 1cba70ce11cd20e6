import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, DateTime, Id, Opaque, verb } from "./common.ts";

const Language = OneOf(["zh-CN", "zh-TW", "en-US"]);

export const consentStates = ["given", "refused", "withdrawn", "suspended", "expired", "terminated"] as const;

export const Notice = Closed({
  id: Type.String({ description: "door-entry/face/<version>/<hash>" }),
  version: Type.String({ description: "major.minor: a new major suspends older consents (RD-21)" }),
  hash: Type.String({ pattern: "^[0-9a-f]{64}$" }),
  language: Language,
  text: Type.String(),
  doors: Type.Array(Id),
});

export const Consent = Closed({
  id: Opaque,
  person: Opaque,
  purpose: OneOf(["door-entry"]),
  method: OneOf(["face"]),
  doors: Type.Array(Id),
  notice: Type.String(),
  language: Language,
  givenBy: OneOf(["self", "guardian"]),
  relation: Type.Optional(OneOf(["parent", "legal-guardian"])),
  channel: OneOf(["desk", "resident-page", "paper"]),
  state: OneOf(consentStates),
  since: DateTime,
});

export const Erasure = Closed({
  id: Opaque,
  state: OneOf(["running", "waiting", "done"]),
  /** Each copy, and when it was gone; `waiting` says which step is being retried and why. */
  steps: Type.Array(
    Closed({ step: Type.String(), at: Type.Optional(DateTime), problem: Type.Optional(Type.String()) }),
  ),
  receipt: Type.Optional(Type.String({ description: "signed receipt, JSON text; only when done" })),
});

const staff = ["manager", "desk", "privacy-officer"] as const;

export const consentVerbs = {
  /** Public: what somebody would agree to, in their language. */
  "notice.current": verb(
    Closed({ method: OneOf(["face"]), door: Type.Optional(Id), language: Language }),
    Notice,
  ),
  "consent.give": verb(
    Closed({
      auth: Auth,
      person: Opaque,
      purpose: OneOf(["door-entry"]),
      method: OneOf(["face"]),
      doors: Type.Array(Id, { minItems: 1, uniqueItems: true }),
      notice: Type.String({ maxLength: 200 }),
      language: Type.Optional(Language),
      givenBy: OneOf(["self", "guardian"]),
      guardian: Type.Optional(Opaque),
      relation: Type.Optional(OneOf(["parent", "legal-guardian"])),
      channel: OneOf(["desk", "resident-page", "paper"]),
    }),
    Closed({ consent: Consent, receipt: Type.String({ description: "signed receipt, JSON text" }) }),
    [...staff, "resident"],
  ),
  "consent.refuse": verb(
    Closed({
      auth: Auth,
      person: Opaque,
      method: OneOf(["face"]),
      channel: OneOf(["desk", "resident-page", "paper"]),
    }),
    Consent,
    [...staff, "resident"],
  ),
  "consent.list": verb(Closed({ auth: Auth, person: Opaque }), Closed({ consents: Type.Array(Consent) }), [
    ...staff,
    "resident",
  ]),
  /** From here on the face cannot match; the erasure it starts is the receipt's subject. */
  "consent.withdraw": verb(
    Closed({ auth: Auth, id: Opaque }),
    Closed({ consent: Consent, erasure: Type.Optional(Opaque) }),
    [...staff, "resident"],
  ),

  /** 1 to 10 JPEG or PNG frames ride beside the message; none is kept, also on failure (RD-30). */
  "face.enrol": verb(
    Closed({ auth: Auth, person: Opaque }),
    Closed({
      template: Opaque,
      quality: Type.Number(),
      frames: Type.Integer(),
      used: Type.Integer(),
      /** Somebody else's face is close: staff are told that a second way is needed here, never who. */
      needsSecondMethod: Type.Boolean(),
    }),
    ["manager", "desk", "resident"],
  ),
  "face.remove": verb(Closed({ auth: Auth, person: Opaque }), Closed({ erasure: Opaque }), [
    ...staff,
    "resident",
  ]),

  /** Erases the whole person: face, names, credentials, keys. */
  "erasure.start": verb(Closed({ auth: Auth, person: Opaque }), Closed({ id: Opaque }), [
    "manager",
    "privacy-officer",
    "resident",
  ]),
  "erasure.read": verb(Closed({ auth: Auth, id: Opaque }), Erasure, [...staff, "resident", "auditor"]),

  "retention.preview": verb(
    Closed({ class: OneOf(["entry-events"]), days: Type.Integer({ minimum: 1, maximum: 3650 }) }),
    Closed({ entries: Type.Integer(), days: Type.Integer(), oldest: Type.Optional(Type.String()) }),
  ),
  /** Destroys the keys of every day that is over, then records counts. */
  "retention.run": verb(
    Closed({ class: OneOf(["entry-events"]), days: Type.Integer({ minimum: 1, maximum: 3650 }) }),
    Closed({ entries: Type.Integer(), days: Type.Integer(), certificate: Type.Optional(Type.String()) }),
  ),
} as const;
