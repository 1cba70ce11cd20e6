import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const pages = join(import.meta.dirname, "../../pages");

export type Locale = "zh-CN" | "zh-TW" | "en-US";
export type Words = (key: string, params?: Readonly<Record<string, string | number>>) => string;

/**
 * What the pages say in a language, so that a walk presses the button somebody reads.
 * @returns the sentence of a key; throws where there is none
 */
export function wordsIn(locale: Locale): Words {
  const all = new Map<string, string>();
  for (const page of readdirSync(pages)) {
    const file = join(pages, page, "words", `${locale}.json`);
    if (!existsSync(file)) continue;
    for (const [key, text] of Object.entries(
      JSON.parse(readFileSync(file, "utf8")) as Record<string, string>,
    ))
      all.set(key, text);
  }
  return (key, params = {}) => {
    const text = all.get(key);
    if (text === undefined) throw new Error(`no words for ${key} in ${locale}`);
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ""));
  };
}
