import { LimenError } from "../../errors.ts";
import type { Recipient } from "../../rights/recipients.ts";
import { type Language, languages } from "../../words.ts";
import { assessmentDraft } from "./assessment.ts";
import { consentForm } from "./consent-form.ts";
import { dataFlowPage } from "./data-flow.ts";
import { type Document, toText } from "./document.ts";
import { entryNotice } from "./entry-notice.ts";
import { siteFacts } from "./facts.ts";
import { noticeDocument } from "./notice.ts";
import { processingRecord } from "./record.ts";
import { speaker } from "./words.ts";

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
export const paperKinds = [
  "notice",
  "consent-form",
  "entry-notice",
  "data-flow",
  "assessment",
  "record",
] as const;
export type PaperKind = (typeof paperKinds)[number];

/** Papers about faces: a flow without one has none of them. */
export const aboutFaces: ReadonlySet<PaperKind> = new Set(["notice", "consent-form", "assessment"]);

/** Papers that each group of doors with a notice of its own has of its own. */
const byNotice: ReadonlySet<PaperKind> = new Set(["notice", "consent-form"]);

/**
 * The papers a flow makes, for whoever lists them.
 * @param faces whether a door of it has a face
 */
export const papersOf = (faces: boolean): { kind: PaperKind; byNotice: boolean }[] =>
  paperKinds
    .filter((kind) => faces || !aboutFaces.has(kind))
    .map((kind) => ({ kind, byNotice: byNotice.has(kind) }));

/**
 * One paper of a flow, in one language; `toText` and `toHtml` give it a form.
 * @param hash SHA-256 of the flow, lower-case hex, as the record of the deploy has it
 * @param door for notice and consent form: doors of the same notice as this one; default: the first with a face
 * @param register the site's processors; a flow alone knows of none
 * @param notice for the consent form: the version of it that was shown
 * @throws LimenError `no-face-here` for a paper about faces where there is none: at that door, or at all
 */
export function paper(
  flow: readonly object[],
  kind: PaperKind,
  {
    language,
    hash,
    door,
    register = [],
    notice,
  }: {
    language: Language;
    hash: string;
    door?: string;
    register?: readonly Recipient[];
    notice?: { version: string; hash: string };
  },
): Document {
  const site = siteFacts(flow);
  const faces = site.doors.filter(({ face }) => face);
  const first = door === undefined ? faces[0] : faces.find(({ id }) => id === door);
  const doors = faces.filter(({ spelt }) => spelt === first?.spelt);
  if (!first && aboutFaces.has(kind)) throw new LimenError("no-face-here", { status: 404 });
  // what hangs at a door says which flow it was made from, as every other paper does
  const made = { heading: speaker(language)("flow-hash"), paragraphs: [hash] };
  const withHash = (document: Document): Document => ({ ...document, parts: [...document.parts, made] });
  switch (kind) {
    case "notice":
      return withHash(noticeDocument(site, doors, language, register));
    case "consent-form":
      return withHash(consentForm(site, doors, language, notice));
    case "entry-notice":
      return entryNotice(site, hash, language, register);
    case "data-flow":
      return dataFlowPage(flow, site, hash, language, register);
    case "assessment":
      return assessmentDraft(site, hash, language, register);
    case "record":
      return processingRecord(site, hash, language, register);
  }
}
