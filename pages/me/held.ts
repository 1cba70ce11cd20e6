import { day } from "../rights/show.ts";
import { make } from "../shared/dom.ts";
import { about, has, type Language, languages, t, time } from "../shared/words.ts";
import { nameOfDoor } from "./doors.ts";
import { receiptLinks } from "./keep.ts";

/** What is held, as this page shows it; the whole of it, with proofs, is the copy one saves (RD-52). */
export interface Held {
  person: {
    name: string;
    flat?: string;
    birth_date?: string;
    languages?: Language[];
    proof?: { by: string; on: string; kind: string };
  };
  credentials: { kind: string; tail?: string; state: string; valid_until?: string }[];
  face: boolean;
  consents: { id: string; state: string; since: string; doors: string[] }[];
}

/** The copy with everything in it, as the vault makes it: what the page to read is made from. */
export interface Copy extends Pick<Held, "consents"> {
  made: string;
  person: { name: string; flat?: string; birthDate?: string } & Pick<Held["person"], "languages" | "proof">;
  credentials: { kind: string; tail?: string; state: string; validUntil?: string }[];
  face: { held: boolean };
  passes: { kind: string; until: string; uses: number; used: number; state: string }[];
  erasures: Erased[];
  log: { entries: { index: number; class: string; day: string; fields?: Record<string, unknown> }[] };
  /** What is not in it, and how to have it: this page was reached by a link that staff made. */
  leftOut?: { said: Record<Language, string> };
}

/** A copy as the page shows it. */
export const heldIn = ({ person, credentials, face, consents }: Copy): Held => ({
  person: heldOf(person),
  credentials: credentials.map(({ validUntil, ...one }) => ({
    ...one,
    ...(validUntil === undefined ? {} : { valid_until: validUntil }),
  })),
  face: face.held,
  consents,
});
const heldOf = ({ birthDate, ...person }: Copy["person"]): Held["person"] => ({
  ...person,
  ...(birthDate === undefined ? {} : { birth_date: birthDate }),
});

export interface Erased {
  id: string;
  state: string;
  steps: { step: string; at?: string }[];
  receipt?: string;
}

/** How long the running flow keeps each class of data, days. */
export type KeptDays = ReadonlyMap<string, number>;

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

/** One thing held: what it is, and until when. */
export interface HeldRow {
  name: string;
  value: string;
  until: string;
}

/** What is held about somebody, and until when each is (RD-52, RD-43). */
export function heldRows(
  { person, credentials, face, consents }: Held,
  passes: readonly unknown[],
  kept: KeptDays,
): HeldRow[] {
  const days = (kind: string, some: string, none: string) =>
    kept.has(kind) ? t(some, { days: kept.get(kind)! }) : t(none);
  const home = t("me.until-left");
  const rows: HeldRow[] = [{ name: t("me.name"), value: person.name, until: home }];
  if (person.flat) rows.push({ name: t("me.flat"), value: person.flat, until: home });
  if (person.birth_date) rows.push({ name: t("me.birth"), value: person.birth_date, until: home });
  if (person.languages)
    rows.push({
      name: t("me.languages"),
      value: person.languages.map((one) => languages[one]).join(" · "),
      until: home,
    });
  if (person.proof) {
    const { by, on, kind } = person.proof;
    const value = t("residence-proof.seen", { by, on, kind: t(`residence-proof.${kind}`) });
    rows.push({ name: t("residence-proof"), value, until: home });
  }
  const ended = (kind: string) => days(kind, "me.until-days-after", "me.until-erased");
  for (const { kind, tail, state, valid_until } of credentials)
    rows.push({
      name: t(`method.${kind}`),
      value: `${tail ? `…${tail} · ` : ""}${t(`me.state-${state}`)}`,
      until:
        state !== "active"
          ? ended("credentials")
          : valid_until
            ? t("me.until-then", { until: day(valid_until), after: ended("credentials") })
            : t("me.until-returned", { after: ended("credentials") }),
    });
  rows.push({
    name: t("method.face"),
    value: t(face ? "me.face-held" : "me.face-none"),
    until: face ? t("me.until-withdrawn") : "",
  });
  if (consents.length > 0)
    rows.push({
      name: t("me.held-consents"),
      value: t("me.count", { count: consents.length }),
      until: ended("consents"),
    });
  if (passes.length > 0)
    rows.push({
      name: t("me.passes"),
      value: t("me.count", { count: passes.length }),
      until: ended("passes"),
    });
  const counted = (name: string, kind: string) =>
    rows.push({ name: t(name), value: "", until: days(kind, "me.until-days", "me.until-erased") });
  counted("me.doors", "entry-events");
  counted("me.looked", "look-ups");
  return rows;
}

/** What is held, as terms and values, each with its end. */
export function showHeld(place: HTMLElement, held: Held, passes: readonly unknown[], kept: KeptDays): void {
  place.replaceChildren(
    ...heldRows(held, passes, kept).flatMap(({ name, value, until }) => [
      make("dt", {}, name),
      make("dd", {}, value, ...(until ? [make("span", { class: "soft small until" }, until)] : [])),
    ]),
  );
}

/** What was erased before, with the receipts that prove it. */
export function showErasures(place: HTMLElement, erasures: readonly Erased[]): void {
  place.replaceChildren(
    ...erasures.map(({ id, steps, receipt }) => {
      const at = steps.findLast((step) => step.at !== undefined)?.at;
      const line = make("li", {}, make("span", {}, at ? time(at) : id));
      if (!receipt) line.append(make("span", { class: "tag" }, t("me.erasing-still")));
      else line.append(receiptLinks(receipt, "limen-erasure.json"));
      return line;
    }),
  );
}

/**
 * What happened to one's own way to this page, for everything in one's name can be done by it; and cards, codes and passes that
 * staff made in one's name, blocked or gave back.
 */
const toldChanges = new Set([
  "resident-invited",
  "invitation-used",
  "credential-issued",
  "credential-blocked",
  "credential-unblocked",
  "pass-issued",
]);

/** Of one's own acts nobody's name is on record: those are no news. */
const ofStaff = ({ what, name }: Entry): boolean =>
  name !== undefined || !/^(credential|pass)-/.test(what ?? "");

/** Who looked at one's data, and what for (RD-48); who did what in one's name (`toldChanges`). */
export function showLooks(place: HTMLElement, looks: readonly Entry[], changes: readonly Entry[]): void {
  const links = changes.filter((entry) => toldChanges.has(entry.what ?? "") && ofStaff(entry));
  const who = ({ name, role }: Entry) => `${name ?? ""}${role ? ` (${t(`role.${role}`)})` : ""}`;
  list(
    place,
    [...looks, ...links]
      .sort((a, b) => b.index - a.index)
      .map((entry) => [
        entry.what && toldChanges.has(entry.what)
          ? t(`me.${entry.what}`, { who: who(entry) })
          : about(
              who(entry),
              entry.purpose && has(`purpose.${entry.purpose}`) ? t(`purpose.${entry.purpose}`) : "",
            ),
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
      about(
        `${door ? nameOfDoor(door) : ""} · ${method ? t(`method.${method}`) : ""}`,
        t(`attempt.${code}.own`),
      ),
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
