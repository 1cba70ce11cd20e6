import { addWords, type Language, languageFor } from "../core/words.ts";
import en from "./words/en-US.json" with { type: "json" };
import cn from "./words/zh-CN.json" with { type: "json" };
import tw from "./words/zh-TW.json" with { type: "json" };

addWords({ "en-US": en, "zh-CN": cn, "zh-TW": tw });

/** The terminal's language: `LC_ALL`, `LC_MESSAGES` or `LANG`, as every other program reads it. */
export const language: Language = languageFor(
  (process.env.LC_ALL || process.env.LC_MESSAGES || process.env.LANG || "").replace("_", "-"),
);
