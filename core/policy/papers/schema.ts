import { Closed, OneOf, parse, type Static, Type } from "../../schema.ts";
import type { Papers as PapersContext } from "../context.ts";

const At = Type.String({ format: "date-time" });
const DoorId = Type.String({ maxLength: 48 });
const Doors = Type.Array(DoorId, { maxItems: 200 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Facts = Type.String({ maxLength: 4000 });

const ofDoor = {
  decision: Type.Optional(
    Closed({
      at: At,
      doors: Type.Optional(Doors),
      quorum: Type.Optional(Share),
      agreed: Type.Optional(Share),
      matter: Type.Optional(OneOf(["ordinary", "common-parts"])),
      minutes: Type.Optional(Type.String({ maxLength: 400 })),
    }),
  ),
  notice: Type.Optional(
    Closed({ publishedAt: At, doors: Type.Optional(Doors), facts: Facts, signsUp: Type.Boolean() }),
  ),
  assessment: Type.Optional(
    Closed({
      at: At,
      facts: Facts,
      necessity: Type.String({ maxLength: 10_000 }),
      search: Type.Optional(Type.String({ maxLength: 10_000 })),
      review: Type.Optional(Type.String({ format: "date" })),
    }),
  ),
  commissionedAt: Type.Optional(At),
};

/**
 * The papers of a site as a file: what was decided, published and assessed, for which facts. At the top what is the same
 * for all doors, below `doors` what a door has of its own.
 */
export const Papers = Closed({
  ...ofDoor,
  doors: Type.Optional(Type.Record(DoorId, Closed(ofDoor))),
  facesHeld: Type.Optional(Type.Integer({ minimum: 0 })),
  incidentAt: Type.Optional(At),
  fileBy: Type.Optional(At),
  filedAt: Type.Optional(At),
});

/** @throws LimenError `papers-invalid` naming the field */
export const readPapers = (value: unknown): PapersContext =>
  parse(Papers, value, "papers-invalid") satisfies Static<typeof Papers>;
