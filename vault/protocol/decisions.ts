import { Entry, EntryId } from "../../core/decisions/schema.ts";
import { lacks } from "../../core/policy/in-force.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, DateTime, Id, type Role, verb } from "./common.ts";

/** A door with a face, as a flow has it: the one that runs, or the one that waits for its papers. */
const DoorAsked = Closed({
  id: Id,
  name: Type.String({ maxLength: 80 }),
  facts: Type.String({ maxLength: 4000 }),
});

export const DecisionState = Closed({
  doors: Type.Array(
    Closed({
      id: Id,
      name: Type.String(),
      /** What still keeps face off here; empty: its papers are in force. */
      lacking: Type.Array(OneOf(lacks)),
      /** May a face be compared here now? */
      armed: Type.Boolean(),
      /** What stops faces here on a day unless an assessment is made again. */
      ending: Type.Array(Closed({ lack: OneOf(["assessment-due", "assessment-incident"]), at: DateTime })),
    }),
  ),
  faces: Closed({
    here: Type.Integer(),
    elsewhere: Type.Integer(),
    /** From how many on they must be filed; absent: no such duty. */
    threshold: Type.Optional(Type.Integer()),
    /** Four fifths of it are reached. */
    warn: Type.Boolean(),
    fileBy: Type.Optional(DateTime),
  }),
  numbers: Closed({
    /** Do owners have to vote on it? */
    vote: Type.Boolean(),
    /** Days a notice hangs before the first face. */
    noticeDays: Type.Integer(),
    /** Days assessments and records of processing are kept at least. */
    keptDays: Type.Integer(),
  }),
});

export const RecordedEntry = Closed({
  id: EntryId,
  at: DateTime,
  name: Type.String(),
  role: Type.String(),
  /** A later entry stands in its place. */
  corrected: Type.Boolean(),
  entry: Entry,
});

const readers: readonly Role[] = ["manager", "privacy-officer", "auditor", "technician"];
const keepers: readonly Role[] = ["manager", "privacy-officer"];

/** What owners, manager and privacy officer did before a face may start (RD-56 to RD-58). */
export const decisionVerbs = {
  "decision.read": verb(
    Closed({ auth: Auth, doors: Type.Array(DoorAsked, { maxItems: 200 }) }),
    Closed({ ...DecisionState.properties, entries: Type.Array(RecordedEntry) }),
    readers,
  ),
  /** Adds entries, each with a leaf of the log; nothing is ever altered. */
  "decision.add": verb(
    Closed({ auth: Auth, entries: Type.Array(Entry, { minItems: 1, maxItems: 200 }) }),
    Closed({ ids: Type.Array(EntryId) }),
    keepers,
    keepers, // it alone arms a real face
  ),
  /** Records of processing of the flows that were in service, newest first. */
  "decision.records": verb(
    Closed({ auth: Auth }),
    Closed({
      records: Type.Array(
        Closed({
          flow: Type.String(),
          at: DateTime,
          until: Type.Optional(DateTime),
          texts: Closed({ "zh-CN": Type.String(), "zh-TW": Type.String(), "en-US": Type.String() }),
        }),
      ),
    }),
    ["manager", "privacy-officer", "auditor"],
  ),
} as const;
