import { make, run, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";

/** A button that is busy while it works; what it is refused with is told in `said`. */
export function action(
  text: string,
  said: HTMLElement,
  what: () => Promise<void>,
  kind = "",
): HTMLButtonElement {
  const button = make("button", { type: "button", ...(kind && { class: kind }) }, text);
  button.addEventListener("click", () => void run(button, said, what));
  return button;
}

/** Where things are told; a screen reader hears them. */
export const sayHere = (): HTMLElement => make("div", { class: "say", role: "status" });

/** A labelled input. */
export const field = (label: string, input: HTMLElement): HTMLLabelElement => make("label", {}, label, input);

/** A menu of choices, `key.value` being their words. */
export function choice(values: readonly string[], key: string, label?: string): HTMLSelectElement {
  const menu = make("select", label ? { "aria-label": label } : {});
  for (const one of values) menu.add(new Option(t(`${key}${one}`), one));
  return menu;
}

/** Runs what a form does when it is sent. */
export function onSubmit(
  form: HTMLFormElement,
  button: HTMLButtonElement,
  said: HTMLElement,
  what: () => Promise<void>,
): void {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(button, said, what);
  });
}

/**
 * Asks before what cannot be undone. Inside the widget's own root, so that focus stays and comes back.
 * @returns whether the answer was yes
 */
export function sure(near: HTMLElement, question: string, yes: string): Promise<boolean> {
  const ok = make("button", { value: "yes", class: "main" }, yes);
  const no = make("button", { value: "no" }, t("widgets.cancel"));
  const dialog = make(
    "dialog",
    { "aria-label": yes },
    make("p", {}, question),
    make("form", { method: "dialog", class: "row" }, no, ok),
  );
  near.append(dialog);
  dialog.showModal();
  no.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

/** A file to keep: a receipt, a certificate, an export. */
export const keep = (text: string, name: string, words: string): HTMLAnchorElement =>
  make(
    "a",
    {
      class: "button",
      download: name,
      href: URL.createObjectURL(new Blob([text], { type: "application/json" })),
    },
    words,
  );

/** A picture drawn by the API as SVG. */
export const svgPicture = (svg: string, alt: string): HTMLImageElement =>
  make("img", { src: `data:image/svg+xml,${encodeURIComponent(svg)}`, width: "180", height: "180", alt });

/** Table that scrolls by itself on a narrow screen instead of the page. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (string | Node)[][],
): HTMLElement {
  const scroll = make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption });
  scroll.append(
    make(
      "table",
      {},
      make("caption", { class: "visually-hidden" }, caption),
      make("thead", {}, make("tr", {}, ...head.map((one) => make("th", { scope: "col" }, one)))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))))),
    ),
  );
  return scroll;
}

/** What is to do where there is nothing yet. */
export const empty = (text: string): HTMLElement => make("p", { class: "empty" }, text);

export { tell };
