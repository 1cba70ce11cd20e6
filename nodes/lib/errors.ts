import { errorCode, LimenError } from "../../core/errors.ts";
import { addWords, type Language, sentence } from "../../core/words.ts";
import en from "./words/en-US.json" with { type: "json" };
import cn from "./words/zh-CN.json" with { type: "json" };
import tw from "./words/zh-TW.json" with { type: "json" };

addWords({ "en-US": en, "zh-CN": cn, "zh-TW": tw });

/** Namespace of the words every node's status shares: `error.<code>` and `attempt.<code>`, made from the catalogues. */
export const sharedWords = "limen/limen-editor";

/** An error as Node-RED's catch nodes and log see it: a sentence, and the code to switch on. */
export interface SaidError extends Error {
  code: string;
  field?: string;
}

/**
 * What may be said of a thrown thing: the sentence of its code in the runtime's language. An exception that is not ours
 * says nothing of its own message, which might hold what was being worked on.
 */
export function say(error: unknown, language: Language): SaidError {
  const code = errorCode(error);
  const params = error instanceof LimenError ? error.params : {};
  const said = new Error(sentence(language, `error.${code}`, params)) as SaidError;
  if (said.message === `error.${code}`) said.message = sentence(language, `attempt.${code}`, params);
  said.code = code;
  if (error instanceof LimenError && error.field !== undefined) said.field = error.field;
  // where, but not what
  if (error instanceof Error) said.stack = `${error.name} (${code})\n${framesOf(error)}`;
  return said;
}

/** The stack's frames without its message. */
export const framesOf = (error: Error): string =>
  (error.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line))
    .join("\n");
