import type { Handler } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Doors whose leaf moves: the kinds that change what the door wall shows. */
const moves = { opened: "open", forced: "open", closed: "closed" } as const;

/** Records what a relay or a door did. Safety events (fire, exit) have happened already: they are told even if the record fails. */
export const event =
  ({ alarms, broadcast, clock, leaves, log, site }: Services): Handler<"event"> =>
  async ({ door, kind, attempt, detail, settles }) => {
    const { openSeconds } = site.door(door);
    if (settles && !alarms.wouldEnd(door, kind, detail)) return {};
    leaves.heard(door, kind, openSeconds);
    if (kind in moves) site.moved(door, moves[kind as keyof typeof moves]);
    broadcast(attempt === undefined ? { event: "door", door, kind } : { event: "door", door, kind, attempt });
    const at = clock.now();
    const fields = { at: at.toISOString(), door, kind, attempt: attempt ?? null, detail: detail ?? null };
    try {
      return await log.append({ class: "door-event", at, door, fields });
    } catch (error) {
      alarms.recorded({ class: "door-event", fields }); // what cannot be recorded still burns
      throw error;
    }
  };
