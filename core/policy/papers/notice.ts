import { createHash } from "node:crypto";
import { type Recipient, recipientLines } from "../../rights/recipients.ts";
import { type Language, languages, sentence } from "../../words.ts";
import { type Document, type Part, toText } from "./document.ts";
import { type DoorFacts, type SiteFacts, siteFacts } from "./facts.ts";
import { type Speaker, speaker } from "./words.ts";

/** What somebody would agree to, as the vault serves it. */
export interface GeneratedNotice {
  /** door-entry/face/<version>/<hash> */
  id: string;
  version: string;
  /** SHA-256 of the text, lower-case hex. */
  hash: string;
  text: string;
  doors: string[];
}

/** One notice as the vault's `configure` takes it: doors whose material facts are the same share one. */
export interface FlowNotice {
  method: "face";
  doors: string[];
  /** SHA-256 of the material facts, lower-case hex. */
  material: string;
  texts: Record<Language, string>;
}

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** The fingerprint of material facts that papers and consents are held to. */
export const materialHash = (spelt: string): string => sha256(spelt);

/** The ways into a door without a face, as a list of words; empty where there is none. */
export const waysAt = (door: DoorFacts, say: Speaker): string =>
  say.list(door.independent.map((kind) => sentence(say.language, `way.${kind}`)));

/** Who answers for a site, a line each: controller, privacy officer, representative, filing numbers. */
export function controllerLines(site: SiteFacts, say: Speaker): string[] {
  const address = site.address || say("no-address");
  const { controller, contact } = site;
  const others = (["privacyContact", "representative", "filings"] as const)
    .filter((field) => site[field] !== "")
    .map((field) => say(`notice.controller.${field}`, { it: site[field] }));
  return [say("notice.controller", { controller, contact, address }), ...others];
}

/** Parts of a notice, in the order of PIPL 17 and 30, Order 19 art. 5 and GDPR 13. None may be left out (RD-16). */
export const noticeParts = [
  "controller",
  "purpose",
  "method",
  "data",
  "basis",
  "retention",
  "storage",
  "recipients",
  "necessity",
  "impact",
  "other-ways",
  "refusal",
  "withdrawal",
  "rights",
  "decision",
  "children",
  "complaint",
  "version",
] as const;
export type NoticePart = (typeof noticeParts)[number];

/**
 * The notice on face entry at some doors with the same material facts.
 * @param register processors of the site, as the vault's register has them
 */
export function noticeDocument(
  site: SiteFacts,
  doors: readonly DoorFacts[],
  language: Language,
  register: readonly Recipient[] = [],
): Document {
  const say = speaker(language);
  const first = doors[0];
  const { pack } = site;
  const bound = (name: string) => pack.bounds[name]?.default ?? 0;
  const params = {
    site: site.name,
    controller: site.controller,
    contact: site.contact,
    doors: say.list(doors.map(({ name }) => name)),
    days: site.eventDays,
    age: bound("guardian.age"),
    answer: bound("request.days"),
    material: first ? materialHash(first.spelt).slice(0, 16) : "",
  };
  const checked = first?.material.flat ? "flat" : "one";
  const mode = first?.material.mode === "1:1" ? checked : "many";
  const variants: Partial<Record<NoticePart, string>> = {
    method: `method.${mode}`,
    basis: `basis.${pack.id}`,
    retention: `retention.${pack.id}`,
    complaint: `complaint.${pack.id}`,
  };
  const parts = noticeParts.map((part): Part => {
    const heading = say(`notice.${part}.heading`, params);
    const said = say(`notice.${variants[part] ?? part}`, params);
    if (part === "controller") return { heading, paragraphs: controllerLines(site, say) };
    if (part === "recipients") return { heading, paragraphs: recipientLines(register, language, said) };
    const paragraphs = [said];
    if (part !== "other-ways") return { heading, paragraphs };
    const table = [
      [say("notice.door"), say("notice.ways")],
      ...doors.map((door) => [door.name, waysAt(door, say)]),
    ];
    return { heading, paragraphs, table };
  });
  const document = { language, title: say("notice.title", params), parts };
  return site.demonstration ? { ...document, mark: say("demonstration") } : document;
}

/** Doors with face entry, in groups of the same material facts. */
function faceGroups(site: SiteFacts): DoorFacts[][] {
  const groups = new Map<string, DoorFacts[]>();
  for (const door of site.doors.filter(({ face }) => face)) {
    const group = groups.get(door.spelt) ?? [];
    group.push(door);
    groups.set(door.spelt, group);
  }
  return [...groups.values()];
}

/** Every notice of a flow, in all languages: what the vault is told with each deploy. */
export function flowNotices(flow: readonly object[]): FlowNotice[] {
  const site = siteFacts(flow);
  return faceGroups(site).map((doors) => ({
    method: "face",
    doors: doors.map(({ id }) => id),
    material: materialHash(doors[0]!.spelt),
    texts: Object.fromEntries(
      languages.map((language) => [language, toText(noticeDocument(site, doors, language))]),
    ) as Record<Language, string>,
  }));
}

/**
 * The notice of one door (default: of the first that has a face), as a first version.
 * @returns undefined where the flow has no face at that door: nothing to agree to
 */
export function generateNotice(
  flow: readonly object[],
  { language, door, version = "1.0" }: { language: Language; door?: string; version?: string },
): GeneratedNotice | undefined {
  const found = flowNotices(flow).find(({ doors }) => door === undefined || doors.includes(door));
  if (!found) return undefined;
  const text = found.texts[language];
  const hash = sha256(text);
  return { id: `door-entry/face/${version}/${hash}`, version, hash, text, doors: found.doors };
}

/**
 * The version a changed notice gets: a new major when what somebody agrees to changed (their consent rests until they
 * are asked again, RD-21), a new minor when only the wording did, the same when nothing did.
 * @param old the notice in force, with its version; undefined for the first
 */
export function noticeVersion(
  old: (Pick<FlowNotice, "material" | "texts"> & { version: string }) | undefined,
  next: Pick<FlowNotice, "material" | "texts">,
): string {
  if (!old) return "1.0";
  const [major = 1, minor = 0] = old.version.split(".").map(Number);
  if (old.material !== next.material) return `${major + 1}.0`;
  const same = languages.every((language) => old.texts[language] === next.texts[language]);
  return same ? old.version : `${major}.${minor + 1}`;
}
