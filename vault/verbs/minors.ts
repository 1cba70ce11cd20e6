import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

/** Who of staff may see minors' data, and the yearly count of who did (RD-49). */
export const minorVerbs = ({
  consents,
  persons,
  registers: { minors },
}: Services): Pick<Handlers, "minor.ask" | "minor.list" | "minor.decide" | "minor.report"> => ({
  "minor.ask"({ person, purpose }, { actor }) {
    persons.read(person); // an unknown person is an error, not a question
    return { id: minors.ask(actor, person, purpose) };
  },

  "minor.list": (_, { actor }) => ({
    approvals: minors
      .list(actor.role === "desk" ? actor.id : undefined)
      .map(({ person, ...approval }) =>
        actor.role === "auditor" || person === undefined ? approval : { ...approval, person },
      ),
  }),

  "minor.decide"({ id, granted, hours }, { actor }) {
    minors.decide(actor, id, granted, hours);
    return {};
  },

  "minor.report": ({ year }) => ({
    ...minors.report(year),
    minors: persons.ids().filter((person) => minors.is(person)).length,
    guardians: consents
      .people()
      .flatMap((person) => consents.list(person))
      .filter(({ givenBy, state }) => givenBy === "guardian" && state === "given").length,
  }),
});
