import { refusalGrounds, requestKinds } from "../../core/rights/requests.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, DateTime, Day, Empty, Id, Opaque, purposes, verb } from "./common.ts";
import { Certificate, ProcessorData } from "./registers.ts";

const office = ["manager", "desk", "privacy-officer"] as const;
const inCharge = ["manager", "privacy-officer"] as const;

const RequestLine = {
  id: Opaque,
  person: Type.Optional(Opaque),
  kind: OneOf(requestKinds),
  channel: OneOf(["resident-page", "desk"]),
  processor: Type.Optional(Opaque),
  filed: DateTime,
  due: DateTime,
  extended: Type.Optional(DateTime),
  state: OneOf(["open", "answered", "refused", "withdrawn", "erased"]),
  closed: Type.Optional(DateTime),
  level: Type.Optional(OneOf(["green", "amber", "red", "escalated"])),
};
const Line = Closed(RequestLine, { title: "RequestLine" });

export const RightsRequest = Closed(
  {
    ...RequestLine,
    /** Whose it is: only to the office, when it opens one. */
    name: Type.Optional(Type.String()),
    flat: Type.Optional(Type.String()),
    text: Type.Optional(Type.String()),
    entry: Type.Optional(Type.Integer({ description: "leaf of the refusal that is asked about" })),
    asker: Type.Optional(Type.String()),
    relation: Type.Optional(OneOf(["next-of-kin", "guardian", "agent"])),
    answer: Type.Optional(Type.String()),
    ground: Type.Optional(OneOf(refusalGrounds)),
    extension: Type.Optional(Type.String()),
    /** What the record says of the refusal that is asked about. */
    refusal: Type.Optional(
      Closed({
        at: Type.Optional(DateTime),
        door: Type.Optional(Type.String()),
        method: Type.Optional(Type.String()),
        code: Type.Optional(Type.String()),
      }),
    ),
  },
  { title: "RightsRequest" },
);

export const NewRequest = {
  kind: OneOf(requestKinds),
  text: Type.String({ minLength: 1, maxLength: 4000 }),
  entry: Type.Optional(Type.Integer({ minimum: 0 })),
  processor: Type.Optional(Opaque),
  asker: Type.Optional(Type.String({ maxLength: 200 })),
  relation: Type.Optional(OneOf(["next-of-kin", "guardian", "agent"])),
};

/** What somebody was given of others' doing with their data, and what happened to it. */
export const OwnRights = Closed({
  requests: Type.Array(RightsRequest),
  disclosures: Type.Array(
    Closed({
      id: Opaque,
      kind: OneOf(["authority", "inquiry"]),
      recipient: Type.String(),
      basis: Type.String(),
      doors: Type.Array(Id),
      from: DateTime,
      to: DateTime,
      at: DateTime,
    }),
  ),
  incidents: Type.Array(
    Closed({ id: Opaque, told: DateTime, text: Type.String({ description: "the notice, as plain text" }) }),
  ),
});

/** What everybody may know: who answers, who works for them, how long an answer takes, where to complain. */
export const PublicRights = Closed({
  pack: Type.String(),
  site: Type.String(),
  controller: Type.String(),
  contact: Type.String(),
  guardian: Type.Integer({ description: "years under which a guardian consents" }),
  days: Type.Integer({ description: "days an answer takes at most" }),
  article: Type.String(),
  channels: Type.Array(Type.String()),
  processors: Type.Array(
    Closed({
      id: Opaque,
      name: Type.String(),
      role: OneOf(["processor", "joint"]),
      contact: Type.String(),
      purpose: Type.String(),
      method: Type.String(),
      data: Type.Array(ProcessorData),
      until: Day,
      running: Type.Boolean(),
      certificates: Type.Array(Certificate),
    }),
  ),
});

const Approval = Closed({
  id: Opaque,
  person: Type.Optional(Opaque),
  account: Type.String(),
  purpose: Type.String(),
  asked: DateTime,
  state: OneOf(["waiting", "granted", "refused", "over"]),
  until: Type.Optional(DateTime),
});

/** Requests about one's rights, each with its clock; and who of staff may see minors' data. */
export const rightsVerbs = {
  "rights.public": verb(Empty, PublicRights),
  "rights.own": verb(
    Closed({ auth: Auth, language: Type.Optional(OneOf(["zh-CN", "zh-TW", "en-US"])) }),
    OwnRights,
    ["resident"],
  ),
  /** A resident's own; or taken in by the desk for somebody, registered or not. */
  "request.file": verb(
    Closed({ auth: Auth, person: Type.Optional(Opaque), ...NewRequest }),
    Closed({ request: RightsRequest, receipt: Type.String({ description: "signed receipt, JSON text" }) }),
    [...office, "resident"],
  ),
  /** Kinds, clocks and states; no word of what they say. */
  "request.list": verb(
    Closed({ auth: Auth, open: Type.Boolean({ default: true }) }),
    Closed({ requests: Type.Array(Line) }),
    [...office, "auditor"],
  ),
  /** A look-up like any other where somebody's request is read. */
  "request.read": verb(Closed({ auth: Auth, id: Opaque }), RightsRequest, office),
  "request.answer": verb(
    Closed({
      auth: Auth,
      id: Opaque,
      text: Type.String({ maxLength: 4000 }),
      /** Present: it is refused. */
      ground: Type.Optional(OneOf(refusalGrounds)),
    }),
    RightsRequest,
    office,
  ),
  "request.extend": verb(
    Closed({ auth: Auth, id: Opaque, reason: Type.String({ maxLength: 1000 }) }),
    RightsRequest,
    office,
  ),
  /** Whoever asked takes it back. */
  "request.withdraw": verb(Closed({ auth: Auth, id: Opaque }), RightsRequest, ["resident"]),
  "request.receipt": verb(Closed({ auth: Auth, id: Opaque }), Closed({ receipt: Type.String() }), [
    ...office,
    "resident",
  ]),

  /** Asks somebody in charge to be let see a minor's data (RD-49). */
  "minor.ask": verb(
    Closed({ auth: Auth, person: Opaque, purpose: OneOf(purposes) }),
    Closed({ id: Opaque }),
    office,
  ),
  /** A minor's one card is dead at once, unseen: nobody waits for an approval while it lies in the street. */
  "minor.lost-card": verb(
    Closed({ auth: Auth, person: Opaque }),
    Closed({ blocked: Type.Integer() }),
    office,
  ),
  /** One's own questions; of those in charge, everybody's. */
  "minor.list": verb(Closed({ auth: Auth }), Closed({ approvals: Type.Array(Approval) }), [
    ...office,
    "auditor",
  ]),
  /** Whose data a question is about: for whoever decides it, who cannot judge what they cannot see. A look-up (RD-49). */
  "minor.whose": verb(
    Closed({ auth: Auth, id: Opaque }),
    Closed({ name: Type.String(), flat: Type.Optional(Type.String()) }),
    inCharge,
  ),
  "minor.decide": verb(
    Closed({
      auth: Auth,
      id: Opaque,
      granted: Type.Boolean(),
      hours: Type.Integer({ default: 24, minimum: 1, maximum: 168 }),
    }),
    Empty,
    inCharge,
  ),
  /** A year's audit of access to minors' data: counts of nobody. */
  "minor.report": verb(
    Closed({ auth: Auth, year: Type.Integer({ minimum: 2020, maximum: 2200 }) }),
    Closed({
      year: Type.Integer(),
      looks: Type.Array(
        Closed({
          role: Type.String(),
          purpose: Type.String(),
          outcome: OneOf(["approved", "in-charge", "denied"]),
          count: Type.Integer(),
        }),
      ),
      approvals: Closed({
        asked: Type.Integer(),
        granted: Type.Integer(),
        refused: Type.Integer(),
        waiting: Type.Integer(),
      }),
      minors: Type.Integer({ description: "registered now" }),
      guardians: Type.Integer({ description: "consents a guardian gave that stand now" }),
    }),
    [...inCharge, "auditor"],
  ),
} as const;
