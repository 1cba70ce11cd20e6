import { session } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { onLanguage, startWords, t } from "../shared/words.ts";
import { doorWall } from "./door-wall.ts";
import { record } from "./record.ts";
import { residents } from "./residents.ts";

/** Draws itself into a place; called again when the language changes. @returns ends its timers */
export type View = (place: HTMLElement, role: string) => Promise<() => void> | (() => void);

const views: Record<string, View> = { "door-wall": doorWall, residents, record };
let words: Promise<void> | undefined;

/**
 * Shows one view in a widget's shadow root, with the session of whoever looks.
 * @returns takes it away again
 */
export async function mount(root: ShadowRoot, name: string): Promise<() => void> {
  words ??= startWords("widgets", "attempt", "simulator");
  await words;
  const place = make("div", { class: "widget" });
  root.replaceChildren(
    make("link", { rel: "stylesheet", href: "/pages/shared/base.css" }),
    make("link", { rel: "stylesheet", href: "/pages/widgets/widgets.css" }),
    place,
  );
  let stop = (): void => undefined;
  const draw = async () => {
    stop();
    const who = await session();
    if (!who) place.replaceChildren(make("p", { class: "say" }, t("shared.sign-in-title")));
    else stop = await (views[name] ?? doorWall)(place, who.role);
  };
  await draw();
  const forget = onLanguage(() => void draw());
  return () => {
    forget();
    stop();
  };
}
