import type { Document, Part } from "../policy/papers/document.ts";
import { type Language, sentence } from "../words.ts";
import { minute, sayEntry, sayWho } from "./say.ts";
import { entryKinds, type Recorded } from "./schema.ts";

export interface PaperState {
  site: string;
  doors: readonly { id: string; name: string; armed: boolean; lacking: readonly string[] }[];
  faces: { here: number; elsewhere: number; threshold?: number | undefined };
  entries: readonly (Recorded & { corrected: boolean })[];
}

/** The decision record as a paper: what the doors lack, and every entry there is, corrected ones as well. */
export function recordPaper(state: PaperState, language: Language): Document {
  const { site, doors, entries, faces } = state;
  const say = (key: string, params = {}) => sentence(language, `decision.${key}`, params);
  const nameOf = (id: string) => doors.find((door) => door.id === id)?.name ?? id;
  const lacks = ({ name, lacking, armed }: PaperState["doors"][number]): string => {
    if (lacking.length === 0) return say(armed ? "armed" : "ready");
    return lacking
      .map((one) => sentence(language, `rule.notice-in-force.${one}`, { door: name }))
      .join(language === "en-US" ? " " : "");
  };
  const parts: Part[] = [
    {
      heading: say("state"),
      ...(doors.length > 0
        ? {
            table: [
              [say("doors.item"), say("doors.lacks")],
              ...doors.map((door) => [door.name, lacks(door)]),
            ],
          }
        : { paragraphs: [say("state.none")] }),
    },
  ];
  for (const kind of [...entryKinds, "import", "reached"] as const) {
    const of = entries.filter(({ entry }) => entry.kind === kind);
    if (of.length === 0 && (kind === "void" || kind === "answer" || kind === "import" || kind === "reached"))
      continue;
    parts.push({
      heading: say(`kind.${kind}`),
      paragraphs: [
        ...(kind === "filing" && faces.threshold !== undefined
          ? [say("kind.filing.hint", { ...faces })]
          : []),
        ...(of.length === 0 ? [say("none")] : of.map((one) => paragraph(one, language, nameOf))),
      ],
    });
  }
  return { language, title: say("title", { site }), parts };
}

function paragraph(
  recorded: Recorded & { corrected: boolean },
  language: Language,
  nameOf: (id: string) => string,
): string {
  const { at, entry, corrected } = recorded;
  const [colon, end] = language === "en-US" ? [": ", "; "] : ["：", "；"];
  const said = sayEntry(entry, language, nameOf).map(([label, value]) => `${label}${colon}${value}`);
  const mark = corrected ? [sentence(language, "decision.corrected")] : [];
  return [`${minute(at)} · ${sayWho(recorded, language)}`, ...mark, ...said].join(end);
}
