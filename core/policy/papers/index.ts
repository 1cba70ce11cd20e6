import { type Language, languages } from "../../words.ts";
import { assessmentDraft } from "./assessment.ts";
import { consentForm } from "./consent-form.ts";
import { dataFlowPage } from "./data-flow.ts";
import { type Document, toText } from "./document.ts";
import { siteFacts } from "./facts.ts";
import { noticeDocument } from "./notice.ts";
import { processingRecord } from "./record.ts";

export { toHtml, toText } from "./document.ts";
export { flowNotices, generateNotice, materialHash, noticeVersion } from "./notice.ts";

/** The record of processing in every language, as the vault keeps it for its years (PIPL 55, 56). */
export function recordTexts(flow: readonly object[], hash: string): Record<Language, string> {
  const site = siteFacts(flow);
  return Object.fromEntries(
    languages.map((language) => [language, toText(processingRecord(site, hash, language))]),
  ) as Record<Language, string>;
}

/** The papers a deployed flow makes of itself. */
export const paperKinds = ["notice", "consent-form", "data-flow", "assessment", "record"] as const;
export type PaperKind = (typeof paperKinds)[number];

/**
 * One paper of a flow, in one language; `toText` and `toHtml` give it a form.
 * @param hash SHA-256 of the flow, lower-case hex, as the record of the deploy has it
 * @param door for notice and consent form: doors of the same notice as this one; default: the first with a face
 */
export function paper(
  flow: readonly object[],
  kind: PaperKind,
  { language, hash, door }: { language: Language; hash: string; door?: string },
): Document {
  const site = siteFacts(flow);
  const faces = site.doors.filter(({ face }) => face);
  const first = door === undefined ? faces[0] : faces.find(({ id }) => id === door);
  const doors = faces.filter(({ spelt }) => spelt === first?.spelt);
  switch (kind) {
    case "notice":
      return noticeDocument(site, doors, language);
    case "consent-form":
      return consentForm(site, doors, language);
    case "data-flow":
      return dataFlowPage(flow, site, hash, language);
    case "assessment":
      return assessmentDraft(site, hash, language);
    case "record":
      return processingRecord(site, hash, language);
  }
}
