import { exportPerson } from "../../core/retention/index.ts";
import type { Handlers } from "../handlers.ts";
import type { Request } from "../protocol/index.ts";
import type { Services } from "../services.ts";
import { requireOwn } from "./consents.ts";

type Papers = Request<"papers.put">["papers"];

/** What managers, privacy officers and auditors do beyond the desk: exports, holds, papers, the auditor's check. */
export const officeVerbs = (
  services: Services,
): Pick<
  Handlers,
  | "person.export"
  | "hold.put"
  | "hold.list"
  | "hold.lift"
  | "papers.put"
  | "papers.read"
  | "log.coverage"
  | "backup.make"
  | "restore.replay"
  | "restore.release"
> => {
  const { decisions, holds, log, lookUp, papers, recordChange } = services;
  return {
    async "person.export"({ person }, { actor }) {
      requireOwn(actor, person);
      services.registers.minors.require(actor, person, "rights-request");
      services.persons.read(person); // an unknown person has no record to write the look-up on
      const gathered = () =>
        JSON.stringify({
          ...exportPerson(services, person),
          passes: services.passes.of(person),
          // of a room code, what it is; not who else shares it
          codes: services.credentials.shared.of(person).map(({ members: _, ...code }) => code),
          passkeys: services.passkeys.book.list({ person }).map(({ id, since, used, synced }) => ({
            id,
            since,
            ...(used === undefined ? {} : { used }),
            synced,
          })),
          requests: services.registers.requests.of(person),
          disclosures: services.registers.disclosures.toldTo(person),
        });
      // one's own look at one's own data needs no record of who looked
      if (actor.person === person) return { export: gathered() };
      const request = { actor, purpose: "rights-request", person, fields: ["everything"] };
      return { export: await lookUp(request, gathered) };
    },

    async "hold.put"({ auth: _, ...hold }, { actor }) {
      const id = holds.put(hold, actor.id);
      await recordChange("hold-put", { by: actor.id, hold: id, from: hold.from, to: hold.to }, hold.person);
      return { id };
    },

    "hold.list": () => ({ holds: holds.list() }),

    async "hold.lift"({ id }, { actor }) {
      holds.lift(id);
      await recordChange("hold-lifted", { by: actor.id, hold: id });
      return {};
    },

    /** Takes papers over from a file, as they are, onto the record; what is recorded one by one stands before them. */
    "papers.put"({ papers: given }, { actor }) {
      decisions.add([{ kind: "import", papers: given }], actor);
      papers.settle();
      return {};
    },

    /** What the flow rules read. */
    "papers.read": () => ({ papers: papers.papers as Papers }),

    async "log.coverage"() {
      const { findings, summary } = await log.coverageInTurns();
      return {
        findings: findings.map(({ code, place }) => ({ code, place })),
        size: log.size,
        checkpoint: log.checkpoint(),
        summary: JSON.stringify(summary),
      };
    },

    async "backup.make"() {
      const { backup, journal } = services.backup();
      const { manifest, files, secrets } = backup;
      await recordChange("backup-made", {});
      return {
        manifest,
        ledger: files["ledger.db"].toString("base64"),
        people: files["people.db"].toString("base64"),
        secrets: secrets.toString("base64"),
        journal,
      };
    },

    "restore.replay": ({ journal }) => services.gate.replay(journal, services.signer.publicKey),

    "restore.release"(_, { actor }) {
      services.gate.release(actor);
      return {};
    },
  };
};
