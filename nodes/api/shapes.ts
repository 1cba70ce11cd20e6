import { emergencyReasons } from "../../core/entry/emergency.ts";
import { CredentialHours } from "../../core/people/hours.ts";
import { residenceProofs } from "../../core/people/types.ts";
import { Closed, OneOf, type Static, type TSchema, Type } from "../../core/schema.ts";
import { languages } from "../../core/words.ts";
import { Assurance, DateTime, Day, Id, Opaque } from "../../vault/protocol/common.ts";
import { consentStates, type Consent as VaultConsent } from "../../vault/protocol/consents.ts";
import type { EmergencyAsked as VaultEmergency } from "../../vault/protocol/emergencies.ts";
import { ProofSeen, type Person as VaultPerson } from "../../vault/protocol/people.ts";

export const noFields = Closed({});
/** An answer with nothing in it: 204. */
export const emptyAnswer = Closed({}, { title: "Nothing" });

export const Language = OneOf(languages);
export const byId = Closed({ id: Opaque });
export const byDoor = Closed({ id: Id });

const Name = Type.String({ minLength: 1, maxLength: 80 });
const details = {
  birth_date: Type.Optional(Day),
  flat: Type.Optional(Type.String({ maxLength: 40 })),
  languages: Type.Optional(Type.Array(Language, { uniqueItems: true, maxItems: 3 })),
  doors: Type.Optional(
    Type.Array(Id, { uniqueItems: true, maxItems: 200, description: "absent: every door" }),
  ),
  more_time: Type.Optional(
    Type.Boolean({ description: "doors stay open longer for them; no reason is asked, none is kept" }),
  ),
  opens: Type.Optional(
    Type.Array(Id, {
      uniqueItems: true,
      maxItems: 200,
      description: "doors whose day begins when this person has come in (first person in)",
    }),
  ),
};

const proof = OneOf(residenceProofs, {
  description:
    "kind of proof of residence seen; the vault adds who says so and the day, and no paper is kept",
});
/** What a person need not have: null takes it away. */
const orNone = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

export const NewPerson = Closed(
  { name: Name, ...details, proof: Type.Optional(proof) },
  { title: "NewPerson" },
);
export const PersonChange = Closed(
  {
    name: Type.Optional(Name),
    ...details,
    birth_date: orNone(Day),
    flat: orNone(Type.String({ maxLength: 40 })),
    languages: orNone(Type.Array(Language, { uniqueItems: true, maxItems: 3 })),
    proof: orNone(proof),
  },
  { title: "PersonChange" },
);

/** Hours of one card or code, in the site's time zone. */
export const Schedule = { ...CredentialHours, title: "Schedule" };

/** What an emergency asks of everybody at a door. */
export const EmergencyAsked = Closed(
  {
    reason: OneOf(emergencyReasons),
    end: DateTime,
    two: Type.Boolean({ description: "two ways in one attempt, of people who have two without a face" }),
    no_visitors: Type.Boolean({ description: "visitors' passes rest; staff let visitors in" }),
  },
  { title: "EmergencyAsked" },
);

export const Credential = Closed(
  {
    id: Opaque,
    kind: OneOf(["card", "pin", "pass"]),
    assurance: Assurance,
    tail: Type.Optional(Type.String({ description: "last digits as printed" })),
    doors: Type.Optional(Type.Array(Id)),
    valid_until: Type.Optional(DateTime),
    schedule: Type.Optional(Schedule),
    duress: Type.Optional(Type.Boolean({ description: "a duress code stands beside this code" })),
    state: OneOf(["active", "blocked", "expired"]),
  },
  { title: "Credential" },
);

export const Person = Closed(
  {
    id: Opaque,
    name: Name,
    ...details,
    proof: Type.Optional(ProofSeen),
    state: OneOf(["resident", "left"]),
    template: Type.Boolean({ description: "whether a face template exists; nobody can read it" }),
    second_method: Type.Optional(
      Type.Array(Id, {
        description:
          "doors where the face opens only together with a card or code, because somebody else's is too alike; never whose",
      }),
    ),
    credentials: Type.Array(Credential),
  },
  { title: "Person" },
);

export const Consent = Closed(
  {
    id: Opaque,
    person: Opaque,
    purpose: OneOf(["door-entry"]),
    method: OneOf(["face"]),
    doors: Type.Array(Id),
    notice: Type.String({ description: "id of the notice that was agreed to" }),
    language: Language,
    given_by: OneOf(["self", "guardian"]),
    relation: Type.Optional(OneOf(["parent", "legal-guardian"])),
    channel: OneOf(["desk", "resident-page", "paper"]),
    state: OneOf(consentStates),
    since: DateTime,
  },
  { title: "Consent" },
);

export const Erasure = Closed(
  {
    id: Opaque,
    state: OneOf(["running", "waiting", "done"]),
    steps: Type.Array(
      Closed({ step: Type.String(), at: Type.Optional(DateTime), problem: Type.Optional(Type.String()) }),
    ),
    receipt: Type.Optional(Type.String({ description: "signed receipt, JSON text; only when done" })),
  },
  { title: "Erasure" },
);

/** Drops what is undefined: an absent field stays absent. */
export function present<T extends Record<string, unknown>>(
  fields: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } & {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;
}

export function personOut(person: Static<typeof VaultPerson>): Static<typeof Person> {
  const { birthDate, moreTime, secondMethod, credentials, ...rest } = person;
  return {
    ...rest,
    ...present({ birth_date: birthDate, more_time: moreTime, second_method: secondMethod }),
    credentials: credentials.map(({ validUntil, ...one }) => ({
      ...one,
      ...present({ valid_until: validUntil }),
    })),
  };
}

/** The API's names for what the vault stores about a person. */
export function personIn<T extends { birth_date?: string | null; more_time?: boolean }>({
  birth_date,
  more_time,
  ...rest
}: T): Omit<T, "birth_date" | "more_time"> & {
  birthDate?: Exclude<T["birth_date"], undefined>;
  moreTime?: boolean;
} {
  return { ...rest, ...present({ birthDate: birth_date, moreTime: more_time }) } as never;
}

/** What is asked of everybody at a door, where an emergency asks something. */
export const emergenciesOut = (
  asked: readonly Static<typeof VaultEmergency>[] | undefined,
): { emergencies?: Static<typeof EmergencyAsked>[] } =>
  asked && asked.length > 0
    ? { emergencies: asked.map(({ noVisitors, ...rest }) => ({ ...rest, no_visitors: noVisitors })) }
    : {};

export function consentOut({ givenBy, ...rest }: Static<typeof VaultConsent>): Static<typeof Consent> {
  return { ...rest, given_by: givenBy };
}
