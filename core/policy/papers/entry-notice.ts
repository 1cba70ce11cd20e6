import { type Recipient, recipientLines } from "../../rights/recipients.ts";
import type { Language } from "../../words.ts";
import type { Document, Part } from "./document.ts";
import type { SiteFacts } from "./facts.ts";
import { controllerLines, waysAt } from "./notice.ts";
import { retentionTable } from "./tables.ts";
import { speaker } from "./words.ts";

/** Parts of the notice on entry without a face, in the order of PIPL 17 and GDPR 13. */
export const entryNoticeParts = [
  "controller",
  "purpose",
  "data",
  "source",
  "basis",
  "retention",
  "storage",
  "recipients",
  "ways",
  "must",
  "rights",
  "decision",
  "complaint",
  "version",
] as const;

/**
 * What everybody is told who enters by card, code, pass or phone, or is let in by staff: names, flats and entry events are
 * personal data too (PIPL 17, GDPR 13). Made for every site, with or without faces.
 * @param hash of the flow, lower-case hex
 * @param register processors of the site, as the vault's register has them
 */
export function entryNotice(
  site: SiteFacts,
  hash: string,
  language: Language,
  register: readonly Recipient[] = [],
): Document {
  const say = speaker(language);
  const { pack } = site;
  const params = {
    site: site.name,
    controller: site.controller,
    contact: site.contact,
    answer: pack.bounds["request.days"]?.default ?? 0,
  };
  // what the face notice says in the same words is said in the same words
  const shared: Partial<Record<(typeof entryNoticeParts)[number], string>> = {
    rights: "notice.rights",
    decision: "notice.decision",
    complaint: `notice.complaint.${pack.id}`,
    recipients: "notice.recipients",
    basis: `entry-notice.basis.${pack.id}`,
  };
  const parts = entryNoticeParts.map((part): Part => {
    const heading = say(
      ["source", "ways", "must"].includes(part) ? `entry-notice.${part}.heading` : `notice.${part}.heading`,
      params,
    );
    const said = say(shared[part] ?? `entry-notice.${part}`, params);
    if (part === "controller") return { heading, paragraphs: controllerLines(site, say) };
    if (part === "recipients") return { heading, paragraphs: recipientLines(register, language, said) };
    if (part === "retention" && site.retention.length > 0)
      return { heading, paragraphs: [said], table: retentionTable(site, say) };
    if (part === "ways")
      return {
        heading,
        paragraphs: [said],
        table: [
          [say("notice.door"), say("notice.ways")],
          ...site.doors.map((door) => [door.name, waysAt(door, say) || say("none")]),
        ],
      };
    return { heading, paragraphs: [said] };
  });
  parts.push({ heading: say("flow-hash"), paragraphs: [hash] });
  const document = { language, title: say("entry-notice.title", params), parts };
  return site.demonstration ? { ...document, mark: say("demonstration") } : document;
}
