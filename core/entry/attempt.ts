import { Closed, OneOf, type Static, Type } from "../schema.ts";
import { attemptCodes } from "./codes.ts";

/** The ways in. A way that opens by itself without one of these does not exist. */
export const methods = ["card", "pin", "pass", "phone", "face", "guard"] as const;
export type Method = (typeof methods)[number];

/** Ways that do not look at a body and need no staff: the ones that count for promise 1. */
export const independentMethods = ["card", "pin", "pass", "phone"] as const satisfies readonly Method[];

/** How hard a credential is to copy (design: `clonable` is any id that is merely read). */
export const assurances = ["clonable", "strong"] as const;

export const Check = Closed({
  node: Type.String({ maxLength: 64, description: "id of the flow node that asked" }),
  check: OneOf(["identify", "look", "assist", "entry-rule", "consent-check", "audit-log", "relay-out"]),
  result: OneOf(["pass", "fail", "skip"]),
  code: OneOf(attemptCodes),
});

export const Evidence = Closed({
  score: Type.Optional(Type.Number({ description: "cosine to the best template, -1 to 1" })),
  threshold: Type.Optional(Type.Number({ description: "cosine that had to be reached" })),
  margin: Type.Optional(Type.Number({ description: "distance to the next other person, cosine" })),
  liveness: Type.Optional(Type.Number({ description: "lowest live probability over the frames, 0 to 1" })),
  quality: Type.Optional(Type.Number({ description: "0 to 1" })),
  frames: Type.Optional(Type.Integer({ description: "frames looked at" })),
  agreeing: Type.Optional(Type.Integer({ description: "frames that agree on the person" })),
  cue: Type.Optional(
    OneOf(["model", "flat", "held", "screen", "bands", "repeat"], {
      description: "what was not like a living face",
    }),
  ),
  turned: Type.Optional(Type.Number({ description: "degrees the head turned, where a turn was asked" })),
});

/**
 * One try at one door, from the sense to the record. What travels on a wire is a view of what the vault knows:
 * changing it changes a picture of the attempt, not the attempt. Pseudonyms and numbers only (RD-34, RD-37).
 */
export const EntryAttempt = Closed(
  {
    id: Type.String({ minLength: 26, maxLength: 26, description: "ULID" }),
    door: Type.String({ description: "door id; also msg.topic" }),
    site: Type.String({ description: "site id" }),
    method: OneOf(methods),
    at: Type.String({ format: "date-time", description: "RFC 3339 with offset, for people; never decides" }),
    person: Type.Optional(Type.String({ description: "pseudonymous id; absent while unknown" })),
    credential: Type.Optional(Type.String({ description: "credential id, never a number, PIN or template" })),
    assurance: Type.Optional(OneOf(assurances)),
    evidence: Type.Optional(Evidence),
    checks: Type.Array(Check),
    outcome: OneOf(["pending", "granted", "denied"]),
    code: Type.Optional(OneOf(attemptCodes)),
    record: Type.Optional(
      Closed({ index: Type.Integer({ minimum: 0 }), origin: Type.String() }, { description: "log leaf" }),
    ),
    ticket: Type.Optional(Type.String({ description: "opens once, this door, within 5 s of sensing" })),
  },
  { title: "EntryAttempt" },
);

export type EntryAttempt = Static<typeof EntryAttempt>;
export type Check = Static<typeof Check>;
export type Evidence = Static<typeof Evidence>;
