import { Closed, Type } from "../../core/schema.ts";
import { Auth, Empty, Opaque, verb } from "./common.ts";

const desk = ["manager", "desk"] as const;
const Undone = Closed({ auth: Auth, id: Opaque });

/** A lost card in a hurry, and what was blocked by a slip. */
export const slipVerbs = {
  /**
   * Blocks somebody's lost card by what they say of themselves, unseen: the answer shows nothing of them, and whoever may only
   * block needs no list of people.
   */
  "card.lost": verb(
    Closed({
      auth: Auth,
      name: Type.String({ minLength: 1, maxLength: 80 }),
      flat: Type.Optional(Type.String({ maxLength: 40 })),
      /** The last four of its number, where somebody has several cards. */
      tail: Type.Optional(Type.String({ minLength: 4, maxLength: 40 })),
    }),
    Empty,
    [...desk, "guard"],
  ),
  /** Within a minute and by the same account: what was blocked opens again. Not the guard's, who may only block. */
  "credential.undo": verb(Undone, Empty, desk),
  "code.undo": verb(Undone, Empty, desk),
  "pass.undo": verb(Undone, Empty, [...desk, "resident"]),
} as const;
