import { type Language, sentence } from "../words.ts";
import type { Finding } from "./finding.ts";

/** What a person reads of a finding: what is wrong, how to put it right, and who asks for it. */
export interface Said {
  sentence: string;
  hint: string;
  article: string;
}

/** A parameter that is a word of ours (`@way.face`, several with commas between) in the reader's language. */
const spoken = (language: Language, value: string | number): string | number =>
  typeof value === "string" && value.startsWith("@")
    ? value
        .split(",")
        .map((key) => sentence(language, key.slice(1)))
        .join(language === "en-US" ? ", " : "、")
    : value;

/** A finding in somebody's language. Its `variant`, where it has one, picks the sentence. */
export function say(finding: Finding, language: Language): Said {
  const params: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(finding.params)) params[key] = spoken(language, value);
  const { variant } = finding.params;
  const key = `rule.${finding.rule}${variant === undefined ? "" : `.${variant}`}`;
  return {
    sentence: sentence(language, key, params),
    hint: sentence(language, `rule.${finding.rule}.hint`, params),
    article: finding.article.join("; "),
  };
}
