import { correctedIn, lackingFor, numbersOf } from "../../core/decisions/index.ts";
import { endingAt } from "../../core/policy/in-force.ts";
import { loadPack } from "../../core/policy/packs.ts";
import type { Handlers } from "../handlers.ts";
import type { Services } from "../services.ts";

/** What has to be on record before a face may start: read, added to, kept for its years. */
export const decisionVerbs = ({
  clock,
  decisions,
  papers,
  records,
  site,
}: Services): Pick<Handlers, "decision.read" | "decision.add" | "decision.records"> => ({
  "decision.read"({ doors }) {
    const now = clock.now().toISOString();
    const pack = loadPack(site.config.pack);
    const { papers: held, faces } = papers;
    const { filing, ...numbers } = numbersOf(pack);
    const corrected = correctedIn(decisions.entries);
    return {
      doors: doors.map(({ id, name, facts }) => {
        const known = site.doors.find((door) => door.id === id);
        return {
          id,
          name,
          lacking: lackingFor(id, facts, held, pack, now),
          ending: endingAt(id, held, now).map(({ lack, at }) => ({ lack, at })),
          armed: known?.ways.includes("face") === true && site.faceArmed(known),
        };
      }),
      faces: {
        ...faces,
        ...(filing !== undefined && { threshold: filing }),
        warn: filing !== undefined && faces.here + faces.elsewhere >= 0.8 * filing,
        ...(held.fileBy !== undefined && { fileBy: held.fileBy }),
      },
      numbers,
      entries: decisions.entries.map(({ by: _, ...recorded }) => ({
        ...recorded,
        corrected: corrected.has(recorded.id),
      })),
    } as never;
  },

  "decision.add"({ entries }, { actor }) {
    const ids = decisions.add(entries as never, actor);
    papers.settle();
    return { ids };
  },

  "decision.records": () => ({ records: records.list() }),
});
