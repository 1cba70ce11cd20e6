import { Papers } from "../../core/policy/papers/schema.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, DateTime, Day, Empty, Id, Looked, Opaque, verb } from "./common.ts";
import { LookHint } from "./entry.ts";

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

/** Kinds of data with a clock of their own (RD-43). */
export const DataClass = OneOf([
  "entry-events",
  "security-log",
  "look-ups",
  "passes",
  "credentials",
  "consents",
  "assessment",
  "requests",
]);

const staff = ["manager", "desk", "privacy-officer"] as const;

export const consentVerbs = {
  /** Public: what somebody would agree to, in their language. */
  "notice.current": verb(
    Closed({ method: OneOf(["face"]), door: Type.Optional(Id), language: Language }),
    Notice,
  ),
  /** Public: every notice in force, the one of most doors first. */
  "notice.list": verb(
    Closed({ method: OneOf(["face"]), language: Language }),
    Closed({ notices: Type.Array(Notice) }),
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
  "consent.list": verb(
    Looked,
    Closed({
      consents: Type.Array(Consent),
      /** Nobody asks them before (RD-22); absent: they may be asked. They themselves may start any time. */
      askFrom: Type.Optional(DateTime),
    }),
    [...staff, "resident"],
  ),
  /** From here on the face cannot match; the erasure it starts is the receipt's subject. */
  "consent.withdraw": verb(
    Closed({ auth: Auth, id: Opaque }),
    Closed({ consent: Consent, erasure: Type.Optional(Opaque) }),
    [...staff, "resident"],
  ),
  /** Everything somebody gave, unseen: for a child's guardian at the desk, who waits for nobody's approval. */
  "consent.withdraw-all": verb(
    Closed({ auth: Auth, person: Opaque }),
    Closed({ withdrawn: Type.Integer(), erasure: Type.Optional(Opaque) }),
    [...staff, "resident"],
  ),

  /**
   * 1 to 10 JPEG or PNG frames ride beside the message, or the vault takes them itself from a camera of a door this
   * person consented for; none is kept, also on failure (RD-30).
   */
  "face.enrol": verb(
    Closed({ auth: Auth, person: Opaque, camera: Type.Optional(Id) }),
    Closed({
      template: Opaque,
      quality: Type.Number(),
      frames: Type.Integer(),
      used: Type.Integer(),
      /** Somebody else's face is close: staff are told that a second way is needed here, never who. */
      needsSecondMethod: Type.Boolean(),
    }),
    ["manager", "desk", "resident"],
    ["manager", "desk", "resident"],
  ),
  /**
   * What is wrong with one picture of whoever is about to be enrolled, while it can be mended: size, place, light, nothing of
   * who it is. It is described by no vector, compared with nobody, and kept nowhere.
   */
  "face.framing": verb(Closed({ auth: Auth, person: Opaque }), Closed({ hint: Type.Optional(LookHint) }), [
    "manager",
    "desk",
    "resident",
  ]),
  /** For the operator of the box: a new secret rotation for every template. Refused while somebody is being enrolled. */
  "faces.renew": verb(
    Closed({ auth: Auth }),
    Closed({ epoch: Type.Integer(), templates: Type.Integer() }),
    [],
  ),
  "face.remove": verb(Closed({ auth: Auth, person: Opaque }), Closed({ erasure: Opaque }), [
    ...staff,
    "resident",
  ]),

  /** Erases the whole person: face, names, credentials, keys. */
  "erasure.start": verb(
    Closed({ auth: Auth, person: Opaque }),
    Closed({ id: Opaque }),
    ["manager", "privacy-officer", "resident"],
    ["manager", "privacy-officer", "resident"],
  ),
  "erasure.read": verb(Closed({ auth: Auth, id: Opaque }), Erasure, [...staff, "resident", "auditor"]),
  /**
   * The same for somebody who is nobody here any more: whoever was told an erasure's id (80 random bits) may see that it
   * ended, and take its receipt. It says nothing about anybody.
   */
  "erasure.receipt": verb(Closed({ id: Opaque }), Erasure),

  "erasure.list": verb(Looked, Closed({ erasures: Type.Array(Erasure) }), [...staff, "resident", "auditor"]),
  /**
   * Everything held about one person, with proofs: JSON text (RD-52). For staff a look-up like any other, and without
   * entries at doors but those of an approved `case` (RD-46).
   */
  "person.export": verb(
    Closed({ auth: Auth, person: Opaque, case: Type.Optional(Opaque) }),
    Closed({ export: Type.String() }),
    ["manager", "privacy-officer", "resident"],
    ["manager", "privacy-officer"],
  ),

  /** Keeps records somebody needs for a claim; never keeps a face in use (RD-44). */
  "hold.put": verb(
    Closed({
      auth: Auth,
      person: Type.Optional(Opaque),
      from: Day,
      to: Day,
      reason: Type.String({ minLength: 3, maxLength: 400 }),
      expires: DateTime,
    }),
    Closed({ id: Opaque }),
    ["manager", "privacy-officer"],
  ),
  "hold.list": verb(
    Closed({ auth: Auth }),
    Closed({
      holds: Type.Array(
        Closed({
          id: Opaque,
          person: Type.Optional(Opaque),
          from: Day,
          to: Day,
          reason: Type.String(),
          expires: DateTime,
        }),
      ),
    }),
    ["manager", "privacy-officer", "auditor"],
  ),
  "hold.lift": verb(Closed({ auth: Auth, id: Opaque }), Empty, ["manager", "privacy-officer"]),

  /** Owners' decision, notice and assessment: what a face needs before it may start (RD-56, RD-57). */
  "papers.put": verb(
    Closed({ auth: Auth, papers: Papers }),
    Empty,
    ["manager", "privacy-officer"],
    ["manager", "privacy-officer"],
  ),
  "papers.read": verb(Closed({ auth: Auth }), Closed({ papers: Papers }), [
    "manager",
    "privacy-officer",
    "auditor",
    "technician",
  ]),

  /** For the operator of the box: everything a backup holds, base64, to be encrypted before it touches a disk. */
  "backup.make": verb(
    Closed({ auth: Auth }),
    Closed({
      manifest: Type.String(),
      ledger: Type.String(),
      people: Type.String(),
      secrets: Type.String(),
      journal: Type.String(),
    }),
    [],
  ),
  /** After a restore: repeats what the journal says was erased, and lets faces be used again. */
  "restore.replay": verb(
    Closed({ auth: Auth, journal: Type.String({ maxLength: 900_000 }) }),
    Closed({ erased: Type.Integer() }),
    [],
  ),
  /** Opens the gate without a journal, because there is none: on record, with who answers for it. */
  "restore.release": verb(Closed({ auth: Auth }), Empty, []),

  /** What an auditor checks: is every missing payload covered by an erasure or an expired day? */
  "log.coverage": verb(
    Closed({ auth: Auth }),
    Closed({
      findings: Type.Array(Closed({ code: Type.String(), place: Type.String() })),
      size: Type.Integer(),
      checkpoint: Type.String(),
      /** For `limen verify --coverage`: counts and the erasure leaves' disclosures, JSON text. */
      summary: Type.String(),
    }),
    ["manager", "privacy-officer", "auditor"],
  ),

  "retention.preview": verb(
    Closed({ class: DataClass, days: Type.Integer({ minimum: 1, maximum: 3650 }) }),
    Closed({ entries: Type.Integer(), days: Type.Integer(), oldest: Type.Optional(Type.String()) }),
  ),
  /** Destroys the keys of every day that is over, then records counts. */
  "retention.run": verb(
    Closed({ class: DataClass, days: Type.Integer({ minimum: 1, maximum: 3650 }) }),
    Closed({
      entries: Type.Integer(),
      days: Type.Integer(),
      oldest: Type.Optional(Type.String()),
      certificate: Type.Optional(Type.String()),
    }),
  ),
} as const;
