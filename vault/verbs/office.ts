import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { readPapers } from "../../core/policy/papers/schema.ts";
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
  const {
    config: { papers: file },
    holds,
    log,
    lookUp,
    recordChange,
  } = services;
  return {
    async "person.export"({ person }, { actor }) {
      requireOwn(actor, person);
      services.persons.read(person); // an unknown person has no record to write the look-up on
      const gathered = () =>
        JSON.stringify({ ...exportPerson(services, person), passes: services.passes.of(person) });
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

    /** On record first, then in place: the flow rules read the file at the next deploy and the next start. */
    async "papers.put"({ papers }, { actor }) {
      await recordChange("papers", { by: actor.id, kinds: Object.keys(papers).sort().join(" ") });
      const next = `${file}.next`;
      writeFileSync(next, `${JSON.stringify(papers, null, 2)}\n`, { mode: 0o640 });
      renameSync(next, file);
      return {};
    },

    "papers.read": () => ({
      papers: existsSync(file) ? (readPapers(JSON.parse(readFileSync(file, "utf8"))) as Papers) : {},
    }),

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
