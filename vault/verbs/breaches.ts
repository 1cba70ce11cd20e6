import { setImmediate } from "node:timers/promises";
import { type Affected, type BreachFacts, breachDraft } from "../../core/rights/index.ts";
import type { Actor, Handlers } from "../handlers.ts";
import type { Answer } from "../protocol/index.ts";
import type { Services } from "../services.ts";
import { requireDoors } from "./people.ts";
import { requireHand } from "./staff.ts";
import { inTurns } from "./turns.ts";

/** Entries opened in one go. */
const page = 100;

/** Incidents and drills: who is affected, drafts, who was told (RD-59). */
export const breachVerbs = (
  services: Services,
): Pick<
  Handlers,
  | "breach.open"
  | "breach.list"
  | "breach.draft"
  | "breach.contain"
  | "breach.report"
  | "breach.affected"
  | "breach.tell"
  | "breach.close"
> => {
  const { faces, registers, rotation, site } = services;
  const { breaches } = registers;
  return {
    async "breach.open"({ auth: _, drill, aware, ...facts }, { actor }) {
      requireDoors(site, facts.doors);
      const affected = await affectedBy(services, facts);
      return { id: breaches.open(facts, { drill, aware }, affected, actor.id) };
    },

    "breach.list": () => ({ breaches: breaches.list() }),

    "breach.draft": ({ id, to, language }) => ({
      text: breachDraft(breaches.read(id), draftSite(services), to, language),
    }),

    "breach.contain"({ id, measure }, { actor }) {
      const { drill, closed } = breaches.read(id);
      if (measure === "renew-faces" && !drill && closed === undefined) rotation.renew(faces.engine, actor.id);
      breaches.contain(id, measure, actor.id);
      return breaches.read(id);
    },

    "breach.report"({ id, at }, { actor }) {
      breaches.reported(id, new Date(at).toISOString(), actor.id);
      return breaches.read(id);
    },

    async "breach.affected"({ id }, { actor }) {
      requireHand(actor);
      breaches.requireReal(id);
      const people: Letter[] = [];
      // one after the other: a look-up is on that person's page before the name is read, and doors have their turn
      for (const person of breaches.persons(id)) people.push(...(await letterTo(services, person, actor)));
      return { people };
    },

    "breach.tell"({ id }, { actor }) {
      breaches.tell(id, actor.id);
      return breaches.read(id);
    },

    "breach.close"({ id, lessons }, { actor }) {
      breaches.close(id, lessons, actor.id);
      return breaches.read(id);
    },
  };
};

export function draftSite({ site: { config } }: Services) {
  const { name, controller, timeZone } = config;
  return { name, controller: controller.name, contact: controller.contact, timeZone };
}

type Letter = Answer<"breach.affected">["people"][number];

/** Whom a letter goes to: names and flats and nothing else, each a look-up on that person's own page (RD-48). */
async function letterTo(services: Services, person: string, actor: Actor): Promise<Letter[]> {
  const { consents, lookUp, persons, registers } = services;
  const address = (id: string) =>
    lookUp({ actor, purpose: "breach", person: id, fields: ["name", "flat"] }, () => {
      const { name, flat } = persons.read(id);
      return { name, ...(flat !== undefined && { flat }) };
    });
  if (!persons.has(person)) return [];
  if (!registers.minors.is(person)) return [{ ...(await address(person)), guardians: [] }];
  registers.minors.require(actor, person, "breach");
  const guardians = new Map<string, Letter["guardians"][number]>();
  for (const { guardian, relation } of consents.guardiansOf(person)) {
    const known = guardian !== undefined && persons.has(guardian) ? await address(guardian) : {};
    guardians.set(JSON.stringify(known), { ...known, relation });
  }
  for (const { asker, relation } of registers.requests.of(person)) {
    if (relation === "guardian" && asker !== undefined)
      guardians.set(JSON.stringify({ name: asker }), { name: asker, relation: "guardian" });
  }
  return [{ ...(await address(person)), minor: true, guardians: [...guardians.values()] }];
}

/** Whose data of these kinds, at these doors, in this time: from the stores, and exact. */
async function affectedBy(services: Services, facts: BreachFacts): Promise<Affected> {
  const { accounts, consents, credentials, persons, registers, templates } = services;
  const doors = facts.doors;
  const at = (person: string) => {
    const standing = persons.standing(person)?.doors;
    return doors.length === 0 || standing === undefined || doors.some((door) => standing.includes(door));
  };
  const faceAt = (person: string) =>
    doors.length === 0 || doors.some((door) => consents.check(person, "face", door) === undefined);
  const all = persons.ids();
  const of = {
    faces: () => inTurns(all, (person) => templates.has(person) && faceAt(person)),
    names: () => inTurns(all, at),
    cards: () => inTurns(all, (person) => at(person) && credentials.of(person).length > 0),
    entries: () => enteredIn(services, facts),
    accounts: () => [],
  };
  const found = new Set<string>();
  const counts: { -readonly [K in keyof Affected["counts"]]: number } = {};
  for (const kind of facts.kinds) {
    const people = await of[kind]();
    counts[kind] = kind === "accounts" ? accounts.list().length : people.length;
    for (const person of people) found.add(person);
  }
  const list = [...found].filter((person) => persons.has(person)).sort();
  const minors = await inTurns(list, (person) => registers.minors.is(person));
  return { persons: list, minors: minors.length, counts };
}

/** Everybody whose entries at these doors, in this time, are still held under their name. */
async function enteredIn({ log, site }: Services, facts: BreachFacts): Promise<string[]> {
  const people = new Set<string>();
  const doors = facts.doors.length === 0 ? site.doors.map(({ id }) => id) : facts.doors;
  for (const door of doors) {
    for (let before: number | undefined; ; ) {
      const some = log.query({
        classes: ["decision"],
        door,
        since: new Date(facts.from),
        until: new Date(facts.to),
        limit: page,
        subjects: true,
        ...(before !== undefined && { before }),
      });
      for (const { subject } of some) if (subject !== undefined) people.add(subject);
      if (some.length < page) break;
      before = some.at(-1)!.index;
      await setImmediate();
    }
  }
  return [...people];
}
