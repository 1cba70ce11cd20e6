import { make } from "../shared/dom.ts";
import { currentLanguage, has, t, time } from "../shared/words.ts";
import { nameOfDoor } from "./doors.ts";
import { type Copy, heldIn, heldRows, type KeptDays } from "./held.ts";

/** The page's own one style: it is read where no server is asked for another. */
const style = `body{font:16px/1.5 system-ui,sans-serif;max-width:44em;margin:2em auto;padding:0 1em;color:#111;background:#fff}
h1{font-size:1.5em}h2{font-size:1.1em;margin:1.4em 0 .3em}table{border-collapse:collapse;width:100%}
th,td{border:1px solid #767676;padding:.3em .6em;text-align:start;vertical-align:top;overflow-wrap:anywhere}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}`;

/** Everything held about somebody as one page to read or print, made here from the same answer as the file with the proofs. */
export function readablePage(held: Copy, kept: KeptDays): string {
  const page = document.implementation.createHTMLDocument(t("me.copy-title"));
  page.documentElement.lang = currentLanguage();
  const sheet = page.createElement("style");
  sheet.textContent = style;
  const charset = page.createElement("meta");
  charset.setAttribute("charset", "utf-8");
  page.head.prepend(charset, sheet);
  page.body.append(
    make("h1", {}, t("me.copy-title")),
    make("p", {}, t("me.copy-made", { name: held.person.name, made: time(held.made) })),
    ...part(
      "me.held",
      ["me.copy-what", "me.copy-value", "me.copy-until"],
      heldRows(heldIn(held), held.passes, kept).map(({ name, value, until }) => [name, value, until]),
    ),
    ...part(
      "me.held-consents",
      ["me.copy-when", "me.copy-what", "me.copy-doors"],
      held.consents.map(({ state, since, doors }) => [
        time(since),
        t(`me.consent-${state}`),
        doors.map(nameOfDoor).join(t("rights.comma")),
      ]),
    ),
    ...part(
      "me.passes",
      ["me.copy-until", "me.copy-what", "me.copy-value"],
      held.passes.map(({ until, kind, state, used, uses }) => [
        time(until),
        t(kind === "phone" ? "method.phone" : "method.pass"),
        `${t(`me.state-${state}`)} · ${used}/${uses === 0 ? "∞" : uses}`,
      ]),
    ),
    ...part(
      "me.erasures",
      ["me.copy-when", "me.copy-value"],
      held.erasures.map(({ id, steps }) => [time(steps.findLast(({ at }) => at)?.at ?? held.made), id]),
    ),
    ...part(
      "me.copy-log",
      ["me.copy-when", "me.copy-what", "me.copy-value"],
      held.log.entries.map((entry) => [whenOf(entry), classOf(entry.class), wordsOf(entry.fields ?? {})]),
    ),
    ...(held.leftOut ? [make("p", {}, held.leftOut.said[currentLanguage()])] : []),
    make("p", {}, t("me.copy-proofs", { button: t("me.export") })),
  );
  return `<!doctype html>\n${page.documentElement.outerHTML}\n`;
}

function part(title: string, head: readonly string[], rows: readonly (readonly string[])[]): HTMLElement[] {
  if (rows.length === 0) return [make("h2", {}, t(title)), make("p", {}, t("me.copy-none"))];
  return [
    make("h2", {}, t(title)),
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...head.map((key) => make("th", { scope: "col" }, t(key))))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...row.map((cell) => make("td", {}, cell))))),
    ),
  ];
}

type Logged = Copy["log"]["entries"][number];

const whenOf = ({ fields, day }: Logged): string => (typeof fields?.at === "string" ? time(fields.at) : day);
const classOf = (kind: string): string => (has(`me.class-${kind}`) ? t(`me.class-${kind}`) : kind);

/** What an entry says, in words where there are some. */
function wordsOf(fields: Record<string, unknown>): string {
  const word = (prefix: string, value: unknown) =>
    has(`${prefix}${String(value)}`) ? t(`${prefix}${String(value)}`) : String(value);
  const say: Record<string, (value: unknown) => string> = {
    door: (value) => nameOfDoor(String(value)),
    method: (value) => word("method.", value),
    role: (value) => word("role.", value),
    purpose: (value) => word("purpose.", value),
    state: (value) => word("me.consent-", value),
    code: (value) =>
      has(`attempt.${String(value)}.own`) ? t(`attempt.${String(value)}.own`) : String(value),
  };
  const shown = ["door", "method", "code", "name", "role", "purpose", "what", "state", "reason"];
  return shown
    .filter((name) => fields[name] !== undefined)
    .map((name) => say[name]?.(fields[name]) ?? String(fields[name]))
    .join(" · ");
}
