import type { Handlers } from "../handlers.ts";
import type { Request } from "../protocol/index.ts";
import type { Services } from "../services.ts";

/** What a door did, and what stands there now. */
export const eventVerbs = (services: Services): Pick<Handlers, "event" | "fire.reset" | "level"> => {
  const { alarms, broadcast, clock, leaves, log, passages, readers, site } = services;

  /** Safety events (fire, exit) have happened already: they are told even if the record fails. */
  const event = async ({ door, kind, attempt, detail, settles }: Request<"event">) => {
    const { openSeconds } = site.door(door);
    if (settles && !alarms.wouldEnd(door, kind, detail)) return {};
    leaves.heard(door, kind, openSeconds);
    move(door, kind, openSeconds);
    if (attempt !== undefined && kind === "opened") passages.moved(door, attempt);
    if (attempt !== undefined && kind === "relay-failed") passages.failed(door, attempt);
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

  /** What an event says of the leaf, and so of who has come in. */
  const move = (door: string, kind: Request<"event">["kind"], openSeconds: number): void => {
    switch (kind) {
      case "opened": // for how long is known since the ticket was used; an event alone says the usual time
        if (site.state(door, clock.monotonic()) !== "released")
          site.released(door, clock.monotonic() + openSeconds * 1000);
        return;
      case "not-taken":
        passages.notTaken(door);
        site.moved(door, "closed");
        return;
      case "closed":
        site.moved(door, "closed");
        return;
      case "forced":
      case "held":
      case "held-warning":
        passages.taken(door);
        site.moved(door, "open");
    }
  };

  return {
    event,

    /** The record first: a release that ended without one would be nobody's doing. */
    async "fire.reset"({ door, reason }, { actor }) {
      const { id, openSeconds } = site.door(door);
      const at = clock.now();
      const kind = "fire-reset";
      const fields = { at: at.toISOString(), door: id, kind, reason, by: actor.id };
      await log.append({ class: "door-event", at, door: id, fields });
      leaves.heard(id, kind, openSeconds);
      broadcast({ event: "door", door: id, kind });
      return {};
    },

    async level({ door, contact, reader }) {
      const { id } = site.door(door);
      if (contact !== undefined) {
        leaves.stands(id, contact === "open");
        if (contact === "open") passages.taken(id);
        site.moved(id, contact);
        broadcast({ event: "door", door: id, kind: "moved" });
      }
      if (reader && readers.told({ door: id, ...reader }))
        await event({ door: id, kind: reader.alive ? "reader-back" : "reader-silent", detail: reader.name });
      return {};
    },
  };
};
