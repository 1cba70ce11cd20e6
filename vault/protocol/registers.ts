import { breachKinds, breachMeasures } from "../../core/rights/breaches.ts";
import { disclosureBases } from "../../core/rights/disclosures.ts";
import {
  Certificate as CertificateFacts,
  ProcessorFacts,
  processorData,
} from "../../core/rights/processors.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, DateTime, Day, Empty, Id, Opaque, verb } from "./common.ts";

const inCharge = ["manager", "privacy-officer"] as const;
const watching = [...inCharge, "auditor"] as const;

export const ProcessorData = OneOf(processorData);
export const Certificate = Closed({
  ...CertificateFacts.properties,
  state: OneOf(["expired", "ends-soon", "dated"]),
});

export { ProcessorFacts };
export const Processor = Closed(
  {
    ...ProcessorFacts.properties,
    id: Opaque,
    since: DateTime,
    ended: Type.Optional(DateTime),
    fate: Type.Optional(OneOf(["returned", "deleted"], { description: "what became of the data" })),
    running: Type.Boolean(),
    certificates: Type.Array(Certificate),
    access: Type.Array(
      Closed({
        id: Opaque,
        from: DateTime,
        until: DateTime,
        reason: Type.String(),
        ended: Type.Optional(DateTime),
        open: Type.Boolean(),
      }),
    ),
    questions: Type.Integer({ description: "residents' questions that wait" }),
    overdue: Type.Integer({ description: "of them, past their time" }),
  },
  { title: "Processor" },
);

const Withheld = Closed({
  until: DateTime,
  law: Type.String({ maxLength: 200 }),
});
export const NewDisclosure = {
  kind: OneOf(["authority", "inquiry"]),
  recipient: Type.String({ minLength: 2, maxLength: 120 }),
  basis: OneOf(disclosureBases),
  case: Type.String({ minLength: 2, maxLength: 80 }),
  why: Type.String({ minLength: 5, maxLength: 1000 }),
  officer: Type.String({ minLength: 2, maxLength: 120 }),
  doors: Type.Array(Id, { minItems: 1, maxItems: 20, uniqueItems: true }),
  from: DateTime,
  to: DateTime,
  person: Type.Optional(Opaque),
  names: Type.Boolean({ default: false }),
  expires: DateTime,
  withheld: Type.Optional(Withheld),
};
export const Disclosure = Closed(
  {
    ...NewDisclosure,
    id: Opaque,
    why: Type.Optional(Type.String()),
    officer: Type.Optional(Type.String()),
    state: OneOf(["asked", "approved", "refused", "expired"]),
    opened: DateTime,
    opener: Type.String(),
    approved: Type.Optional(DateTime),
    approver: Type.Optional(Type.String()),
    released: Type.Integer({ description: "times it was handed out" }),
    handed: Type.Optional(DateTime),
    entries: Type.Optional(Type.Integer()),
    people: Type.Optional(Type.Integer()),
  },
  { title: "Disclosure" },
);

const Words = Type.String({ minLength: 2, maxLength: 2000 });
export const NewBreach = {
  drill: Type.Boolean(),
  aware: DateTime,
  kinds: Type.Array(OneOf(breachKinds), { minItems: 1, uniqueItems: true }),
  doors: Type.Array(Id, { maxItems: 200, uniqueItems: true, description: "none: the whole site" }),
  from: DateTime,
  to: DateTime,
  cause: Words,
  harm: Words,
  measures: Words,
  advice: Words,
};
export const Breach = Closed(
  {
    ...NewBreach,
    id: Opaque,
    opened: DateTime,
    due: Type.Optional(DateTime),
    prompt: Type.Boolean({ description: "the law says at once; `due` is the last moment" }),
    late: Type.Boolean(),
    counts: Closed({
      faces: Type.Optional(Type.Integer()),
      names: Type.Optional(Type.Integer()),
      cards: Type.Optional(Type.Integer()),
      entries: Type.Optional(Type.Integer()),
      accounts: Type.Optional(Type.Integer()),
    }),
    people: Type.Integer(),
    minors: Type.Integer(),
    contained: Type.Array(Closed({ measure: OneOf(breachMeasures), at: DateTime })),
    authority: Type.Optional(DateTime),
    told: Type.Optional(DateTime),
    closed: Type.Optional(DateTime),
    lessons: Type.Optional(Type.String()),
  },
  { title: "Breach" },
);

const ById = Closed({ auth: Auth, id: Opaque });

/** What anybody may know of who works on residents' data: it stands on the notices (PIPL 17, 21; GDPR 13(1)(e)). */
const RecipientFacts = Closed({
  name: ProcessorFacts.properties.name,
  role: ProcessorFacts.properties.role,
  contact: ProcessorFacts.properties.contact,
  purpose: ProcessorFacts.properties.purpose,
  method: ProcessorFacts.properties.method,
  data: ProcessorFacts.properties.data,
  until: ProcessorFacts.properties.until,
});

/** Registers an office answers for: processors, disclosures, incidents, certificates. */
export const registerVerbs = {
  "processor.put": verb(
    Closed({ auth: Auth, id: Type.Optional(Opaque), facts: ProcessorFacts }),
    Closed({ id: Opaque }),
    inCharge,
  ),
  "processor.list": verb(Closed({ auth: Auth }), Closed({ processors: Type.Array(Processor) }), watching),
  "recipient.list": verb(Empty, Closed({ recipients: Type.Array(RecipientFacts) })),
  "processor.end": verb(
    Closed({ auth: Auth, id: Opaque, fate: OneOf(["returned", "deleted"]) }),
    Empty,
    inCharge,
  ),
  /** Lets a processor's technician in for some hours: a token that is over by itself (RD-51). */
  "processor.admit": verb(
    Closed({
      auth: Auth,
      id: Opaque,
      hours: Type.Integer({ minimum: 1, maximum: 24 }),
      reason: Type.String({ minLength: 3, maxLength: 200 }),
    }),
    Closed({ access: Opaque, token: Auth, expires: DateTime }),
    inCharge,
    inCharge,
  ),
  "processor.dismiss": verb(ById, Empty, inCharge),

  "disclosure.open": verb(Closed({ auth: Auth, ...NewDisclosure }), Closed({ id: Opaque }), inCharge),
  "disclosure.list": verb(Closed({ auth: Auth }), Closed({ disclosures: Type.Array(Disclosure) }), watching),
  /** By somebody else than who opened it, signed in anew. */
  "disclosure.approve": verb(ById, Disclosure, inCharge, inCharge),
  "disclosure.refuse": verb(ById, Disclosure, inCharge),
  /** What was approved, as signed JSON text; on the page of everybody concerned before it is handed out. */
  "disclosure.release": verb(ById, Closed({ file: Type.String() }), inCharge, inCharge),
  /** Everything a regulator asks first, signed, in one go (A0-29). */
  "evidence.pack": verb(Closed({ auth: Auth }), Closed({ file: Type.String() }), watching),

  /** Opens an incident or a drill; who is affected is counted from the stores. */
  "breach.open": verb(Closed({ auth: Auth, ...NewBreach }), Closed({ id: Opaque }), inCharge),
  "breach.list": verb(Closed({ auth: Auth }), Closed({ breaches: Type.Array(Breach) }), watching),
  "breach.draft": verb(
    Closed({
      auth: Auth,
      id: Opaque,
      to: OneOf(["authority", "people"]),
      language: OneOf(["zh-CN", "zh-TW", "en-US"]),
    }),
    Closed({ text: Type.String() }),
    watching,
  ),
  /** `renew-faces` is carried out, but in a drill; `other` notes that something was done elsewhere. */
  "breach.contain": verb(
    Closed({ auth: Auth, id: Opaque, measure: OneOf(breachMeasures) }),
    Breach,
    inCharge,
    inCharge,
  ),
  "breach.report": verb(Closed({ auth: Auth, id: Opaque, at: DateTime }), Breach, inCharge),
  /**
   * Whom to write to: names and flats, and of minors who answers for them, as far as a consent or a request says. Each name is a
   * look-up on that person's page first; nobody's in a drill.
   */
  "breach.affected": verb(
    ById,
    Closed({
      people: Type.Array(
        Closed({
          name: Type.String(),
          flat: Type.Optional(Type.String()),
          minor: Type.Optional(Type.Literal(true)),
          guardians: Type.Array(
            Closed({
              name: Type.Optional(Type.String({ description: "absent: not registered" })),
              flat: Type.Optional(Type.String()),
              relation: OneOf(["parent", "legal-guardian", "guardian"]),
            }),
          ),
        }),
      ),
    }),
    inCharge,
    inCharge,
  ),
  /** Puts it on the page of everybody concerned. */
  "breach.tell": verb(ById, Breach, inCharge, inCharge),
  "breach.close": verb(
    Closed({ auth: Auth, id: Opaque, lessons: Type.String({ maxLength: 4000 }) }),
    Breach,
    inCharge,
  ),

  /** Finished erasures with their signed receipts, newest first. */
  "certificate.list": verb(
    Closed({ auth: Auth, limit: Type.Integer({ default: 100, minimum: 1, maximum: 500 }) }),
    Closed({
      certificates: Type.Array(
        Closed({
          id: Opaque,
          scope: OneOf(["face", "person", "days"]),
          cause: Type.String(),
          day: Type.Optional(Day),
          count: Type.Integer({ description: "people or days it covered" }),
          receipt: Type.Optional(Type.String()),
        }),
      ),
      unfinished: Type.Integer(),
    }),
    watching,
  ),
} as const;
