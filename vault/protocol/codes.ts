import { CredentialHours } from "../../core/people/hours.ts";
import { Closed, OneOf, Type } from "../../core/schema.ts";
import { Auth, DateTime, Empty, Id, Opaque, verb } from "./common.ts";

const desk = ["manager", "desk"] as const;
export const Digits = Type.String({ pattern: "^[0-9]{6,10}$" });
const Doors = Type.Array(Id, { minItems: 1, maxItems: 200, uniqueItems: true });

export const codeVerbs = {
  /**
   * Sets somebody's own code, with or without a duress code. A resident may choose both; the desk is only ever given
   * codes that are made here. What was made is in the answer for the only time.
   */
  "code.set": verb(
    Closed({
      auth: Auth,
      person: Opaque,
      code: Type.Optional(Digits),
      /** Absent: no duress code from now on. `new`: one that is made here. */
      duress: Type.Optional(Type.Union([Type.Literal("new"), Digits])),
    }),
    Closed({ id: Opaque, code: Type.Optional(Digits), duress: Type.Optional(Digits) }),
    [...desk, "resident"],
    ["resident"], // what somebody finds an open page for
  ),
  /** A household's room code, or a door's own code. */
  "code.share": verb(
    Closed({
      auth: Auth,
      kind: OneOf(["room", "door"]),
      members: Type.Array(Opaque, { default: [], maxItems: 30, uniqueItems: true }),
      doors: Doors,
      validUntil: Type.Optional(DateTime),
      schedule: Type.Optional(CredentialHours),
    }),
    Closed({ id: Opaque, code: Digits }),
    desk,
  ),
  "code.list": verb(
    Closed({ auth: Auth }),
    Closed({
      codes: Type.Array(
        Closed({
          id: Opaque,
          kind: OneOf(["room", "door"]),
          members: Type.Array(Opaque),
          doors: Type.Array(Id),
          validUntil: Type.Optional(DateTime),
          schedule: Type.Optional(CredentialHours),
          state: OneOf(["active", "blocked", "expired"]),
        }),
      ),
    }),
    desk,
  ),
  "code.block": verb(
    Closed({ auth: Auth, id: Opaque, reason: OneOf(["lost", "stolen", "returned", "replaced"]) }),
    Empty,
    [...desk, "guard"],
  ),

  /** One's own doors, and how one's own page opens them. */
  "own.doors": verb(
    Closed({ auth: Auth }),
    Closed({
      doors: Type.Array(
        Closed({ id: Id, name: Type.String(), phone: Type.Optional(OneOf(["at-door", "anywhere"])) }),
      ),
    }),
    ["resident"],
  ),
  /** What a door's screen shows for phones that have to be there. */
  "door.presence": verb(
    Closed({ door: Id }),
    Closed({ code: Type.String({ pattern: "^[0-9]{6}$" }), seconds: Type.Integer() }),
  ),
  /** Forgets who came into a door's zone: after a mistake, or when everybody is known to be out. */
  "passback.reset": verb(Closed({ auth: Auth, door: Id }), Empty, ["manager", "guard"]),
} as const;
