import type { Language } from "../../words.ts";
import type { Document } from "./document.ts";
import type { DoorFacts, SiteFacts } from "./facts.ts";
import { materialHash } from "./notice.ts";
import { speaker } from "./words.ts";

/**
 * A sheet to be signed: one purpose, two equal answers, each door by itself, nothing ticked (PIPL 29, RD-15).
 * @param notice the version that was shown; absent: the sheet names the notice by its mark alone
 */
export function consentForm(
  site: SiteFacts,
  doors: readonly DoorFacts[],
  language: Language,
  notice?: { version: string; hash: string },
): Document {
  const say = speaker(language);
  const params = {
    site: site.name,
    doors: say.list(doors.map(({ name }) => name)),
    material: doors[0] ? materialHash(doors[0].spelt).slice(0, 16) : "",
    age: site.pack.bounds["guardian.age"]?.default ?? 14,
  };
  const document: Document = {
    language,
    title: say("consent.title", params),
    parts: [
      {
        heading: say("consent.what.heading"),
        paragraphs: [
          say("consent.what", params),
          ...(notice
            ? [say("consent.notice", { version: notice.version, hash: notice.hash.slice(0, 16) })]
            : []),
        ],
      },
      {
        heading: say("consent.choice.heading"),
        paragraphs: [say("consent.free")],
        choices: [say("consent.yes"), say("consent.no")],
      },
      ...(doors.length > 1
        ? [
            {
              heading: say("consent.doors.heading"),
              paragraphs: [say("consent.doors")],
              choices: doors.map(({ name }) => name),
            },
          ]
        : []),
      { heading: say("consent.withdraw.heading"), paragraphs: [say("consent.withdraw")] },
      {
        heading: say("consent.sign.heading"),
        blanks: [say("consent.name"), say("consent.guardian", params), say("consent.date")],
      },
    ],
  };
  return site.demonstration ? { ...document, mark: say("demonstration") } : document;
}
