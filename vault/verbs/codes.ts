import { LimenError } from "../../core/errors.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { requireOwn } from "./looks.ts";
import { requireDoors } from "./people.ts";

/** Codes for keypads, and a resident's own doors. */
export const codeVerbs = ({
  broadcast,
  credentials,
  persons,
  presence,
  recordChange,
  site,
  undo,
  zones,
}: Services): Pick<
  Handlers,
  "code.set" | "code.share" | "code.list" | "code.block" | "own.doors" | "door.presence" | "passback.reset"
> => ({
  async "code.set"({ person, code, duress }, { actor }) {
    requireOwn(actor, person);
    // staff hand codes over; what a resident chose is nobody's business
    const chosen = code !== undefined || (duress !== undefined && duress !== "new");
    if (chosen && actor.person !== person)
      throw new LimenError("not-allowed", { field: "/code", status: 403 });
    const { id, pin, ...made } = await credentials.setOwnCode(
      { person, pin: code ?? "new", ...(duress === undefined ? {} : { duress }) },
      actor,
    );
    return { id, ...(pin === undefined ? {} : { code: pin }), ...made };
  },

  async "code.share"({ auth: _, ...order }, { actor }) {
    requireDoors(site, order.doors);
    return await credentials.issueShared(order, actor.id);
  },

  "code.list": () => ({ codes: credentials.shared.list() }),

  "code.block"({ id, reason }, { actor }) {
    if (credentials.shared.block(id, reason, actor.id)) undo.did(id, actor.id);
    return {};
  },

  "own.doors"(_, { actor }) {
    const standing = actor.person === undefined ? undefined : persons.standing(actor.person);
    const mine = site.doors.filter(
      ({ id }) => standing?.resident && (!standing.doors || standing.doors.includes(id)),
    );
    return {
      doors: mine.map(({ id, name, phone, ways }) => ({
        id,
        name,
        ...(phone && ways.includes("phone") ? { phone } : {}),
      })),
    };
  },

  "door.presence": ({ door }) => presence.shown(site.door(door).id),

  async "passback.reset"({ door: id }, { actor }) {
    const door = site.door(id);
    await recordChange("passback-reset", { by: actor.id, zone: door.zone });
    zones.forget(door.zone);
    broadcast({ event: "door", door: id, kind: "passback-reset" });
    return {};
  },
});
