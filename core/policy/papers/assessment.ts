import { type Recipient, recipientLine, working } from "../../rights/recipients.ts";
import { type Language, sentence } from "../../words.ts";
import type { Document } from "./document.ts";
import type { SiteFacts } from "./facts.ts";
import { materialHash } from "./notice.ts";
import { speaker } from "./words.ts";

const risks = ["forced", "passers", "theft", "spoof", "bias", "tracking"] as const;

/**
 * The first draft of the impact assessment: what the flow says is filled in, what only people can say stays open.
 * @param register processors of the site, as the vault's register has them (PIPL 55: entrusting is assessed too)
 */
export function assessmentDraft(
  site: SiteFacts,
  hash: string,
  language: Language,
  register: readonly Recipient[] = [],
): Document {
  const say = speaker(language);
  const faces = site.doors.filter(({ face }) => face);
  const recipients = working(register).map((one) => `- ${recipientLine(one, language)}`);
  const many = faces.some(({ material }) => material.mode === "1:N");
  const ways = [...new Set(site.doors.flatMap(({ independent }) => independent))];
  const params = {
    site: site.name,
    controller: site.controller,
    doors: say.list(faces.map(({ name }) => name)) || say("none"),
    days: site.eventDays,
    mode: say.list([...new Set(faces.map(({ material }) => material.mode))].sort()) || "1:1",
    ways: say.list(ways.map((kind) => sentence(language, `way.${kind}`))) || say("none"),
    material: say.list([...new Set(faces.map(({ spelt }) => materialHash(spelt).slice(0, 16)))]),
  };
  return {
    language,
    title: say("assessment.title", params),
    mark: site.demonstration ? say("demonstration") : say("draft"),
    parts: [
      {
        heading: say("assessment.processing.heading"),
        paragraphs: [
          say("assessment.processing", params),
          ...(recipients.length > 0 ? recipients : [say("assessment.no-recipients")]),
        ],
      },
      {
        heading: say("assessment.necessity.heading"),
        paragraphs: [say("assessment.necessity", params)],
        blanks: [
          `${say("assessment.necessity.why")} (${say("open")})`,
          ...(many ? [`${say("assessment.necessity.search")} (${say("open")})`] : []),
        ],
      },
      {
        heading: say("assessment.risks.heading"),
        table: [
          [say("assessment.risk"), say("assessment.measure")],
          ...risks.map((risk) => [say(`assessment.risk.${risk}`), say(`assessment.measure.${risk}`, params)]),
        ],
      },
      {
        heading: say("assessment.left.heading"),
        blanks: ["risk", "advice", "date"].map((blank) => say(`assessment.left.${blank}`)),
      },
      { heading: say("assessment.again.heading"), paragraphs: [say("assessment.again", params)] },
      { heading: say("flow-hash"), paragraphs: [hash] },
    ],
  };
}
