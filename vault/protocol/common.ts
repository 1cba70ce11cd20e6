import { assurances, methods } from "../../core/entry/attempt.ts";
import { Closed, OneOf, type TSchema, Type } from "../../core/schema.ts";

/** Ids of flows, doors and cameras: what an installer types. */
export const Id = Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,47}$" });
/** Ids the vault gives out. */
export const Opaque = Type.String({ pattern: "^[a-z]+_[0-9a-z]{16}$" });
export const TimeId = Type.String({ minLength: 26, maxLength: 26 });
/** A session cookie's or bearer token's value. Checked by the vault on every call: what it may do is its role's. */
export const Auth = Type.String({ minLength: 20, maxLength: 200 });
/** What stands for a session on the operator's socket, which only the vault's own user may open. */
export const operatorAuth = "the-operator-of-this-box";
export const DateTime = Type.String({ format: "date-time" });
export const Day = Type.String({ format: "date" });
export const Methods = Type.Array(OneOf(methods), { uniqueItems: true });
export const Assurance = OneOf(assurances);
export const Empty = Closed({});

export const roles = [
  "manager",
  "desk",
  "guard",
  "auditor",
  "privacy-officer",
  "technician",
  "resident",
] as const;
export type Role = (typeof roles)[number];

/** Reasons for looking at personal data (RD-48): recorded, and shown to the person. */
export const purposes = [
  "desk-request",
  "card-issue",
  "enrolment",
  "security-case",
  "rights-request",
  "audit",
] as const;

/** Of one person; of anybody but oneself for a purpose: a look-up, on record before it is answered (RD-48). */
export const Looked = Closed({ auth: Auth, person: Opaque, purpose: Type.Optional(OneOf(purposes)) });

/** One verb of the socket: what goes in, what comes out, and who may. */
export interface Verb<I extends TSchema = TSchema, O extends TSchema = TSchema> {
  request: I;
  answer: O;
  /**
   * Roles that may use it, with `auth` in the request; none in the list: the operator of the box alone; absent: a flow's
   * verb, which reveals nothing personal.
   */
  roles?: readonly Role[];
  /** Of these roles a password or passkey is wanted that was given moments ago, else `fresh-sign-in-needed`. */
  fresh?: readonly Role[];
  /** A session that rests may still ask it: doors, and the way back. */
  atRest?: true;
}

export const verb = <I extends TSchema, O extends TSchema>(
  request: I,
  answer: O,
  roles?: readonly Role[],
  fresh?: readonly Role[],
): Verb<I, O> => ({ request, answer, ...(roles && { roles }), ...(fresh && { fresh }) });

/** A verb for sessions that rest as well: it tells nothing of anybody. */
export const atRest = <V extends Verb>(one: V): V => ({ ...one, atRest: true });
