import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Doors whose leaf moves: the kinds that change what the door wall shows. */
const moves = { opened: "open", forced: "open", closed: "closed" } as const;

/** Records what a relay or a door did. Safety events (fire, exit) have happened already: they are told even if the record fails. */
export const event =
  ({ broadcast, clock, leaves, log, site }: Services): Handler<"event"> =>
  async ({ door, kind, attempt, detail }) => {
    const { openSeconds } = site.door(door);
    leaves.heard(door, kind, openSeconds);
    if (kind in moves) site.moved(door, moves[kind as keyof typeof moves]);
    broadcast(attempt === undefined ? { event: "door", door, kind } : { event: "door", door, kind, attempt });
    const at = clock.now();
    return await log.append({
      class: "door-event",
      at,
      door,
      fields: { at: at.toISOString(), door, kind, attempt: attempt ?? null, detail: detail ?? null },
    });
  };
