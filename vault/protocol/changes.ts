import { FlowDiff } from "../../core/policy/changes/schema.ts";
import { Closed, OneOf, type Static, Type } from "../../core/schema.ts";
import { Auth, DateTime, Day, Empty, verb } from "./common.ts";

const Hash = Type.String({ pattern: "^[0-9a-f]{64}$" });
/** A change on the record: the leaf that first told of it. */
export const ChangeId = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

/** What became of a change of the flow, or of the papers beside it. */
export const changeKinds = [
  "first",
  "deployed",
  "refused",
  "failed",
  "staged",
  "approved",
  "rejected",
  "expired",
  "overridden",
  "accepted",
  "found",
  "restored",
  "papers",
] as const;
export type ChangeKind = (typeof changeKinds)[number];

/** By which door a change came: the editor, a program's token, a project's files, the disk, an operator, a start. */
export const changeWays = ["editor", "api", "project", "file", "start", "operator"] as const;
export type ChangeWay = (typeof changeWays)[number];

/** Why an operator alone stood in for a second person: a closed list, because a sentence could name somebody. */
export const overrideReasons = ["emergency", "nobody-there", "restored", "locked-out"] as const;

export const Change = Closed({
  id: ChangeId,
  day: Day,
  at: Type.Optional(DateTime),
  kind: OneOf(changeKinds),
  how: Type.Optional(OneOf(changeWays)),
  /** Names of the accounts or tokens: who did it, and who agreed. */
  by: Type.Optional(Type.String()),
  role: Type.Optional(Type.String()),
  second: Type.Optional(Type.String()),
  before: Type.Optional(Hash),
  after: Type.Optional(Hash),
  rules: Type.Array(Type.String()),
  reason: Type.Optional(Type.String()),
  /** The staging it goes back to. */
  of: Type.Optional(ChangeId),
});
export type Change = Static<typeof Change>;

const Waiting = Closed({
  id: ChangeId,
  by: Type.String(),
  role: Type.String(),
  since: DateTime,
  expires: DateTime,
  before: Hash,
  after: Hash,
  /** May whoever asks decide it? Not the one who brought it, nor a token of theirs. */
  mine: Type.Boolean(),
});
export type Waiting = Static<typeof Waiting>;

const readers = ["manager", "technician", "auditor", "privacy-officer"] as const;
const deciders = ["manager", "technician"] as const;
const Recorded = Closed({ id: ChangeId, origin: Type.String() });

/** Change control: every deploy and every change of what is decided beside it, with its difference (RD-50). */
export const changeVerbs = {
  /** What Node-RED did with a flow. `auth`: whose doing it was; the vault itself asks who that is. */
  "change.record": verb(
    Closed({
      kind: OneOf(["first", "deployed", "refused", "failed", "found", "restored", "papers"]),
      how: OneOf(changeWays),
      auth: Type.Optional(Auth),
      before: Type.Optional(Hash),
      after: Type.Optional(Hash),
      rules: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { maxItems: 40 })),
      diff: Type.Optional(FlowDiff),
      /** The staged change this deploy carries out. */
      of: Type.Optional(ChangeId),
    }),
    Recorded,
  ),
  /** A Node-RED that starts holds no staged flow: what waited has to be deployed again. */
  "change.forget": verb(Empty, Closed({ forgotten: Type.Integer() })),
  /** Puts a deploy up for a second person. */
  "change.stage": verb(
    Closed({ auth: Auth, how: OneOf(changeWays), before: Hash, after: Hash, diff: FlowDiff }),
    Closed({ id: ChangeId, expires: DateTime }),
    deciders,
  ),
  /** @throws `same-person`, `change-gone` */
  "change.approve": verb(
    Closed({ auth: Auth, id: ChangeId }),
    Closed({ id: ChangeId, after: Hash }),
    deciders,
  ),
  /** Whoever brought it may take it back. */
  "change.reject": verb(Closed({ auth: Auth, id: ChangeId }), Closed({ id: ChangeId }), deciders),
  "change.list": verb(
    Closed({
      auth: Auth,
      limit: Type.Integer({ default: 50, minimum: 1, maximum: 200 }),
      before: Type.Optional(ChangeId),
    }),
    Closed({ waiting: Type.Array(Waiting), changes: Type.Array(Change) }),
    readers,
  ),
  /** @throws `change-unknown` for a leaf that is no change, or whose day is over */
  "change.read": verb(
    Closed({ auth: Auth, id: ChangeId }),
    Closed({ ...Change.properties, diff: Type.Optional(FlowDiff) }),
    readers,
  ),
  /** The operator of the box stands in for the second person. */
  "change.override": verb(
    Closed({ auth: Auth, id: ChangeId, reason: OneOf(overrideReasons) }),
    Closed({ id: ChangeId, after: Hash }),
    [],
  ),
  /** The operator of the box takes the flow that runs as the deployed one. */
  "change.accept": verb(
    Closed({ auth: Auth, reason: OneOf(overrideReasons) }),
    Closed({ id: ChangeId, after: Hash }),
    [],
  ),
} as const;
