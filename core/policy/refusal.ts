import { type Language, languages, sentence } from "../words.ts";
import { type Finding, refusals } from "./finding.ts";
import { say } from "./say.ts";

/** More lines than anyone reads in a message; the sidebar lists them all. */
const most = 12;

/** Labels come from whoever drew the flow, and the editor shows a refusal as HTML. */
const plain = (text: string): string => text.replaceAll("<", "‹").replaceAll(">", "›").replaceAll("&", "＆");

/** Why a deploy is refused, as text: one line a finding, each with what to do about it. */
export function refusalText(findings: readonly Finding[], language: Language): string {
  const refused = refusals(findings);
  const lines = refused.slice(0, most).map((finding, index) => {
    const { sentence: wrong, hint, article } = say(finding, language);
    return `${index + 1}. ${wrong} ${hint} (${article})`;
  });
  const rest = refused.length - lines.length;
  if (rest > 0) lines.push(sentence(language, "policy.more", { count: rest }));
  return plain([sentence(language, "policy.refused"), ...lines].join("\n"));
}

/** The first language of the site a flow describes, for messages nobody asked for in a language. */
export function languageOf(flow: readonly object[]): Language {
  const site = flow.find((node) => (node as { type?: unknown }).type === "limen-site") as
    | { languages?: unknown }
    | undefined;
  const first: unknown = Array.isArray(site?.languages) ? site.languages[0] : undefined;
  return languages.find((language) => language === first) ?? "en-US";
}
