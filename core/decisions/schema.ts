import { Papers } from "../policy/papers/schema.ts";
import { Closed, OneOf, type Static, type TSchema, Type } from "../schema.ts";

const At = Type.String({ format: "date-time" });
const Day = Type.String({ format: "date" });
const DoorId = Type.String({ pattern: "^[a-z0-9][a-z0-9-]{0,47}$" });
const Doors = Type.Array(DoorId, { minItems: 1, maxItems: 200, uniqueItems: true });
const Text = (max: number, min = 1) => Type.String({ minLength: min, maxLength: max });
const Count = Type.Integer({ minimum: 0, maximum: 1_000_000_000 });
export const EntryId = Type.String({ pattern: "^entry_[0-9a-z]{16}$" });

/** How many there are, how many took part, how many agreed. */
const Tally = Closed({ all: Count, part: Count, agreed: Count });

/** What a flow says of the doors an entry is about; filled in by whoever knows the flow, never typed. */
const facts = { facts: Text(4000) };

/** The steps towards a face at a door, one kind of entry each. Their texts are about doors and papers, not about persons. */
export const entryFields = {
  /** The owners' vote (Civil Code 278): a leave to offer face entry, never anybody's consent. */
  vote: {
    doors: Doors,
    held: At,
    matter: OneOf(["ordinary", "common-parts"], { default: "ordinary" }),
    heads: Tally,
    /** In whole square metres. */
    area: Tally,
    /** Where the minutes are kept. */
    minutes: Text(400),
    /** SHA-256 of the minutes' file, lower-case hex. */
    digest: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
  },
  notice: {
    doors: Doors,
    published: At,
    places: Type.Array(OneOf(["doors", "board", "online", "letters", "meeting"]), {
      minItems: 1,
      uniqueItems: true,
    }),
    note: Type.Optional(Text(400)),
  },
  signs: { doors: Doors, up: At, note: Type.Optional(Text(400)) },
  /** How many households were reached, by which way; not which (RD-56). */
  delivery: {
    on: Day,
    way: OneOf(["hand", "post", "online", "phone", "meeting"]),
    households: Count,
    reached: Count,
    note: Type.Optional(Text(400)),
  },
  question: { asked: Day, text: Text(2000, 3) },
  answer: { cites: EntryId, given: Day, text: Text(4000, 3) },
  /** One step of the impact assessment; only `approved` puts it in force (PIPL 55, 56; GDPR 35). */
  assessment: {
    doors: Doors,
    step: OneOf(["drafted", "answered", "approved"]),
    on: Day,
    necessity: Type.Optional(Text(10_000)),
    search: Type.Optional(Text(10_000)),
    risks: Type.Optional(Text(10_000)),
    views: Type.Optional(Text(10_000)),
    /** When it is looked at again. */
    review: Type.Optional(Day),
  },
  commissioned: { doors: Doors, at: At },
  /** The filing with the authority (Order 19, art. 15): made, changed, ended. */
  filing: {
    step: OneOf(["filed", "changed", "ended"]),
    on: Day,
    number: Type.Optional(Text(100)),
    authority: Text(200),
  },
  /** Persons with a face at another community of the same handler: what this box cannot count. */
  elsewhere: { community: Text(80), faces: Count, on: Day },
  /** Takes an entry back without putting another in its place. */
  void: {},
} as const;
export type EntryKind = keyof typeof entryFields;
export const entryKinds = Object.keys(entryFields) as EntryKind[];

/** Kinds that are about what the flow says. */
export const citing = ["notice", "assessment"] as const satisfies readonly EntryKind[];
export const cites = (kind: string): boolean => (citing as readonly string[]).includes(kind);

/** An entry may stand in the place of an earlier one; then it says why. */
const correction = { corrects: Type.Optional(EntryId), reason: Type.Optional(Text(400, 3)) };

const entryOf = (kind: EntryKind, fields: Record<string, TSchema>): TSchema =>
  Closed({ kind: Type.Literal(kind), ...fields, ...correction }, { title: `Decision-${kind}` });

/** One of these by its `kind`, so that what is wrong is told of that kind. */
const byKind = (kinds: TSchema[]): TSchema =>
  Type.Unsafe<{ kind: string }>({
    type: "object",
    required: ["kind"],
    discriminator: { propertyName: "kind" },
    oneOf: kinds,
  });

/** An entry as somebody hands it in: without what only the flow knows. */
export const NewEntry = byKind(entryKinds.map((kind) => entryOf(kind, entryFields[kind])));

/** What was recorded before there was this record: papers from a file, taken over as they are. */
const imported = Closed({ kind: Type.Literal("import"), papers: Papers });
/** The day the number was reached: written by the box itself. */
const reached = Closed({ kind: Type.Literal("reached"), faces: Count, by: At });

/** An entry as it is kept. */
export const Entry = byKind([
  ...entryKinds.map((kind) => entryOf(kind, { ...entryFields[kind], ...(cites(kind) ? facts : {}) })),
  imported,
  reached,
]);

type Of<K extends EntryKind> = Static<ReturnType<typeof Closed<(typeof entryFields)[K]>>>;
type Correction = { corrects?: string; reason?: string };
/** An entry of one kind, whole. */
export type EntryOf<K extends EntryKind> = { kind: K } & Of<K> &
  Correction &
  (K extends (typeof citing)[number] ? { facts: string } : unknown);
export type Entry =
  | { [K in EntryKind]: EntryOf<K> }[EntryKind]
  | { kind: "import"; papers: Static<typeof Papers> }
  | { kind: "reached"; faces: number; by: string };

/** An entry with who made it and when. */
export interface Recorded {
  id: string;
  /** RFC 3339. */
  at: string;
  /** Account that made it; `system`: the box itself. */
  by: string;
  name: string;
  role: string;
  entry: Entry;
}
