/** The languages of every page, named as their readers name them. */
export const languages = { "zh-CN": "简体中文", "zh-TW": "正體中文", "en-US": "English" } as const;
export type Language = keyof typeof languages;

type Catalogue = Record<string, string>;

const kept = "limen-language";
let language: Language = preferred();
let words: Catalogue = {};
let folders: readonly string[] = [];
const listeners = new Set<() => void>();

/** A sentence of the page's catalogues, its `{placeholders}` filled in. A key nobody translated shows itself. */
export function t(key: string, params: Record<string, string | number> = {}): string {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

/** What is said of something, behind its name, with the colon of the language. */
export const about = (name: string, what: string): string => t("shared.about", { name, what });

/** Whether the catalogues have this key. */
export const has = (key: string): boolean => key in words;

export const currentLanguage = (): Language => language;

/** Calls back after every change of language, for what a page wrote itself. @returns forgets the listener */
export function onLanguage(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Loads a page's words, fills the document and runs its language menu.
 * @param of folders below `/pages` with `words/<language>.json`
 */
export async function startWords(...of: string[]): Promise<void> {
  folders = ["shared", ...of];
  await use(language);
  for (const menu of document.querySelectorAll<HTMLSelectElement>("select[data-languages]")) {
    for (const [code, name] of Object.entries(languages)) {
      const option = new Option(name, code, false, code === language);
      option.lang = code;
      menu.add(option);
    }
    menu.addEventListener("change", () => void use(menu.value as Language));
  }
}

/** Changes the language of everything on this page, and remembers it for the next. */
export const useLanguage = (next: Language): Promise<void> => use(next);

async function use(next: Language): Promise<void> {
  const parts = await Promise.all(
    folders.map(
      async (folder) => (await (await fetch(`/pages/${folder}/words/${next}.json`)).json()) as Catalogue,
    ),
  );
  language = next;
  words = Object.assign({}, ...parts) as Catalogue;
  keep(next);
  document.documentElement.lang = next;
  fill(document);
  for (const listener of listeners) listener();
}

/** Puts words into every `data-t`, `data-t-label`, `data-t-placeholder` below `root`. */
export function fill(root: ParentNode): void {
  for (const node of root.querySelectorAll<HTMLElement>("[data-t]")) node.textContent = t(node.dataset.t!);
  for (const node of root.querySelectorAll<HTMLElement>("[data-t-label]"))
    node.setAttribute("aria-label", t(node.dataset.tLabel!));
  for (const node of root.querySelectorAll<HTMLInputElement>("[data-t-placeholder]"))
    node.placeholder = t(node.dataset.tPlaceholder!);
}

/** A time of day in the page's language; the day too when it is another one. */
export function time(at: string): string {
  const date = new Date(at);
  const today = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, {
    timeStyle: "medium",
    ...(today ? {} : { dateStyle: "medium" }),
  }).format(date);
}

function preferred(): Language {
  const asked = new URLSearchParams(location.search).get("language");
  for (const tag of [asked, stored(), ...navigator.languages]) {
    if (tag === null) continue;
    if (/^zh-(tw|hk|mo|hant)/i.test(tag)) return "zh-TW";
    if (/^zh/i.test(tag)) return "zh-CN";
    if (/^en/i.test(tag)) return "en-US";
  }
  return "en-US";
}

function stored(): string | null {
  try {
    return localStorage.getItem(kept);
  } catch {
    return null; // storage may be switched off
  }
}

function keep(choice: Language): void {
  try {
    localStorage.setItem(kept, choice);
  } catch {}
}
