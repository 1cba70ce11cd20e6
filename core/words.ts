import entryEn from "./entry/words/en-US.json" with { type: "json" };
import entryCn from "./entry/words/zh-CN.json" with { type: "json" };
import entryTw from "./entry/words/zh-TW.json" with { type: "json" };

/** The languages every user-visible word is in. */
export const languages = ["zh-CN", "zh-TW", "en-US"] as const;
export type Language = (typeof languages)[number];
export type Catalogue = Readonly<Record<string, string>>;

const catalogues: Record<Language, Record<string, string>> = {
  "en-US": { ...entryEn },
  "zh-CN": { ...entryCn },
  "zh-TW": { ...entryTw },
};

/** Adds the words of a folder outside the core (the API's, the command's): once, when its module loads. */
export function addWords(words: Record<Language, Catalogue>): void {
  for (const language of languages) Object.assign(catalogues[language], words[language]);
}

/**
 * A sentence in somebody's language, its `{placeholders}` filled in. A key nobody translated answers with the key
 * itself: visible, never empty.
 */
export function sentence(
  language: Language,
  key: string,
  params: Readonly<Record<string, string | number>> = {},
): string {
  const text = catalogues[language][key] ?? catalogues["en-US"][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** Every key of one language: for tests that hold the three together. */
export const keysOf = (language: Language): string[] => Object.keys(catalogues[language]);

/**
 * The best of our languages for an Accept-Language header or a list of tags: `zh-Hant`, `zh-HK` and `zh-MO` read
 * zh-TW, other Chinese zh-CN, everything else en-US.
 */
export function languageFor(accept: string | undefined, fallback: Language = "en-US"): Language {
  for (const tag of (accept ?? "").split(",")) {
    const name = tag.split(";")[0]!.trim().toLowerCase();
    if (/^zh-(tw|hk|mo|hant)/.test(name)) return "zh-TW";
    if (name.startsWith("zh")) return "zh-CN";
    if (name.startsWith("en")) return "en-US";
  }
  return fallback;
}
