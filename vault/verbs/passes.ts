import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { requireOwn } from "./consents.ts";
import { requireDoors } from "./people.ts";

/** Visitors' and phones' passes. A resident makes their own; the desk makes them for whoever asks. */
export const passVerbs = ({
  passes,
  site,
}: Services): Pick<Handlers, "pass.issue" | "pass.list" | "pass.revoke"> => ({
  "pass.issue"({ auth: _, ...order }, { actor }) {
    requireOwn(actor, order.person);
    requireDoors(site, order.doors);
    return passes.issue(order);
  },

  "pass.list"({ person }, { actor }) {
    requireOwn(actor, person);
    return { passes: passes.of(person) };
  },

  "pass.revoke"({ id }, { actor }) {
    requireOwn(actor, passes.ownerOf(id));
    passes.revoke(id);
    return {};
  },
});
