import { byId, type Kind, tell } from "../shared/dom.ts";
import { currentLanguage, type Language, languages } from "../shared/words.ts";
import { chime, speak } from "./voice.ts";

/** How long a result stands: long enough to read twice, short enough for the next person. */
const resultMs = 8000;

const sentences = new Map<Language, Record<string, string>>();
let clearing: number | undefined;

/** Where the sentences for every outcome are, in every language: a screen says these and nothing else (RD-41). */
export const sentenceFiles = (Object.keys(languages) as Language[]).map(
  (language) => `/pages/attempt/words/${language}.json`,
);

export async function loadSentences(): Promise<void> {
  await Promise.all(
    (Object.keys(languages) as Language[]).map(async (language, at) => {
      const answer = await fetch(sentenceFiles[at]!);
      sentences.set(language, (await answer.json()) as Record<string, string>);
    }),
  );
}

/** The sentence for an attempt's code, or for a plain no where there is none: never what somebody sent. */
export function sentenceFor(outcome: "granted" | "denied", code: string, language: Language): string {
  const words = sentences.get(language) ?? {};
  return (
    words[`attempt.${code}`] ??
    words[outcome === "granted" ? "attempt.granted" : "attempt.no-such-credential"] ??
    ""
  );
}

export const languageOr = (given: string | undefined): Language =>
  given !== undefined && given in languages ? (given as Language) : currentLanguage();

/** Shows a sentence large, and says it. Stays until the next one, or for `ms`. */
export function announce(text: string, kind: Kind, options: { language?: Language; ms?: number } = {}): void {
  const language = options.language ?? currentLanguage();
  const place = byId("say");
  place.lang = language;
  tell(place, text, kind);
  speak(text, language);
  clearTimeout(clearing);
  if (options.ms !== undefined) clearing = window.setTimeout(() => tell(place, ""), options.ms);
}

/** The same for what became of an attempt, with its own sound. */
export function announceOutcome(outcome: "granted" | "denied", text: string, language: Language): void {
  chime(outcome);
  announce(text, outcome === "granted" ? "good" : "bad", { language, ms: resultMs });
}
