import { createHash } from "node:crypto";
import { type Language, languages, sentence } from "../words.ts";
import type { BreachView } from "./breaches.ts";
import { type Recipient, recipientLines, working } from "./recipients.ts";

/** Who answers for a site, as papers name them. */
export interface DraftSite {
  name: string;
  controller: string;
  contact: string;
  timeZone: string;
}

/**
 * The notice of an incident, with the items the law asks for (PIPL 57; GDPR 33(3), 34(2)): a draft for a person to read and
 * send. Plain text in the papers' form: title, `1. heading`, paragraphs, `- item`.
 * @param to `authority`, or `people`: in plain words, without what only an authority needs
 */
export function breachDraft(
  breach: BreachView,
  site: DraftSite,
  to: "authority" | "people",
  language: Language,
): string {
  const say = (key: string, params: Record<string, string | number> = {}) =>
    sentence(language, `rights.draft.${key}`, params);
  const time = (at: string) =>
    new Intl.DateTimeFormat(language, {
      dateStyle: "long",
      timeStyle: "short",
      timeZone: site.timeZone,
    }).format(new Date(at));
  const { people, minors } = breach;
  const kinds = breach.kinds.map((kind) => {
    const name = sentence(language, `rights.breach-${kind}`);
    const count = breach.counts[kind];
    return `- ${to === "authority" && count !== undefined ? say("count", { name, count }) : name}`;
  });
  const parts: [heading: string, lines: string[]][] = [
    [say("what"), [breach.cause, say("when", { from: time(breach.from), to: time(breach.to) })]],
    [say("data"), kinds],
    [say("harm"), [breach.harm]],
    [say("measures"), [breach.measures]],
    [say("advice"), [breach.advice]],
    [say("contact"), [say("contact-line", { controller: site.controller, contact: site.contact })]],
  ];
  if (to === "authority") {
    parts.splice(2, 0, [say("people"), [say("people-line", { people, minors })]]);
    const times = [say("aware", { at: time(breach.aware) })];
    if (breach.due !== undefined) times.push(say("due", { at: time(breach.due) }));
    if (breach.told !== undefined) times.push(say("told", { at: time(breach.told) }));
    parts.push([say("times"), times]);
  } else parts.push([say("rights"), [say("rights-line")]]);
  const lines = [say(`title-${to}`, { site: site.name })];
  if (breach.drill) lines.push(say("drill"));
  parts.forEach(([heading, body], at) => {
    lines.push("", `${at + 1}. ${heading}`, ...body);
  });
  return `${lines.join("\n")}\n`;
}

/** A notice as the deployed flow brings it. */
interface NoticeTexts {
  material: string;
  texts: Readonly<Record<Language, string>>;
}

/**
 * A flow knows of no processor: who works on people's data is in the register. Puts those into a notice who do: its words on
 * recipients say so, and its material is another one, so that consents given before rest until people are asked again
 * (RD-21; PIPL 21, 23).
 */
export function withProcessors<N extends NoticeTexts>(notice: N, register: readonly Recipient[]): N {
  const those = working(register);
  if (those.length === 0) return notice;
  const facts = those
    .map(({ name, role, purpose, method, data }) =>
      JSON.stringify([name, role, purpose, method, [...data].sort()]),
    )
    .sort();
  const material = createHash("sha256")
    .update([notice.material, ...facts].join("\n"))
    .digest("hex");
  const texts = Object.fromEntries(
    languages.map((language) => [language, withList(notice.texts[language], those, language)]),
  ) as Record<Language, string>;
  return { ...notice, material, texts };
}

function withList(text: string, those: readonly Recipient[], language: Language): string {
  const nobody = sentence(language, "paper.notice.recipients");
  const said = recipientLines(those, language, nobody).join("\n");
  return text.includes(nobody) ? text.replace(nobody, () => said) : `${text.trimEnd()}\n\n${said}\n`;
}
