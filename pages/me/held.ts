import { make } from "../shared/dom.ts";
import { has, type Language, languages, t, time } from "../shared/words.ts";

/** What is held, as this page shows it; the whole of it, with proofs, is the copy one saves (RD-52). */
export interface Held {
  person: {
    name: string;
    flat?: string;
    birth_date?: string;
    languages?: Language[];
    proof?: { by: string; on: string; kind: string };
  };
  credentials: { kind: string; tail?: string; state: string }[];
  face: boolean;
  consents: { id: string; state: string; since: string }[];
}

export interface Entry {
  index: number;
  day: string;
  at?: string;
  door?: string;
  method?: string;
  outcome?: string;
  code?: string;
  name?: string;
  role?: string;
  purpose?: string;
  what?: string;
}

/** What is held, as terms and values. */
export function showHeld(place: HTMLElement, { person, credentials, face }: Held): void {
  const rows: [string, string][] = [["me.name", person.name]];
  if (person.flat) rows.push(["me.flat", person.flat]);
  if (person.birth_date) rows.push(["me.birth", person.birth_date]);
  if (person.languages)
    rows.push(["me.languages", person.languages.map((one) => languages[one]).join(" · ")]);
  if (person.proof) {
    const { by, on, kind } = person.proof;
    rows.push(["residence-proof", t("residence-proof.seen", { by, on, kind: t(`residence-proof.${kind}`) })]);
  }
  for (const { kind, tail, state } of credentials)
    rows.push([`method.${kind}`, `${tail ? `…${tail} · ` : ""}${t(`me.state-${state}`)}`]);
  rows.push(["method.face", t(face ? "me.face-held" : "me.face-none")]);
  place.replaceChildren(...rows.flatMap(([key, value]) => [make("dt", {}, t(key)), make("dd", {}, value)]));
}

/** What happened to one's own way to this page: everything in one's name can be done by it. */
const linkChanges = new Set(["resident-invited", "invitation-used"]);

/** Who looked at one's data, and what for (RD-48); who made a link to this page, and that one was used. */
export function showLooks(place: HTMLElement, looks: readonly Entry[], changes: readonly Entry[]): void {
  const links = changes.filter(({ what }) => linkChanges.has(what ?? ""));
  const who = ({ name, role }: Entry) => `${name ?? ""}${role ? ` (${t(`role.${role}`)})` : ""}`;
  list(
    place,
    [...looks, ...links]
      .sort((a, b) => b.index - a.index)
      .map((entry) => [
        entry.what && linkChanges.has(entry.what)
          ? t(`me.${entry.what}`, { who: who(entry) })
          : `${who(entry)}: ${entry.purpose && has(`purpose.${entry.purpose}`) ? t(`purpose.${entry.purpose}`) : ""}`,
        entry.at ? time(entry.at) : entry.day,
      ]),
    "me.looked-none",
  );
}

/** One's own tries at doors, each with its reason in plain words; a refusal can be taken to a person (RD-53). */
export function showDoors(
  place: HTMLElement,
  entries: readonly Entry[],
  review: (entry: Entry) => void,
): void {
  list(
    place,
    entries.map(({ door, method, code, at, day }) => [
      `${door ?? ""} · ${method ? t(`method.${method}`) : ""}: ${t(`attempt.${code}.own`)}`,
      at ? time(at) : day,
    ]),
    "me.doors-none",
  );
  entries.forEach((entry, at) => {
    if (entry.outcome !== "denied") return;
    const ask = make("button", { type: "button", class: "plain small" }, t("me.review"));
    ask.addEventListener("click", () => review(entry));
    place.children[at]?.append(ask);
  });
}

function list(place: HTMLElement, rows: readonly [string, string][], none: string): void {
  if (rows.length === 0) place.replaceChildren(make("li", { class: "soft" }, t(none)));
  else
    place.replaceChildren(
      ...rows.map(([what, when]) =>
        make("li", {}, make("span", {}, what), make("span", { class: "soft small" }, when)),
      ),
    );
}
