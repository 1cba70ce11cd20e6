import { Closed, OneOf, type Static, Type } from "../../core/schema.ts";

/** How one `face-match` node looks: what its installer chose. */
export const LookSettings = Closed({
  mode: OneOf(["1:N", "1:1"]),
  risk: Type.Number({ default: 1e-4, minimum: 1e-6, maximum: 1e-2, description: "wrong openings per look" }),
  frames: Type.Integer({ default: 5, minimum: 2, maximum: 10 }),
  agreeing: Type.Integer({ default: 2, minimum: 2, maximum: 10 }),
  seconds: Type.Number({ default: 4, minimum: 1, maximum: 4.5 }),
  flat: Type.Optional(
    Type.Boolean({
      description: "1:1 only: after a room code, those of that flat who agreed are compared, and nobody else",
    }),
  ),
  challenge: Type.Optional(
    OneOf(["none", "turn"], {
      description:
        "what somebody recognised has to do besides; `turn`: turn the head to the side that is asked",
    }),
  ),
});
export type LookSettings = Static<typeof LookSettings>;
