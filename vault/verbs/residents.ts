import type { ReadEntry } from "../../core/audit/types.ts";
import { parseNotation } from "../../core/devices/cards/notation.ts";
import { LimenError } from "../../core/errors.ts";
import type { Actor, Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

/** What residents see of themselves: their own page, who looked, what happened at doors. */
export const residentVerbs = ({
  consents,
  credentials,
  log,
  persons,
  recordChange,
  registers,
  signIn,
  templates,
}: Services): Pick<
  Handlers,
  "resident.invite" | "session.accept" | "session.confirm" | "own.overview" | "own.entries"
> => ({
  async "resident.invite"({ person }, { actor }) {
    if (!persons.standing(person)?.resident)
      throw new LimenError("person-unknown", { field: "/person", status: 404 });
    registers.minors.require(actor, person, "desk-request"); // the link shows what is held
    const invitation = signIn.invite(person);
    await recordChange("resident-invited", { by: actor.id, name: actor.name, role: actor.role }, person);
    return invitation;
  },

  async "session.accept"({ invitation, address }) {
    const { auth, person, expires, until } = signIn.accept(invitation, address);
    if (person === undefined) throw new LimenError("internal", { status: 500 });
    if (!persons.standing(person)?.resident) {
      signIn.closeResident(person);
      throw new LimenError("residency-ended", { status: 403 });
    }
    await recordChange("invitation-used", { by: "link" }, person); // whoever had it: they can do what the resident can
    return { auth, person, expires, until };
  },

  "own.overview"(_, { actor }) {
    const person = oneself(actor);
    const { name, flat, birthDate, languages, proof } = persons.read(person);
    return {
      person: {
        name,
        ...(flat === undefined ? {} : { flat }),
        ...(birthDate === undefined ? {} : { birthDate }),
        ...(languages === undefined ? {} : { languages }),
        ...(proof === undefined ? {} : { proof }),
      },
      credentials: credentials.of(person).map(({ kind, tail, state, validUntil }) => ({
        kind,
        state,
        ...(tail === undefined ? {} : { tail }),
        ...(validUntil === undefined ? {} : { validUntil }),
      })),
      face: templates.has(person),
      consents: consents.list(person).map(({ id, state, since, doors }) => ({ id, state, since, doors })),
    };
  },

  "own.entries"({ kind, limit }, { actor }) {
    const person = oneself(actor);
    const from = kind === "decision" ? actor.doorsFrom : undefined;
    const found = log.query({
      classes: [kind],
      subject: person,
      limit,
      ...(from !== undefined && { since: new Date(from) }),
    });
    const entries = found.flatMap(shown);
    if (from === undefined) return { entries };
    // the log's days are whole ones
    return { entries: entries.filter(({ at }) => Date.parse(at ?? "") >= Date.parse(from)), from };
  },

  async "session.confirm"({ auth, code, notation, number }, { actor }) {
    const person = oneself(actor);
    if (code !== undefined) await credentials.requireTheirs(person, { code });
    else if (notation !== undefined && number !== undefined)
      await credentials.requireTheirs(person, parseNotation(notation, number));
    else
      throw new LimenError("invalid", { field: "/number", params: { field: "/number", rule: "required" } });
    signIn.confirmOwn(auth);
    await recordChange("link-confirmed", { by: "self" }, person);
    return {};
  },
});

/** @throws LimenError `not-allowed` where nobody's own page asks */
function oneself({ person }: Actor): string {
  if (person === undefined) throw new LimenError("not-allowed", { status: 403 });
  return person;
}

/** One's own entry in flat words; internal ids of others stay out. */
function shown({ index, day, fields }: ReadEntry) {
  if (!fields) return [];
  const text = <N extends string>(name: N) =>
    (typeof fields[name] === "string" ? { [name]: fields[name] } : {}) as { [K in N]?: string };
  return [
    {
      index,
      day,
      ...text("at"),
      ...text("door"),
      ...text("method"),
      ...text("outcome"),
      ...text("code"),
      ...text("name"),
      ...text("role"),
      ...text("purpose"),
      ...text("what"),
    },
  ];
}
