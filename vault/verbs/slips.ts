import { LimenError } from "../../core/errors.ts";
import { tailOf } from "../../core/people/cards.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { requireOwned } from "./looks.ts";

/** A lost card blocked unseen, and what was blocked by a slip taken back. */
export const slipVerbs = ({
  credentials,
  passes,
  persons,
  recordChange,
  undo,
}: Services): Pick<Handlers, "card.lost" | "credential.undo" | "code.undo" | "pass.undo"> => ({
  async "card.lost"({ name, flat, tail }, { actor }) {
    const found = await persons.called({ name, flat });
    const cards = found.flatMap(({ id }) =>
      credentials
        .of(id)
        .filter(
          (one) =>
            one.kind === "card" &&
            one.state === "active" &&
            (tail === undefined || one.tail?.toUpperCase() === tailOf(tail).toUpperCase()),
        ),
    );
    const [card, another] = cards;
    if (!card || another) {
      // whoever tries names to find out who lives here is on record for every one that did not fit
      await recordChange("lost-card-not-found", { by: actor.id, name: actor.name, role: actor.role });
      throw another
        ? new LimenError("lost-card-which", { field: "/tail", status: 409 })
        : new LimenError("lost-card-nobody", { field: "/name", status: 404 });
    }
    credentials.block(card.id, "lost", actor);
    return {};
  },

  "credential.undo"({ id }, { actor }) {
    undo.take(id, actor.id);
    credentials.unblock(id, actor);
    return {};
  },

  "code.undo"({ id }, { actor }) {
    undo.take(id, actor.id);
    credentials.shared.unblock(id, actor.id);
    return {};
  },

  "pass.undo"({ id }, { actor }) {
    requireOwned(actor, () => passes.ownerOf(id));
    undo.take(id, actor.id);
    passes.restore(id, actor);
    return {};
  },
});
