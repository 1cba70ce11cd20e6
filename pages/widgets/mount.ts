import { type Session, session, signOut } from "../shared/api.ts";
import { make, sentenceOf } from "../shared/dom.ts";
import {
  currentLanguage,
  type Language,
  languages,
  onLanguage,
  startWords,
  t,
  useLanguage,
} from "../shared/words.ts";
import { accuracy } from "./accuracy.ts";
import { breaches } from "./breaches.ts";
import { certificates } from "./certificates.ts";
import { consentDesk } from "./consent-desk.ts";
import { decisionRecord } from "./decision-record.ts";
import { disclosures } from "./disclosures.ts";
import { doorWall } from "./door-wall.ts";
import { parity } from "./parity.ts";
import { processors } from "./processors.ts";
import { record } from "./record.ts";
import { requests } from "./requests.ts";
import { residents } from "./residents.ts";
import { retention } from "./retention.ts";

/** Draws itself into a place; called again when the language changes. @returns ends its timers */
export type View = (place: HTMLElement, role: string) => Promise<() => void> | (() => void);

interface Offered {
  show: View;
  /** Whom the API answers here; everybody else is told so at once. It is the API that decides, on every call. */
  roles: readonly string[];
}

const views: Record<string, Offered> = {
  "door-wall": { show: doorWall, roles: ["manager", "desk", "guard", "technician", "auditor"] },
  residents: { show: residents, roles: ["manager", "desk"] },
  consent: { show: consentDesk, roles: ["manager", "desk"] },
  retention: { show: retention, roles: ["manager", "privacy-officer", "auditor"] },
  parity: { show: parity, roles: ["manager", "privacy-officer", "auditor", "technician"] },
  accuracy: { show: accuracy, roles: ["manager", "privacy-officer", "auditor"] },
  requests: { show: requests, roles: ["manager", "desk", "privacy-officer", "auditor"] },
  disclosures: { show: disclosures, roles: ["manager", "privacy-officer", "auditor"] },
  processors: { show: processors, roles: ["manager", "privacy-officer", "auditor"] },
  breaches: { show: breaches, roles: ["manager", "privacy-officer", "auditor"] },
  certificates: { show: certificates, roles: ["manager", "privacy-officer", "auditor"] },
  decisions: { show: decisionRecord, roles: ["manager", "privacy-officer", "auditor", "technician"] },
  record: { show: record, roles: ["manager", "privacy-officer", "auditor"] },
};
let words: Promise<void> | undefined;

/**
 * Shows one view in a widget's shadow root, with the session of whoever looks.
 * @returns takes it away again
 */
export async function mount(root: ShadowRoot, name: string): Promise<() => void> {
  words ??= startWords("widgets", "attempt", "simulator", "rights");
  await words;
  const bar = make("div", { class: "widget-bar" });
  const place = make("div", { class: "widget" });
  root.replaceChildren(
    make("link", { rel: "stylesheet", href: "/pages/shared/base.css" }),
    make("link", { rel: "stylesheet", href: "/pages/widgets/widgets.css" }),
    bar,
    place,
  );
  let stop = (): void => undefined;
  let turn = 0;
  const draw = async () => {
    const mine = ++turn;
    stop();
    stop = () => undefined;
    bar.replaceChildren(languageMenu());
    place.setAttribute("aria-busy", "true");
    if (place.childElementCount === 0)
      place.replaceChildren(make("p", { class: "soft", role: "status" }, t("shared.loading")));
    try {
      const who = await session();
      if (mine !== turn) return; // drawn anew meanwhile
      if (!who) place.replaceChildren(signInFirst());
      else {
        bar.prepend(whoIsHere(who));
        const end = await show(views[name], place, who.role);
        if (mine === turn) stop = end;
        else end();
      }
    } catch (error) {
      place.replaceChildren(make("p", { class: "say", role: "alert" }, sentenceOf(error)));
    }
    if (mine === turn) place.removeAttribute("aria-busy");
    if (mine === turn) place.lang = currentLanguage(); // says that everything below is in it now
  };
  const forget = onLanguage(() => void draw()); // before the first drawing ends, too
  await draw();
  return () => {
    forget();
    stop();
  };
}

function show(view: Offered | undefined, place: HTMLElement, role: string): ReturnType<View> {
  if (view?.roles.includes(role)) return view.show(place, role);
  const forThese = (view?.roles ?? []).map((one) => t(`role.${one}`)).join(t("widgets.comma"));
  place.replaceChildren(
    make("p", { class: "empty" }, t("widgets.not-yours", { role: t(`role.${role}`), roles: forThese })),
  );
  return () => undefined;
}

function languageMenu(): HTMLElement {
  const menu = make("select", { "aria-label": t("shared.language") });
  for (const [code, name] of Object.entries(languages)) {
    const option = new Option(name, code, false, code === currentLanguage());
    option.lang = code;
    menu.add(option);
  }
  menu.addEventListener("change", () => void useLanguage(menu.value as Language));
  return menu;
}

function whoIsHere({ name, role }: Session): HTMLElement {
  const out = make("button", { type: "button", class: "plain" }, t("shared.sign-out"));
  out.addEventListener("click", () => void signOut().finally(() => location.reload()));
  const account = make("a", { href: "/account" }, t("shared.signed-in", { name, role: t(`role.${role}`) }));
  account.setAttribute("aria-label", `${t("shared.account")}: ${account.textContent}`);
  return make("span", { class: "row small" }, account, out);
}

const signInFirst = (): HTMLElement =>
  make(
    "p",
    { class: "say" },
    make("a", { href: `/sign-in?next=${encodeURIComponent(location.pathname)}` }, t("shared.sign-in")),
  );
