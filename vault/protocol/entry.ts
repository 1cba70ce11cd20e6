import { EntryAttempt, methods } from "../../core/entry/attempt.ts";
import { EntryRule } from "../../core/entry/rule.ts";
import { lookHints } from "../../core/faces/types.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, Empty, Id, TimeId, verb } from "./common.ts";
import { LookSettings } from "./look.ts";

const Node = Type.String({ maxLength: 64 });
/** Which reader, which relay, which line: about a device, never about a person. */
const Detail = Type.String({ maxLength: 64, pattern: "^[a-zA-Z0-9 .:_/-]*$" });

/** A card as a reader gave it. `number` is the canonical hex of all bits that were really seen, in air order. */
export const CardRead = Closed({
  format: OneOf(["em4100", "wiegand", "uid", "decimal", "hex"]),
  notation: Type.String({
    maxLength: 16,
    description: "8H10D, 6H8D, WG26, 10H, …: named by the reader's profile",
  }),
  number: Type.String({ pattern: "^[0-9A-F]{4,32}$" }),
  bits: Type.Integer({ minimum: 16, maximum: 128, description: "how many of them the reader really saw" }),
});

/** What is wrong with the newest picture of a look, for whoever stands there to mend. */
export const LookHint = OneOf(lookHints);

/** What whoever stands at the door is asked to do: the person's own left and right. */
export const LookAsk = OneOf(["turn-left", "turn-right"]);

export const entryVerbs = {
  /** Senses a credential: makes the attempt, finds whose it is. Always answers with an attempt, granted to nobody yet. */
  identify: verb(
    Closed({
      door: Id,
      node: Node,
      reader: Type.String({ maxLength: 64 }),
      method: OneOf(["card", "pin", "pass", "phone"]),
      /** A resident's own session, with method `phone`. */
      auth: Type.Optional(Auth),
      card: Type.Optional(CardRead),
      digits: Type.Optional(Type.String({ pattern: "^[0-9]{3,12}$" })),
      text: Type.Optional(Type.String({ maxLength: 1024 })),
      attempt: Type.Optional(TimeId),
    }),
    EntryAttempt,
  ),
  /** Looks after a deliberate act: 1:N over this door's consenting people, or 1:1 for the attempt's person. */
  match: verb(
    Closed({
      door: Id,
      node: Node,
      camera: Id,
      act: Closed({
        kind: OneOf(["button", "screen", "attempt"]),
        id: Type.String({ maxLength: 64, description: "one id an act; a second use is refused" }),
      }),
      attempt: Type.Optional(TimeId),
      settings: LookSettings,
      /** Looks of this node that the vault did not answer since the last one it did: counted, and nothing else. */
      unanswered: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000 })),
    }),
    EntryAttempt,
  ),
  /** The person's rights at this door, now. */
  decide: verb(Closed({ attempt: TimeId, node: Node, rule: EntryRule }), EntryAttempt),
  /** Is there a live consent for this person, method, door and notice, right now. Methods that need none pass. */
  consent: verb(Closed({ attempt: TimeId, node: Node }), EntryAttempt),
  /** Closes the attempt and makes its record durable; a granted one comes back with its ticket. */
  record: verb(Closed({ attempt: TimeId, node: Node }), EntryAttempt),
  /** Uses a ticket up: once, at its own door, within 5 s of sensing. Refusals are recorded. */
  redeem: verb(
    Closed({ ticket: Type.String({ maxLength: 100 }), door: Id, action: OneOf(["open"]) }),
    Closed({
      attempt: TimeId,
      /** How long to open for, within the door's caps; absent: the door's usual time. */ seconds:
        Type.Optional(Type.Number()),
    }),
  ),
  /** What the relay did, or what a door did: recorded as a door event. */
  event: verb(
    Closed({
      door: Id,
      kind: OneOf([
        "opened",
        "relay-failed",
        "relay-stuck",
        "relay-unasked",
        "relay-silent",
        "relay-rests",
        "closed",
        "forced",
        "held",
        "held-warning",
        "not-taken",
        "exit",
        "fire",
        "fire-reset",
        "tamper",
        "reader-silent",
        "reader-back",
        "camera-silent",
        "camera-back",
        "duress",
        "help-asked",
        "deploy-refused",
        "deployed",
      ]),
      attempt: Type.Optional(TimeId),
      detail: Type.Optional(Detail),
      /** What a node finds well when it starts: recorded where an alarm from before ends with it, and nowhere else. */
      settles: Type.Optional(Type.Boolean()),
    }),
    Closed({ index: Type.Optional(Type.Integer()), origin: Type.Optional(Type.String()) }),
  ),
  /**
   * What stands at a door: told on every change and after every start, so that a change nobody heard of is made good. A
   * contact's level is not recorded; a reader's is, when it is news.
   */
  level: verb(
    Closed({
      door: Id,
      contact: Type.Optional(OneOf(["open", "closed"])),
      reader: Type.Optional(
        Closed({ name: Detail, alive: Type.Boolean(), ways: Type.Optional(Type.Array(OneOf(methods))) }),
      ),
    }),
    Empty,
  ),
  /** Somebody started a pairing, and what came of it: a reader with a key of its own is a key event. */
  "reader.pairing": verb(
    Closed({
      line: Type.String({ maxLength: 64 }),
      address: Type.Integer({ minimum: 0, maximum: 126 }),
      outcome: OneOf(["paired", "failed"]),
      by: Type.String({ maxLength: 80 }),
    }),
    Closed({ index: Type.Integer(), origin: Type.String() }),
  ),
  /** One picture from a door screen while a look is running there; the JPEG rides beside the message. */
  frame: verb(
    Closed({ camera: Id }),
    Closed({ wanted: Type.Boolean(), ask: Type.Optional(LookAsk), hint: Type.Optional(LookHint) }),
  ),
  /** Attempts of the last minute at a door, to wait for a result. */
  attempt: verb(Closed({ id: TimeId }), EntryAttempt),
  ping: verb(Empty, Closed({ generation: Type.Integer() })),
} as const;
