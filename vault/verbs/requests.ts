import { LimenError } from "../../core/errors.ts";
import { loadPack } from "../../core/policy/packs.ts";
import type { RequestView } from "../../core/rights/index.ts";
import { breachDraft, rightsPack } from "../../core/rights/index.ts";
import type { Actor, Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { draftSite } from "./breaches.ts";
import { requireOwn, requireOwned } from "./looks.ts";

/** Requests about one's rights, from both sides of the desk; and what everybody may know of who answers. */
export const requestVerbs = (
  services: Services,
): Pick<
  Handlers,
  | "rights.public"
  | "rights.own"
  | "request.file"
  | "request.list"
  | "request.read"
  | "request.answer"
  | "request.extend"
  | "request.withdraw"
  | "request.receipt"
> => {
  const { log, lookUp, persons, registers, site } = services;
  const { requests, processors, disclosures, breaches } = registers;

  /** A request whose own door entry is asked about, with what the record says of it. */
  const whole = (request: RequestView): RequestView & { refusal?: object } => {
    const { entry, person, channel } = request;
    if (entry === undefined || person === undefined || channel !== "resident-page") return request;
    const [found] = log.query({ classes: ["decision"], subject: person, before: entry + 1, limit: 1 });
    if (found?.index !== entry) return request; // its time is over, or it is not theirs
    const text = (name: string) => {
      const value = found.fields?.[name];
      return typeof value === "string" ? { [name]: value } : {};
    };
    return { ...request, refusal: { ...text("at"), ...text("door"), ...text("method"), ...text("code") } };
  };

  return {
    "rights.public"() {
      const { config } = site;
      const pack = rightsPack(config.pack);
      const { bounds } = loadPack(config.pack);
      return {
        pack: config.pack,
        site: config.name,
        controller: config.controller.name,
        contact: config.controller.contact,
        guardian: bounds["guardian.age"]?.default ?? 18,
        days: bounds["request.days"]?.default ?? 30,
        article: pack.article,
        channels: [...pack.channels],
        processors: processors
          .list()
          .filter(({ ended }) => ended === undefined)
          .map(({ id, name, role, contact, purpose, method, data, until, running, certificates }) => ({
            id,
            name,
            role,
            contact,
            purpose,
            method,
            data,
            until,
            running,
            certificates,
          })),
      };
    },

    "rights.own"({ language = "zh-CN" }, { actor }) {
      const person = own(actor);
      return {
        requests: requests.of(person).map(whole),
        disclosures: disclosures.toldTo(person),
        incidents: breaches.toldTo(person).map((breach) => ({
          id: breach.id,
          told: breach.told!,
          text: breachDraft(breach, draftSite(services), "people", language),
        })),
      };
    },

    "request.file"({ auth: _, ...request }, { actor }) {
      const resident = actor.role === "resident";
      const person = resident ? own(actor) : request.person;
      // whoever may name an entry and read what it says would list somebody's movements one by one (RD-46)
      if (!resident && request.entry !== undefined)
        throw new LimenError("not-allowed", { field: "/entry", status: 403 });
      if (request.person !== undefined) {
        requireOwn(actor, request.person);
        persons.read(request.person);
      }
      if (request.processor !== undefined) processors.read(request.processor);
      return requests.file(
        { ...request, channel: resident ? "resident-page" : "desk", ...(person !== undefined && { person }) },
        actor.id,
      );
    },

    "request.list": ({ open }, { actor }) => ({
      requests: requests
        .list({ open })
        .map(({ person, ...line }) =>
          actor.role === "auditor" || person === undefined ? line : { ...line, person },
        ),
    }),

    async "request.read"({ id }, { actor }) {
      const { person } = requests.read(id);
      if (person === undefined) return requests.read(id);
      registers.minors.require(actor, person, "rights-request");
      const fields = ["request", "name", "flat"];
      return await lookUp({ actor, purpose: "rights-request", person, fields }, () => {
        const { name, flat } = persons.read(person);
        return { ...whole(requests.read(id)), name, ...(flat !== undefined && { flat }) };
      });
    },

    "request.answer": ({ id, text, ground }, { actor }) =>
      requests.answer(id, { text, ...(ground !== undefined && { ground }) }, actor.id),

    "request.extend": ({ id, reason }, { actor }) => requests.extend(id, reason, actor.id),

    "request.withdraw"({ id }, { actor }) {
      requireOwned(actor, () => requests.read(id).person);
      return requests.withdraw(id, actor.id);
    },

    "request.receipt"({ id }, { actor }) {
      requireOwned(actor, () => requests.read(id).person);
      return { receipt: requests.receipt(id) };
    },
  };
};

function own({ person }: Actor): string {
  if (person === undefined) throw new LimenError("not-allowed", { status: 403 });
  return person;
}
