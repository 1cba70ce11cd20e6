import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { looked, requireOwn, requireOwned } from "./looks.ts";
import { requireDoors } from "./people.ts";

/** Visitors' and phones' passes. A resident makes their own; the desk makes them for whoever asks. */
export const passVerbs = (services: Services): Pick<Handlers, "pass.issue" | "pass.list" | "pass.revoke"> => {
  const { passes, site, undo } = services;
  return {
    "pass.issue"({ auth: _, ...order }, { actor }) {
      requireOwn(actor, order.person);
      requireDoors(site, order.doors);
      return passes.issue(order, actor);
    },

    async "pass.list"({ person, purpose }, { actor }) {
      const look = { actor, person, purpose, fields: ["passes"] };
      return { passes: await looked(services, look, () => passes.of(person)) };
    },

    "pass.revoke"({ id }, { actor }) {
      requireOwned(actor, () => passes.ownerOf(id));
      if (passes.revoke(id, actor)) undo.did(id, actor.id);
      return {};
    },
  };
};
