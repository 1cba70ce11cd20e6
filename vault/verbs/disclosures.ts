import { setImmediate } from "node:timers/promises";
import type { ReadEntry } from "../../core/audit/types.ts";
import { signJson } from "../../core/consent/index.ts";
import { LimenError } from "../../core/errors.ts";
import type { DisclosureView } from "../../core/rights/index.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { requireDoors } from "./people.ts";

/** Entries one case may hold: whoever needs more has not said what is needed. */
const most = 5000;
/** Entries opened in one go: a few milliseconds, which is what a card at a door may wait. */
const page = 100;

/** What leaves, or is put together about people's movements: case by case, by two people (RD-46, RD-60). */
export const disclosureVerbs = (
  services: Services,
): Pick<
  Handlers,
  "disclosure.open" | "disclosure.list" | "disclosure.approve" | "disclosure.refuse" | "disclosure.release"
> => {
  const { clock, log, persons, registers, signer, site } = services;
  const { disclosures } = registers;
  return {
    "disclosure.open"({ auth: _, ...request }, { actor }) {
      requireDoors(site, request.doors);
      if (request.person !== undefined) persons.read(request.person);
      return { id: disclosures.open(request, actor) };
    },

    "disclosure.list": (_, { actor }) => ({
      disclosures: disclosures.list().map((view) => (actor.role === "auditor" ? withoutPerson(view) : view)),
    }),

    "disclosure.approve"({ id }, { actor }) {
      disclosures.approve(id, actor);
      return disclosures.read(id);
    },

    "disclosure.refuse"({ id }, { actor }) {
      disclosures.refuse(id, actor);
      return disclosures.read(id);
    },

    async "disclosure.release"({ id }, { actor }) {
      const view = disclosures.requireApproved(id);
      const found = await entriesIn(services, view);
      const subjects = found.flatMap(({ subject }) => (subject === undefined ? [] : [subject]));
      // whom it says something about: without names and without one person it says nothing about anybody
      const concerned = view.names || view.person !== undefined ? [...new Set(subjects)] : [];
      const { case: number, kind, recipient, basis, doors, from, to, names } = view;
      disclosures.release(id, { entries: found.length, persons: concerned }, actor);
      const nameOf = namesOf(services, names ? concerned : []);
      const body = {
        type: "limen-disclosure",
        version: 1,
        id,
        made: clock.now().toISOString(),
        site: site.config.name,
        kind,
        recipient,
        basis,
        case: number,
        scope: { doors, from, to, names, ...(view.person !== undefined && { person: view.person }) },
        opened: { by: view.opener, at: view.opened },
        approved: { by: view.approver, at: view.approved },
        log: { origin: log.origin, checkpoint: log.checkpoint(), vkey: log.vkey },
        entries: found.map((entry) => lineOf(entry, nameOf)),
      };
      return { file: signJson(body, signer) };
    },
  };
};

/** Decisions and door events of the case, oldest first, in turns: doors wait for nobody's inquiry. */
async function entriesIn({ log }: Services, view: DisclosureView): Promise<ReadEntry[]> {
  const { doors, from, to, person } = view;
  const all: ReadEntry[] = [];
  for (const door of doors) {
    for (let before: number | undefined; ; ) {
      const some = log.query({
        classes: person === undefined ? ["decision", "door-event"] : ["decision"],
        door,
        since: new Date(from),
        until: new Date(to),
        limit: page,
        subjects: true,
        ...(person !== undefined && { subject: person }),
        ...(before !== undefined && { before }),
      });
      all.push(...some);
      if (all.length > most) {
        throw new LimenError("disclosure-too-much", { params: { count: most }, status: 422 });
      }
      if (some.length < page) break;
      before = some.at(-1)!.index;
      await setImmediate();
    }
  }
  return all.sort((a, b) => a.index - b.index);
}

/** Only what happened at a door: never a number of a card, a score or what the door saw. */
function lineOf({ index, class: kind, fields, subject }: ReadEntry, nameOf: Map<string, string>) {
  const text = (name: string) => (typeof fields?.[name] === "string" ? { [name]: fields[name] } : {});
  const name = subject === undefined ? undefined : nameOf.get(subject);
  return {
    index,
    ...text("at"),
    ...text("door"),
    ...(kind === "decision" ? { kind: "decision" } : text("kind")),
    ...text("method"),
    ...text("outcome"),
    ...text("code"),
    ...(name !== undefined && { name }),
  };
}

function namesOf({ persons }: Services, of: readonly string[]): Map<string, string> {
  return new Map(of.flatMap((person) => (persons.has(person) ? [[person, persons.read(person).name]] : [])));
}

function withoutPerson({ person: _, why: __, officer: ___, ...rest }: DisclosureView): DisclosureView {
  return rest;
}
