import { parseNotation } from "../../core/devices/cards/notation.ts";
import { localTime } from "../../core/entry/wall-clock.ts";
import { LimenError } from "../../core/errors.ts";
import type { CredentialRecord, PersonRecord, ProofSeen, ResidenceProof } from "../../core/people/index.ts";
import { doorsAskingMore } from "../alike.ts";
import type { Actor, Handlers } from "../handlers.ts";
import type { Answer } from "../protocol/index.ts";
import type { Services } from "../services.ts";

/** Residents and their credentials. Every answer that names somebody is on that person's record first. */
export const peopleVerbs = ({
  clock,
  consents,
  credentials,
  faces,
  lookUp,
  passkeys,
  persons,
  recordChange,
  registers: { minors },
  removal,
  signIn,
  site,
  templates,
  undo,
}: Services): Pick<
  Handlers,
  | "person.create"
  | "person.read"
  | "person.list"
  | "person.update"
  | "person.leave"
  | "credential.issue"
  | "credential.hours"
  | "credential.block"
> => ({
  async "person.create"({ auth: _, proof: kind, ...fields }, { actor }) {
    requireDoors(site, fields.doors);
    requireDoors(site, fields.opens);
    const id = persons.create({ ...fields, ...(kind && { proof: seen(kind, actor, clock.now(), site) }) });
    await recordChange("person-registered", { by: actor.id }, id);
    return { id };
  },

  async "person.read"({ id, purpose }, { actor }) {
    if (!persons.has(id)) throw new LimenError("person-unknown", { field: "/id", status: 404 });
    minors.require(actor, id, purpose);
    const fields = ["name", "birth-date", "flat", "languages", "residence-proof", "credentials"];
    return await lookUp({ actor, purpose, person: id, fields }, () =>
      view(persons.read(id), credentials.of(id), templates.has(id), {
        hasDuress: (code) => credentials.hasDuress(code),
        secondMethod: doorsAskingMore({ consents, faces, persons, site, templates }, id),
      }),
    );
  },

  async "person.list"({ purpose, search, limit }, { actor }) {
    const found = await persons.search({ limit, ...(search === undefined ? {} : { search }) });
    const fields = ["name", "flat"];
    await Promise.all(found.map(({ id }) => lookUp({ actor, purpose, person: id, fields }, () => undefined)));
    return {
      people: found.map(({ id, name, flat, state }) => ({
        id,
        name,
        state,
        ...(flat === undefined ? {} : { flat }),
      })),
    };
  },

  async "person.update"({ auth: _, id, proof: kind, ...fields }, { actor }) {
    const proof = kind && seen(kind, actor, clock.now(), site);
    const changes = { ...fields, ...(proof !== undefined && { proof }) };
    requireDoors(site, changes.doors);
    requireDoors(site, changes.opens);
    minors.require(actor, id, "desk-request");
    persons.update(id, changes);
    consents.reconsider(id); // another birth date may make another person the one to ask
    await recordChange("person-corrected", { by: actor.id, fields: Object.keys(changes).join(" ") }, id);
    return {};
  },

  async "person.leave"({ id }, { actor }) {
    persons.leave(id);
    credentials.endAll(id, actor);
    passkeys.book.forget({ person: id });
    signIn.closeResident(id);
    await recordChange("residency-ended", { by: actor.id }, id);
    const erasure = removal.leave(id);
    return erasure === undefined ? {} : { erasure };
  },

  async "credential.issue"({ person, kind, notation, number, doors, validUntil, schedule }, { actor }) {
    requireDoors(site, doors);
    const common = {
      person,
      ...(doors ? { doors } : {}),
      ...(validUntil ? { validUntil } : {}),
      ...(schedule ? { schedule } : {}),
    };
    if (kind === "pin") return await credentials.issuePin(common, actor);
    if (notation === undefined) throw missing("/notation");
    if (number === undefined) throw missing("/number");
    return credentials.issueCard({ ...common, ...parseNotation(notation, number), notation, number }, actor);
  },

  "credential.hours"({ id, schedule }, { actor }) {
    credentials.setHours(id, schedule, actor);
    return {};
  },

  "credential.block"({ id, reason }, { actor }) {
    if (credentials.block(id, reason, actor)) undo.did(id, actor.id);
    return {};
  },
});

/** Who looked and when is not for anybody to type: it is the account that says so, and today. */
const seen = (kind: ResidenceProof, by: Actor, at: Date, { config }: Services["site"]): ProofSeen => ({
  by: by.name,
  on: localTime(at, config.timeZone).date,
  kind,
});

const missing = (field: string): LimenError =>
  new LimenError("invalid", { field, params: { field, rule: "required" } });

/** @throws LimenError `unknown-door` naming the place in the list */
export function requireDoors(site: Services["site"], doors: readonly string[] | undefined): void {
  const known = new Set(site.doors.map(({ id }) => id));
  const at = doors?.findIndex((door) => !known.has(door)) ?? -1;
  if (at >= 0)
    throw new LimenError("unknown-door", { field: `/doors/${at}`, params: { field: `/doors/${at}` } });
}

/** A person as the desk sees them: that there is a template, never what is in it. */
function view(
  person: PersonRecord,
  held: readonly CredentialRecord[],
  template: boolean,
  {
    hasDuress,
    secondMethod,
  }: { hasDuress: (credential: string) => boolean; secondMethod: readonly string[] },
): Answer<"person.read"> {
  const { id, name, birthDate, flat, languages, doors, moreTime, opens, proof, state } = person;
  return {
    id,
    name,
    state,
    template,
    ...(secondMethod.length === 0 ? {} : { secondMethod: [...secondMethod] }),
    ...(birthDate === undefined ? {} : { birthDate }),
    ...(flat === undefined ? {} : { flat }),
    ...(languages === undefined ? {} : { languages }),
    ...(doors === undefined ? {} : { doors }),
    ...(moreTime ? { moreTime } : {}),
    ...(opens === undefined ? {} : { opens }),
    ...(proof === undefined ? {} : { proof }),
    credentials: held.map((credential) => ({
      id: credential.id,
      kind: credential.kind,
      assurance: credential.assurance,
      state: credential.state,
      ...(credential.tail === undefined ? {} : { tail: credential.tail }),
      ...(credential.doors === undefined ? {} : { doors: credential.doors }),
      ...(credential.validUntil === undefined ? {} : { validUntil: credential.validUntil }),
      ...(credential.schedule === undefined ? {} : { schedule: credential.schedule }),
      ...(hasDuress(credential.id) ? { duress: true } : {}),
    })),
  };
}
