import { make } from "../shared/dom.ts";
import { currentLanguage } from "../shared/words.ts";

/** What a copy made by staff does not hold, as the copy itself says it. @param text the copy */
export function leftOut(text: string): HTMLElement {
  const { leftOut: left } = JSON.parse(text) as { leftOut?: { said: Record<string, string> } };
  return make("p", { class: "soft small" }, left?.said[currentLanguage()] ?? "");
}
