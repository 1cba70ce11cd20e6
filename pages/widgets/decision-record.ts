import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { currentLanguage, t } from "../shared/words.ts";
import { decisionForm, type Recorded } from "./decision-form.ts";
import { empty, field, onSubmit, sayHere } from "./kit.ts";
import type { View } from "./mount.ts";

export interface State {
  demonstration: boolean;
  /** A flow waits for its papers. */
  draft: boolean;
  doors: {
    id: string;
    name: string;
    mode: "1:N" | "1:1";
    armed: boolean;
    lacking: { code: string; sentence: string }[];
    ending: { code: string; at: string; sentence: string }[];
  }[];
  faces: { here: number; elsewhere: number; threshold?: number; warn: boolean; file_by?: string };
  numbers: { vote: boolean; notice_days: number; kept_days: number };
  /** Those this flow makes; some of them for each group of doors with a notice of its own. */
  papers: { kind: string; by_notice: boolean }[];
  entries: Recorded[];
  /** Labels in the language asked for. */
  words: Record<string, string>;
}

type Of = "running" | "draft";

/** The steps in the order in which they are taken, and what of the record shows under each. */
const steps: Record<string, readonly string[]> = {
  assessment: ["assessment"],
  vote: ["vote"],
  notice: ["notice"],
  signs: ["signs"],
  delivery: ["delivery"],
  question: ["question", "answer"],
  commissioned: ["commissioned"],
  filing: ["filing", "reached"],
  elsewhere: ["elsewhere"],
};
/** Which lacks a step makes good. */
const makesGood: Record<string, readonly string[]> = {
  assessment: [
    "assessment",
    "assessment-stale",
    "assessment-due",
    "assessment-incident",
    "necessity",
    "search",
  ],
  vote: ["decision", "vote"],
  notice: ["notice", "notice-stale", "notice-period", "notice-late"],
  signs: ["signs"],
  filing: ["filing"],
};
const keepers = new Set(["manager", "privacy-officer"]);

/** What has to be settled before a face may be used: what is lacking, what was recorded, and forms to go on. */
export const decisionRecord: View = async (place, role) => {
  const mayAct = keepers.has(role);
  const draw = async (of: Of, open?: string): Promise<void> => {
    const state = await ask<State>("GET", `/decisions?of=${of}`);
    const say = speaker(state.words);
    place.replaceChildren(
      make("p", { class: "soft" }, say("hint")),
      ...(state.draft ? [flowMenu(say, of, draw)] : []),
      ...(state.demonstration ? [make("p", { class: "say" }, say("demonstration"))] : []),
      make("h3", {}, say("state")),
      doorsOf(state, say),
      make("h3", {}, say("papers")),
      papersOf(state, say, of),
      make("h3", {}, say("entries")),
      ...Object.entries(steps)
        .filter(([kind]) => isAsked(kind, state))
        .map(([kind, shown]) =>
          step({ kind, shown, state, say, of, mayAct, open: open === kind, again: () => draw(of, kind) }),
        ),
      make(
        "p",
        { class: "row" },
        link(`/api/v1/decisions/paper?format=pdf&of=${of}&language=${currentLanguage()}`, say("print")),
      ),
    );
  };
  const first = await ask<State>("GET", "/decisions").catch(() => undefined);
  await draw(first === undefined || first.draft ? "draft" : "running");
  return () => undefined;
};

export type Say = (key: string, params?: Record<string, string | number>) => string;

const speaker =
  (words: Record<string, string>): Say =>
  (key, params = {}) =>
    (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));

/** Day and time: a record is read years later. */
const when = (at: string): string =>
  new Intl.DateTimeFormat(currentLanguage(), { dateStyle: "medium", timeStyle: "short" }).format(
    new Date(at),
  );

const link = (href: string, words: string): HTMLAnchorElement =>
  make("a", { class: "button", href, target: "_blank", rel: "noopener" }, words);

/** Steps that only some laws ask for stay away where they do not. */
function isAsked(kind: string, { numbers, faces }: State): boolean {
  if (kind === "vote") return numbers.vote;
  return (kind !== "filing" && kind !== "elsewhere") || faces.threshold !== undefined;
}

function flowMenu(say: Say, of: Of, draw: (of: Of) => Promise<void>): HTMLElement {
  const menu = make("select");
  for (const one of ["draft", "running"] as const)
    menu.add(new Option(say(`of.${one}`), one, false, one === of));
  menu.addEventListener("change", () => void draw(menu.value as Of).catch(reportError));
  return field(say("of"), menu);
}

/** Door by door: whether faces may be used, or every reason why not. */
function doorsOf({ doors, demonstration }: State, say: Say): HTMLElement {
  if (doors.length === 0) return empty(say("state.none"));
  const list = make("div", { class: "doors" });
  for (const { name, mode, armed, lacking, ending } of doors) {
    const box = make(
      "section",
      { class: "card door", "aria-label": name, "data-last": lacking.length === 0 ? "granted" : "denied" },
      make("h4", {}, name, " ", make("span", { class: "tag" }, mode)),
    );
    if (lacking.length === 0) box.append(make("p", {}, say(armed ? "armed" : "armed-not")));
    else box.append(make("ul", {}, ...lacking.map(({ sentence }) => make("li", {}, sentence))));
    for (const { sentence } of ending) box.append(make("p", { class: "say" }, sentence));
    if (demonstration && armed && lacking.length > 0)
      box.append(make("p", { class: "soft small" }, say("armed")));
    list.append(box);
  }
  return list;
}

/** The papers as PDF, where it is so for each group of doors that has a notice of its own. */
function papersOf({ doors, papers }: State, say: Say, of: Of): HTMLElement {
  const ofMode = [...new Map(doors.map((door) => [door.mode, door])).values()];
  const list = make("ul", { class: "things" });
  for (const { kind, by_notice: own } of papers) {
    const links = (own ? ofMode : [undefined]).map((door) => {
      const asked = `format=pdf&of=${of}&language=${currentLanguage()}${door ? `&door=${door.id}` : ""}`;
      const words = door && ofMode.length > 1 ? `PDF (${door.mode})` : "PDF";
      const file = link(`/api/v1/flow/papers/${kind}?${asked}`, words);
      file.setAttribute("aria-label", `${say(`papers.${kind}`)}: ${words}`);
      return file;
    });
    list.append(make("li", {}, say(`papers.${kind}`), make("span", { class: "row" }, ...links)));
  }
  return list;
}

interface Step {
  kind: string;
  shown: readonly string[];
  state: State;
  say: Say;
  of: Of;
  mayAct: boolean;
  open: boolean;
  again(): Promise<void>;
}

/** One step: how it stands, what was recorded of it, and a form to record more. */
function step({ kind, shown, state, say, of, mayAct, open, again }: Step): HTMLElement {
  const entries = state.entries.filter(
    (one) => shown.includes(one.kind) || (one.kind === "void" && shown.includes(voided(one, state))),
  );
  const lacks = state.doors.some(({ lacking }) =>
    lacking.some(({ code }) => makesGood[kind]?.includes(code)),
  );
  const last = entries.findLast((one) => !one.corrected && one.kind !== "void");
  const mark = lacks
    ? make("span", { class: "tag", "data-kind": "warn" }, t("widgets.decisions-open"))
    : make(
        "span",
        { class: "tag", "data-kind": "good" },
        last ? when(last.at) : t("widgets.decisions-nothing"),
      );
  const box = make("details", { class: "step", "data-step": kind, ...(open && { open: "" }) });
  const { here, elsewhere, threshold = 0, warn, file_by } = state.faces;
  const hint = say(`kind.${kind}.hint`, { days: state.numbers.notice_days, here, elsewhere, threshold });
  box.append(
    make("summary", {}, make("span", {}, say(`kind.${kind}`)), " ", mark),
    make("p", { class: "soft small" }, hint),
  );
  if (kind === "filing" && file_by)
    box.append(make("p", { class: "say", "data-kind": "bad" }, say("filing.by", { date: when(file_by) })));
  else if (kind === "filing" && warn)
    box.append(make("p", { class: "say", "data-kind": "warn" }, say("filing.warn")));
  const said = sayHere();
  const list = make(
    "ol",
    { class: "record" },
    ...entries.map((one) => entryLine(one, { state, say, of, mayAct, again, said })),
  );
  box.append(entries.length === 0 ? empty(say("none")) : list);
  if (mayAct) box.append(decisionForm({ kind, state, say, of, said, again }));
  if (kind === "notice" && mayAct) box.append(letterCheck(say));
  box.append(said);
  return box;
}

/** A letter is held to the words no notice may use, before anybody gets it. */
function letterCheck(say: Say): HTMLElement {
  const said = sayHere();
  const text = make("textarea", { rows: "4", required: "", maxlength: "20000" });
  const send = make("button", { type: "submit" }, say("letter.check"));
  const found = make("ul");
  const form = make("form", { class: "entry" }, field(say("letter"), text), send, said, found);
  onSubmit(form, send, said, async () => {
    const answer = await ask<{ found: { sentence: string }[] }>("POST", "/notices/check", {
      text: text.value,
    });
    found.replaceChildren(...answer.found.map(({ sentence }) => make("li", {}, sentence)));
    if (answer.found.length === 0) tell(said, say("letter.fine"), "good");
    else tell(said, say("letter.wrong"), "bad");
  });
  return make("details", { class: "letter" }, make("summary", {}, say("letter.title")), form);
}

/** Of which kind the entry was that this one takes back. */
const voided = (one: Recorded, { entries }: State): string =>
  entries.find(({ id }) => id === one.entry.corrects)?.kind ?? "";

interface Around extends Omit<Step, "kind" | "shown" | "open"> {
  said: HTMLElement;
}

function entryLine(one: Recorded, { state, say, of, mayAct, again, said }: Around): HTMLElement {
  const { id, kind, at, who, corrected, said: fields } = one;
  const list = make("dl");
  for (const [label, value] of fields) list.append(make("dt", {}, label), make("dd", {}, value));
  const head = make("p", { class: "small" }, `${when(at)} · ${who}`);
  if (kind === "void" || kind === "answer" || kind === "reached")
    head.append(" ", make("span", { class: "tag" }, say(`kind.${kind}`)));
  if (corrected) head.append(" ", make("span", { class: "tag", "data-kind": "warn" }, say("corrected")));
  const line = make("li", { "data-corrected": String(corrected) }, head, list);
  if (!mayAct || corrected || kind === "void" || kind === "reached" || kind === "import") return line;
  line.append(decisionForm({ kind, state, say, of, said, again, corrects: one }));
  if (
    kind === "question" &&
    !state.entries.some((other) => other.kind === "answer" && other.entry.cites === id && !other.corrected)
  )
    line.append(decisionForm({ kind: "answer", state, say, of, said, again, cites: id }));
  line.append(decisionForm({ kind: "void", state, say, of, said, again, corrects: one }));
  return line;
}
