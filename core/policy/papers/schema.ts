import { Closed, parse, type Static, Type } from "../../schema.ts";
import type { Papers as PapersContext } from "../context.ts";

const At = Type.String({ format: "date-time" });
const Doors = Type.Array(Type.String({ maxLength: 48 }), { maxItems: 200 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
const Facts = Type.String({ maxLength: 4000 });

/** The papers of a site as they are kept: what was decided, published and assessed, and for which facts. */
export const Papers = Closed({
  decision: Type.Optional(
    Closed({
      at: At,
      doors: Doors,
      quorum: Type.Optional(Share),
      agreed: Type.Optional(Share),
      minutes: Type.Optional(Type.String({ maxLength: 400 })),
    }),
  ),
  notice: Type.Optional(Closed({ publishedAt: At, doors: Doors, facts: Facts, signsUp: Type.Boolean() })),
  assessment: Type.Optional(
    Closed({
      at: At,
      facts: Facts,
      necessity: Type.String({ maxLength: 10_000 }),
      search: Type.Optional(Type.String({ maxLength: 10_000 })),
    }),
  ),
  commissionedAt: Type.Optional(At),
  facesHeld: Type.Optional(Type.Integer({ minimum: 0 })),
  filedAt: Type.Optional(At),
});

/** @throws LimenError `papers-invalid` naming the field */
export const readPapers = (value: unknown): PapersContext =>
  parse(Papers, value, "papers-invalid") satisfies Static<typeof Papers>;
