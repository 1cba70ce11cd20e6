import { LimenError } from "../../core/errors.ts";
import { type DoorEntries, exportPerson } from "../../core/retention/index.ts";
import type { Disclosures, DisclosureView } from "../../core/rights/index.ts";
import type { Handlers } from "../handlers.ts";
import type { Request } from "../protocol/index.ts";
import type { Services } from "../services.ts";
import { requireOwn } from "./looks.ts";

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
  const { decisions, holds, log, lookUp, papers, recordChange, registers } = services;
  return {
    async "person.export"({ person, case: id }, { actor }) {
      requireOwn(actor, person);
      // one's own copy is whole without a case; of cases a resident learns on their own page, not by trying
      if (actor.role === "resident" && id !== undefined)
        throw new LimenError("not-allowed", { field: "/case", status: 403 });
      registers.minors.require(actor, person, "rights-request");
      services.persons.read(person); // an unknown person has no record to write the look-up on
      const own = actor.person === person;
      const gathered = async (doors: DoorEntries) => ({
        ...(await exportPerson(services, person, doors)),
        passes: services.passes
          .of(person)
          // whoever made a pass sees what became of it; others see that there is one
          .map(({ used, state, ...pass }) => (own ? { ...pass, used, state } : pass)),
        // of a room code, what it is; not who else shares it
        codes: services.credentials.shared.of(person).map(({ members: _, ...code }) => code),
        passkeys: services.passkeys.book.list({ person }).map(({ id, since, used, synced }) => ({
          id,
          since,
          ...(used !== undefined && own && { used }),
          synced,
        })),
        requests: registers.requests.of(person),
        disclosures: registers.disclosures.toldTo(person),
      });
      // one's own look at one's own data needs no record of who looked
      if (own) {
        const { doorsFrom: since } = actor;
        return { export: JSON.stringify(await gathered(since === undefined ? "all" : { since })) };
      }
      const view = id === undefined ? undefined : caseAbout(registers.disclosures, id, person);
      const request = { actor, purpose: "rights-request", person, fields: ["everything"] };
      const all = await lookUp(request, () => gathered(view ?? "none"));
      if (view) {
        const entries = all.log.entries.filter(({ class: kind }) => kind === "decision").length;
        registers.disclosures.release(view.id, { entries, persons: [person] }, actor);
      }
      return { export: JSON.stringify(view ? { ...all, case: view.id } : all) };
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

/**
 * The case that lets entries at doors into somebody's copy: an inquiry about them alone, approved by a second person. One
 * for an authority gives out its own file and nothing else, and may have to stay unsaid for a while.
 * @throws LimenError `disclosure-unknown`, `disclosure-not-approved`, `disclosure-over`, `disclosure-other`
 */
function caseAbout(disclosures: Disclosures, id: string, person: string): DisclosureView {
  const view = disclosures.requireApproved(id);
  if (view.person !== person || view.kind !== "inquiry")
    throw new LimenError("disclosure-other", { field: "/case", status: 409 });
  return view;
}
