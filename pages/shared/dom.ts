import { Problem } from "./api.ts";
import { t } from "./words.ts";

/** The element with this id; the page is wrong without it. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id} on this page`);
  return found as E;
}

/** An element with text and attributes; text is always text, never markup. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

export type Kind = "good" | "bad" | "warn" | "";

/** Puts a sentence where things are told; screen readers hear it where the element is a live region. */
export function tell(place: HTMLElement, text: string, kind: Kind = ""): void {
  place.textContent = text;
  place.dataset.kind = kind;
}

/** What to tell of a thrown thing: the API's own sentence. A fault of the page itself is reported as one. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Problem) return error.message;
  reportError(error);
  return t("shared.fault");
}

/**
 * Runs what a button does: busy meanwhile, its refusal told in `place`.
 * @returns whether it went well
 */
export async function run(
  button: HTMLButtonElement,
  place: HTMLElement,
  what: () => Promise<void>,
): Promise<boolean> {
  button.setAttribute("aria-busy", "true");
  button.disabled = true;
  tell(place, "");
  try {
    await what();
    return true;
  } catch (error) {
    tell(place, sentenceOf(error), "bad");
    return false;
  } finally {
    button.removeAttribute("aria-busy");
    button.disabled = false;
  }
}
