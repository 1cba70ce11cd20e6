import { Closed, Type } from "../../core/schema.ts";
import { Assurance, Auth, Id, Opaque, verb } from "./common.ts";

export const tapVerbs = {
  /**
   * Gives somebody the next unknown card that is tapped at this door's reader within nine seconds. Its number goes from the
   * reader to the store; the attempt itself is refused and recorded like any other.
   */
  "credential.tap": verb(
    Closed({ auth: Auth, person: Opaque, door: Id }),
    Closed({ id: Opaque, assurance: Assurance, tail: Type.Optional(Type.String()) }),
    ["manager", "desk"],
  ),
} as const;
