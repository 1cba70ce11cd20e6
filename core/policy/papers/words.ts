import { addWords, type Language, sentence } from "../../words.ts";
import en from "./words/en-US.json" with { type: "json" };
import cn from "./words/zh-CN.json" with { type: "json" };
import tw from "./words/zh-TW.json" with { type: "json" };

addWords({ "en-US": en, "zh-CN": cn, "zh-TW": tw });

/** Speaks one language: sentences by key below `paper.`, and lists the way that language writes them. */
export interface Speaker {
  language: Language;
  (key: string, params?: Record<string, string | number>): string;
  list(items: readonly string[]): string;
}

export function speaker(language: Language): Speaker {
  const say = (key: string, params: Record<string, string | number> = {}) =>
    sentence(language, `paper.${key}`, params);
  return Object.assign(say, {
    language,
    list: (items: readonly string[]) => items.join(language === "en-US" ? ", " : "、"),
  });
}
