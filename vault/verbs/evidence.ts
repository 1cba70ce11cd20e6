import { signJson } from "../../core/consent/index.ts";
import { languages } from "../../core/words.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";
import { accuracyVerbs } from "./accuracy.ts";
import { oversightVerbs } from "./oversight.ts";
import { inTurns } from "./turns.ts";

/** What a regulator asks first, and the certificates of what was erased: counts, papers and proofs, nobody's name. */
export const evidenceVerbs = (services: Services): Pick<Handlers, "evidence.pack" | "certificate.list"> => {
  const {
    clock,
    consents,
    decisions,
    erasures,
    log,
    papers,
    recordChange,
    registers,
    signer,
    site,
    templates,
  } = services;

  const watched = { ...oversightVerbs(services), ...accuracyVerbs(services) };
  const certificates = (limit: number) =>
    erasures
      .finished()
      .reverse()
      .slice(0, limit)
      .map(({ id, scope, cause, persons, days }) => {
        const { receipt, steps } = erasures.read(id);
        const done = steps.at(-1)?.at;
        return {
          id,
          scope,
          cause,
          count: scope === "days" ? days.length : persons.length,
          ...(done !== undefined && { day: done.slice(0, 10) }),
          ...(receipt !== undefined && { receipt }),
        };
      });

  return {
    "certificate.list": ({ limit }) => ({
      certificates: certificates(limit),
      unfinished: erasures.unfinished(),
    }),

    async "evidence.pack"(_, call) {
      const { actor } = call;
      await recordChange("evidence-pack", { by: actor.id, role: actor.role });
      const { findings, summary } = await log.coverageInTurns();
      const { name, controller, pack, timeZone } = site.config;
      const states: string[] = [];
      const faces = await inTurns(consents.people(), (person) => {
        states.push(...consents.list(person).map(({ state }) => state));
        return templates.has(person);
      });
      const month = { auth: "", days: 30 };
      const body = {
        type: "limen-evidence-pack",
        version: 1,
        made: clock.now().toISOString(),
        site: { name, controller, pack, timeZone },
        flow: site.flowHash ?? "",
        log: {
          origin: log.origin,
          vkey: log.vkey,
          size: log.size,
          checkpoint: log.checkpoint(),
          findings: findings.map(({ code, place }) => ({ code, place })),
          coverage: summary,
        },
        doors: site.doors.map(({ id, name, ways, egress, fire }) => ({ id, name, ways, egress, fire })),
        notices: noticesIn(services),
        papers: papers.papers,
        decisions: decisions.entries.map(({ by: _, ...entry }) => entry),
        parity: await watched["door.parity"](month, call),
        accuracy: await watched["accuracy.read"](month, call),
        consents: tally(states),
        faces: faces.length,
        requests: registers.requests
          .list({ open: false, limit: 5000 })
          .map(({ id, kind, filed, due, extended, state, closed }) => ({
            id,
            kind,
            filed,
            due,
            state,
            ...(extended !== undefined && { extended }),
            ...(closed !== undefined && { closed }),
          })),
        processors: registers.processors.list().map(({ access, ...rest }) => ({
          ...rest,
          access: access.map(({ from, until, reason }) => ({ from, until, reason })),
        })),
        disclosures: registers.disclosures
          .list(1000)
          .map(({ person: _, why: __, officer: ___, ...rest }) => rest),
        incidents: registers.breaches.list(),
        minors: registers.minors.report(clock.now().getUTCFullYear()),
        erasures: certificates(1000).map(({ receipt: _, ...rest }) => rest),
      };
      return { file: signJson(JSON.parse(JSON.stringify(body)) as Record<string, unknown>, signer) };
    },
  };
};

/** Every notice in force, in every language, word for word. */
function noticesIn({ consents, site }: Services) {
  const found = new Map<string, object>();
  for (const { id: door } of site.doors)
    for (const language of languages) {
      if (consents.notices.material("face", door) === undefined) continue;
      const { id, version, hash, text, doors } = consents.notices.current({ method: "face", door, language });
      found.set(id, { id, version, hash, language, doors, text });
    }
  return [...found.values()];
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
