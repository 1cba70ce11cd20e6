import { boxes, localTime, mark, terms } from "../rights/show.ts";
import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t, time } from "../shared/words.ts";
import { action, choice, empty, field, keep, onSubmit, sayHere } from "./kit.ts";
import { leftOut } from "./left-out.ts";
import type { View } from "./mount.ts";
import { personField } from "./person-field.ts";

interface Disclosure {
  id: string;
  kind: string;
  recipient: string;
  basis: string;
  case: string;
  why?: string;
  officer?: string;
  doors: string[];
  from: string;
  to: string;
  person?: string;
  names: boolean;
  expires: string;
  withheld?: { until: string; law: string };
  state: "asked" | "approved" | "refused" | "expired";
  opened: string;
  opener: string;
  approver?: string;
  released: number;
  entries?: number;
  people?: number;
}

interface Door {
  id: string;
  name: string;
}
type Doors = ReadonlyMap<string, string>;

const bases = {
  authority: ["criminal-procedure", "public-security", "court-order", "emergency"],
  inquiry: ["security-case", "own-claim"],
};

/** What leaves, or is put together about people's movements: case by case, by two people (RD-46, RD-60). */
export const disclosures: View = async (place, role) => {
  const acts = role !== "auditor";
  const list = make("div");
  const said = sayHere();
  const { doors } = await ask<{ doors: Door[] }>("GET", "/doors");
  const names = new Map(doors.map(({ id, name }) => [id, name]));
  const show = async () => {
    const { disclosures } = await ask<{ disclosures: Disclosure[] }>("GET", "/disclosures");
    list.replaceChildren(
      ...(disclosures.length === 0
        ? [empty(t("rights.disclosures-none"))]
        : disclosures.map((one) => card(one, names, acts, show))),
    );
  };
  place.replaceChildren(
    make("h3", {}, t("rights.disclosures")),
    make("p", { class: "soft" }, t("rights.disclosures-hint")),
    said,
    list,
    ...(acts ? [opening(doors, said, show)] : []),
    evidence(),
  );
  await show();
  return () => undefined;
};

function card(one: Disclosure, doors: Doors, acts: boolean, again: () => Promise<void>): HTMLElement {
  const said = sayHere();
  const out = make("div");
  const kind = one.state === "approved" ? "good" : one.state === "asked" ? "warn" : "";
  const rows: [string, string][] = [
    [t("rights.basis"), `${t(`rights.basis-${one.basis}`)} · ${one.case}`],
    [t("rights.scope"), scopeOf(one, doors)],
    [t("rights.two"), t("rights.two-line", { opener: one.opener, approver: one.approver ?? "—" })],
    [t("rights.expires"), time(one.expires)],
  ];
  if (one.why) rows.push([t("rights.why"), one.why]);
  if (one.officer) rows.push([t("rights.officer"), one.officer]);
  if (one.withheld)
    rows.push([
      t("rights.withheld"),
      t("rights.withheld-line", { ...one.withheld, until: time(one.withheld.until) }),
    ]);
  if (one.released > 0)
    rows.push([
      t("rights.handed"),
      t("rights.handed-line", { times: one.released, entries: one.entries ?? 0, people: one.people ?? 0 }),
    ]);
  const box = make(
    "section",
    { class: "card kind", "aria-label": `${one.recipient} ${one.case}` },
    make("h4", { class: "row" }, one.recipient, mark(t(`rights.disclosure-${one.state}`), kind)),
    terms(rows),
  );
  const act = (words: string, path: string) =>
    action(t(words), said, async () => {
      await ask("POST", `/disclosures/${one.id}/${path}`);
      await again();
    });
  const buttons = make("div", { class: "row" });
  if (one.state === "asked")
    buttons.append(act("rights.approve", "approval"), act("rights.refuse", "refusal"));
  if (one.state === "approved")
    buttons.append(
      action(t("rights.release"), said, async () => {
        const { file } = await ask<{ file: string }>("POST", `/disclosures/${one.id}/release`);
        out.replaceChildren(keep(file, `limen-${one.id}.json`, t("rights.release-save")));
        tell(said, t("rights.released"), "good");
      }),
      ...(one.kind === "inquiry" && one.person ? [wholeCopy(one.id, one.person, said, out)] : []),
      act("rights.refuse", "refusal"),
    );
  if (acts) box.append(buttons, said, out);
  return box;
}

/** Everything held about the person of a case, with the entries at doors it allows; alone, nobody gets those (RD-46). */
const wholeCopy = (id: string, person: string, said: HTMLElement, out: HTMLElement): HTMLElement =>
  action(t("rights.release-copy"), said, async () => {
    const { export: text } = await ask<{ export: string }>("GET", `/persons/${person}/export?case=${id}`);
    out.replaceChildren(keep(text, "limen-export.json", t("widgets.export-save")), leftOut(text));
    tell(said, t("rights.release-copied"), "good");
  });

const scopeOf = ({ doors, from, to, names, person }: Disclosure, known: Doors): string =>
  t(person ? "rights.scope-person" : names ? "rights.scope-names" : "rights.scope-doors", {
    doors: doors.map((id) => known.get(id) ?? id).join(t("widgets.comma")),
    from: time(from),
    to: time(to),
  });

/** A new case. It says nothing until somebody else agrees. */
function opening(doors: readonly Door[], said: HTMLElement, again: () => Promise<void>): HTMLElement {
  const kind = choice(["authority", "inquiry"], "rights.disclosure-kind-");
  const basis = choice(bases.authority, "rights.basis-");
  const text = (max: number, min = 2) =>
    make("input", { required: "", minlength: String(min), maxlength: String(max), autocomplete: "off" });
  const [recipient, number, officer, why] = [text(120), text(80), text(120), text(1000, 5)];
  const where = boxes(t("rights.doors"), doors);
  const from = make("input", { type: "datetime-local", required: "", value: localTime(-24) });
  const to = make("input", { type: "datetime-local", required: "", value: localTime() });
  const what = choice(["doors", "names", "person"], "rights.what-");
  const person = personField(t("rights.whose"), said, "security-case");
  person.place.hidden = true;
  const days = choice(["1", "3", "7", "14"], "rights.for-days-");
  days.value = "3";
  const until = make("input", { type: "date" });
  const law = make("input", { maxlength: "200", autocomplete: "off" });
  const silence = make(
    "details",
    {},
    make("summary", {}, t("rights.withhold-open")),
    make("p", { class: "soft small" }, t("rights.withhold-hint")),
    make(
      "div",
      { class: "line" },
      field(t("rights.withhold-until"), until),
      field(t("rights.withhold-law"), law),
    ),
  );
  const put = make("button", { type: "submit", class: "main" }, t("rights.case-open"));
  kind.addEventListener("change", () => {
    const own = kind.value === "inquiry";
    basis.replaceChildren(
      ...bases[own ? "inquiry" : "authority"].map((one) => new Option(t(`rights.basis-${one}`), one)),
    );
    silence.hidden = own;
  });
  what.addEventListener("change", () => {
    person.place.hidden = what.value !== "person";
  });
  const form = make(
    "form",
    { class: "stack" },
    field(t("rights.disclosure-kind"), kind),
    make(
      "div",
      { class: "line" },
      field(t("rights.recipient"), recipient),
      field(t("rights.officer"), officer),
    ),
    make("div", { class: "line" }, field(t("rights.basis-only"), basis), field(t("rights.case"), number)),
    field(t("rights.why"), why),
    where.place,
    make("div", { class: "line" }, field(t("rights.from"), from), field(t("rights.to"), to)),
    field(t("rights.what"), what),
    person.place,
    field(t("rights.expires-in"), days),
    silence,
    put,
  );
  onSubmit(form, put, said, async () => {
    const about = what.value === "person" ? person.chosen() : undefined;
    if (what.value === "person" && !about) {
      tell(said, t("rights.person-first"), "warn");
      return;
    }
    const quiet = kind.value === "authority" && until.value;
    await ask("POST", "/disclosures", {
      kind: kind.value,
      recipient: recipient.value.trim(),
      basis: basis.value,
      case: number.value.trim(),
      why: why.value.trim(),
      officer: officer.value.trim(),
      doors: where.ticked(),
      from: new Date(from.value).toISOString(),
      to: new Date(to.value).toISOString(),
      names: what.value !== "doors",
      expires: new Date(Date.now() + Number(days.value) * 86_400_000).toISOString(),
      ...(about && { person: about }),
      ...(quiet && { withheld: { until: new Date(until.value).toISOString(), law: law.value.trim() } }),
    });
    form.reset();
    tell(said, t("rights.case-opened"), "good");
    await again();
  });
  return make("details", {}, make("summary", {}, t("rights.case-new")), form);
}

/** Everything a regulator asks first, in one press (A0-29). */
function evidence(): HTMLElement {
  const said = sayHere();
  const out = make("div");
  const pack = action(t("rights.evidence"), said, async () => {
    const { file } = await ask<{ file: string }>("POST", "/evidence");
    out.replaceChildren(keep(file, "limen-evidence.json", t("rights.evidence-save")));
    tell(said, t("rights.evidence-made"), "good");
  });
  return make(
    "section",
    { class: "part", "aria-label": t("rights.evidence-title") },
    make("h3", {}, t("rights.evidence-title")),
    make("p", { class: "soft" }, t("rights.evidence-hint")),
    pack,
    said,
    out,
  );
}
