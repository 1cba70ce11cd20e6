import { EntryAttempt } from "../../core/entry/attempt.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Assurance, Auth, DateTime, Empty, Id, Opaque, TimeId, verb } from "./common.ts";

/** Short APDUs: 255 bytes of data, and what frames them. */
const Apdu = Type.String({ pattern: "^([0-9a-f]{2}){1,270}$" });

/**
 * What comes next: a command for the card, whose answer is wanted; or the end, with an attempt where the card was at a
 * door, with `written` where a desk had waited for it, with neither where nobody had.
 */
const ChipStep = Closed({
  dialogue: Type.Optional(Opaque),
  send: Type.Optional(Apdu),
  attempt: Type.Optional(EntryAttempt),
  written: Type.Optional(Type.Boolean()),
});

export const chipVerbs = {
  /**
   * A card has come to a reader that can talk with it. The vault says what to ask it: keys stay where they are, and the
   * flow carries what goes over the air anyway. A card without keys of ours is sensed by its number.
   */
  "chip.begin": verb(
    Closed({
      door: Id,
      node: Type.String({ maxLength: 64 }),
      reader: Type.String({ maxLength: 64 }),
      /** A reader at the desk starts no attempts. */
      place: OneOf(["door", "desk"]),
      uid: Type.String({ pattern: "^([0-9A-F]{8}|[0-9A-F]{14}|[0-9A-F]{20})$" }),
      /** Whether it takes commands; a card that does not is known by its number at most. */
      talks: Type.Boolean(),
      attempt: Type.Optional(TimeId),
    }),
    ChipStep,
  ),
  "chip.answer": verb(Closed({ dialogue: Opaque, answer: Apdu }), ChipStep),
  /** The card has gone in the middle. */
  "chip.drop": verb(Closed({ dialogue: Opaque }), Empty),
  /**
   * Gives somebody a card that proves itself: the next blank one that lies at this door's reader within seven seconds is
   * written with keys of this site, proved, and only then issued.
   */
  "credential.chip": verb(
    Closed({
      auth: Auth,
      person: Opaque,
      door: Id,
      doors: Type.Optional(Type.Array(Id, { uniqueItems: true })),
      validUntil: Type.Optional(DateTime),
      sun: Type.Boolean({ default: false }),
      byNumber: Type.Boolean({ default: false }),
    }),
    Closed({ id: Opaque, assurance: Assurance, tail: Type.Optional(Type.String()) }),
    ["manager", "desk"],
  ),
} as const;
