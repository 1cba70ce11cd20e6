import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { requireHand } from "./staff.ts";
import { inTurns } from "./turns.ts";

/** Who of staff may see minors' data, and the yearly count of who did (RD-49). */
export const minorVerbs = ({
  consents,
  credentials,
  lookUp,
  persons,
  registers: { minors },
}: Services): Pick<
  Handlers,
  "minor.ask" | "minor.lost-card" | "minor.list" | "minor.whose" | "minor.decide" | "minor.report"
> => ({
  "minor.ask"({ person, purpose }, { actor }) {
    persons.read(person); // an unknown person is an error, not a question
    return { id: minors.ask(actor, person, purpose) };
  },

  "minor.lost-card"({ person }, { actor }) {
    persons.read(person);
    const cards = credentials.of(person).filter(({ kind, state }) => kind === "card" && state === "active");
    // which of several is lost can only be seen by looking
    if (cards.length > 1) minors.require(actor, person, "card-issue");
    const [card] = cards;
    if (cards.length !== 1 || !card) return { blocked: 0 };
    credentials.block(card.id, "lost", actor);
    return { blocked: 1 };
  },

  "minor.list": (_, { actor }) => ({
    approvals: minors
      .list(actor.role === "desk" ? actor.id : undefined)
      .map(({ person, ...approval }) =>
        actor.role === "auditor" || person === undefined ? approval : { ...approval, person },
      ),
  }),

  async "minor.whose"({ id }, { actor }) {
    requireHand(actor);
    const { person, purpose } = minors.waiting(id);
    minors.require(actor, person, purpose); // counted like any look of those in charge
    return await lookUp({ actor, purpose, person, fields: ["name", "flat"] }, () => {
      const { name, flat } = persons.read(person);
      return { name, ...(flat === undefined ? {} : { flat }) };
    });
  },

  "minor.decide"({ id, granted, hours }, { actor }) {
    requireHand(actor);
    minors.decide(actor, id, granted, hours);
    return {};
  },

  async "minor.report"({ year }) {
    const registered = await inTurns(persons.ids(), (person) => minors.is(person));
    const byGuardian = (person: string) =>
      consents.list(person).some(({ givenBy, state }) => givenBy === "guardian" && state === "given");
    const guarded = await inTurns(consents.people(), byGuardian);
    return { ...minors.report(year), minors: registered.length, guardians: guarded.length };
  },
});
