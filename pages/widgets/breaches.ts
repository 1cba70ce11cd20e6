import { boxes, localTime, mark, terms } from "../rights/show.ts";
import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { showText } from "../shared/text.ts";
import { currentLanguage, languages, t, time } from "../shared/words.ts";
import { action, choice, empty, field, onSubmit, sayHere, sure, table } from "./kit.ts";
import type { View } from "./mount.ts";

interface Breach {
  id: string;
  drill: boolean;
  kinds: string[];
  doors: string[];
  from: string;
  to: string;
  cause: string;
  harm: string;
  measures: string;
  advice: string;
  aware: string;
  due?: string;
  prompt: boolean;
  late: boolean;
  counts: Record<string, number>;
  people: number;
  minors: number;
  contained: { measure: string; at: string }[];
  authority?: string;
  told?: string;
  closed?: string;
  lessons?: string;
}

interface Door {
  id: string;
  name: string;
}

const kinds = ["faces", "names", "cards", "entries", "accounts"];

/** Incidents and drills: who is affected, the clock, what was done, drafts, who was told, what was learnt (RD-59). */
export const breaches: View = async (place, role) => {
  const acts = role !== "auditor";
  const said = sayHere();
  const list = make("div");
  const { doors } = await ask<{ doors: Door[] }>("GET", "/doors");
  const names = new Map(doors.map(({ id, name }) => [id, name]));
  const show = async () => {
    const { breaches } = await ask<{ breaches: Breach[] }>("GET", "/breaches");
    list.replaceChildren(
      ...(breaches.length === 0
        ? [empty(t("rights.breaches-none"))]
        : breaches.map((one) => card(one, names, acts, show))),
    );
  };
  place.replaceChildren(
    make("h3", {}, t("rights.breaches")),
    make("p", { class: "soft" }, t("rights.breaches-hint")),
    list,
    said,
    ...(acts ? [opening(doors, said, show)] : []),
  );
  await show();
  return () => undefined;
};

function card(
  one: Breach,
  doors: ReadonlyMap<string, string>,
  acts: boolean,
  again: () => Promise<void>,
): HTMLElement {
  const said = sayHere();
  const marks = [
    mark(t(one.closed ? "rights.breach-closed" : "rights.breach-open"), one.closed ? "" : "warn"),
  ];
  if (one.drill) marks.unshift(mark(t("rights.drill"), "warn"));
  if (one.late) marks.push(mark(t("rights.breach-late"), "bad"));
  const rows: [string, string][] = [
    [t("rights.breach-kinds"), countsOf(one)],
    [t("rights.breach-people"), t("rights.breach-people-line", { people: one.people, minors: one.minors })],
    [t("rights.breach-when"), `${time(one.from)} – ${time(one.to)}`],
    [t("rights.breach-aware"), time(one.aware)],
    [t("rights.breach-due"), dueOf(one)],
    [t("rights.breach-authority"), one.authority ? time(one.authority) : t("rights.not-yet")],
    [t("rights.breach-told"), one.told ? time(one.told) : t("rights.not-yet")],
  ];
  if (one.doors.length > 0)
    rows.splice(1, 0, [
      t("rights.doors"),
      one.doors.map((id) => doors.get(id) ?? id).join(t("widgets.comma")),
    ]);
  for (const { measure, at } of one.contained)
    rows.push([t("rights.breach-done"), `${t(`rights.measure-${measure}`)} · ${time(at)}`]);
  if (one.lessons) rows.push([t("rights.lessons"), one.lessons]);
  const box = make(
    "section",
    { class: "card kind", "aria-label": one.cause },
    make("h4", { class: "row" }, one.cause, ...marks),
    terms(rows),
    drafts(one.id, said),
  );
  if (acts && !one.closed) box.append(acting(one, box, said, again));
  box.append(said);
  return box;
}

const dueOf = ({ due, prompt }: Breach): string =>
  due === undefined
    ? t("rights.breach-no-hours")
    : t(prompt ? "rights.breach-at-once" : "rights.breach-until", { at: time(due) });

const countsOf = ({ kinds, counts }: Breach): string =>
  kinds
    .map((kind) => t("rights.breach-count", { kind: t(`rights.breach-${kind}`), count: counts[kind] ?? 0 }))
    .join(t("widgets.comma"));

/** The notices the law asks for, to be read before they are sent; in the language of whoever reads them. */
function drafts(id: string, said: HTMLElement): HTMLElement {
  const to = choice(["authority", "people"], "rights.draft-");
  const language = make("select", { "aria-label": t("shared.language") });
  for (const [code, name] of Object.entries(languages))
    language.add(new Option(name, code, false, code === currentLanguage()));
  const shown = make("div");
  const look = action(t("rights.draft-show"), said, async () => {
    const query = `to=${to.value}&language=${language.value}`;
    const { text } = await ask<{ text: string }>("GET", `/breaches/${id}/draft?${query}`);
    const paper = make("div", {
      class: "notice",
      tabindex: "0",
      role: "region",
      lang: language.value,
      "aria-label": t(`rights.draft-${to.value}`),
    });
    showText(paper, text, 4);
    shown.replaceChildren(
      paper,
      make(
        "a",
        {
          class: "button",
          download: `limen-${to.value}.txt`,
          href: URL.createObjectURL(new Blob([text], { type: "text/plain" })),
        },
        t("rights.draft-save"),
      ),
    );
  });
  return make(
    "details",
    {},
    make("summary", {}, t("rights.drafts")),
    make("div", { class: "line" }, field(t("rights.draft-to"), to), language, look),
    shown,
  );
}

function acting(one: Breach, box: HTMLElement, said: HTMLElement, again: () => Promise<void>): HTMLElement {
  const measure = (which: string) =>
    action(t(`rights.measure-${which}`), said, async () => {
      if (
        which === "renew-faces" &&
        !one.drill &&
        !(await sure(box, t("rights.renew-sure"), t("rights.measure-renew-faces")))
      )
        return;
      await ask("POST", `/breaches/${one.id}/measures`, { measure: which });
      await again();
    });
  const row = make("div", { class: "row" });
  if (one.kinds.includes("faces")) row.append(measure("renew-faces"));
  row.append(measure("other"));
  if (!one.authority)
    row.append(
      action(t("rights.breach-report"), said, async () => {
        await ask("POST", `/breaches/${one.id}/report`, { at: new Date().toISOString() });
        await again();
      }),
    );
  const letters = make("div");
  if (!one.drill)
    row.append(
      action(t("rights.letters"), said, async () => {
        if (!(await sure(box, t("rights.letters-sure", { people: one.people }), t("rights.letters")))) return;
        const { people } = await ask<{ people: Letter[] }>("POST", `/breaches/${one.id}/letters`);
        letters.replaceChildren(...letterList(people));
      }),
    );
  if (!one.told && !one.drill)
    row.append(
      action(t("rights.breach-tell"), said, async () => {
        if (!(await sure(box, t("rights.tell-sure", { people: one.people }), t("rights.breach-tell"))))
          return;
        await ask("POST", `/breaches/${one.id}/telling`);
        await again();
      }),
    );
  const lessons = make("textarea", { required: "", minlength: "10", maxlength: "4000", rows: "3" });
  const close = make("button", { type: "submit" }, t("rights.breach-close"));
  const form = make("form", { class: "stack" }, field(t("rights.lessons-what"), lessons), close);
  onSubmit(form, close, said, async () => {
    await ask("POST", `/breaches/${one.id}/end`, { lessons: lessons.value.trim() });
    await again();
  });
  return make(
    "div",
    {},
    row,
    letters,
    make("details", {}, make("summary", {}, t("rights.breach-close-open")), form),
  );
}

interface Letter {
  name: string;
  flat?: string;
  minor?: true;
  guardians: { name?: string; flat?: string; relation: string }[];
}

/** Whom to write to, to be printed; those who answer for a child beside the child. */
function letterList(people: readonly Letter[]): HTMLElement[] {
  const shown = table(
    t("rights.letters"),
    [t("shared.name"), t("desk.flat"), t("rights.letters-guardian")],
    people.map(({ name, flat, minor, guardians }) => [
      name,
      flat ?? "",
      minor && guardians.length === 0
        ? t("rights.letters-guardian-unknown")
        : guardians
            .map((one) =>
              [one.name ?? t("rights.letters-guardian-unknown"), one.flat].filter(Boolean).join(" · "),
            )
            .join(t("widgets.comma")),
    ]),
  );
  const print = make("button", { type: "button" }, t("rights.letters-print"));
  print.addEventListener("click", () => {
    const frame = make("iframe", { class: "visually-hidden", title: t("rights.letters"), tabindex: "-1" });
    document.body.append(frame);
    frame.contentDocument!.body.append(shown.cloneNode(true));
    frame.contentWindow!.addEventListener("afterprint", () => frame.remove());
    frame.contentWindow!.print();
  });
  return [shown, make("div", { class: "row" }, print)];
}

function opening(doors: readonly Door[], said: HTMLElement, again: () => Promise<void>): HTMLElement {
  const drill = make("input", { type: "checkbox" });
  const data = boxes(
    t("rights.breach-kinds"),
    kinds.map((kind) => ({ id: kind, name: t(`rights.breach-${kind}`) })),
  );
  const where = boxes(t("rights.breach-doors"), doors);
  const when = (hours = 0) =>
    make("input", { type: "datetime-local", required: "", value: localTime(hours) });
  const [aware, from, to] = [when(), when(-24), when()];
  const words = () => make("textarea", { required: "", minlength: "2", maxlength: "2000", rows: "2" });
  const [cause, harm, measures, advice] = [words(), words(), words(), words()];
  const put = make("button", { type: "submit", class: "main" }, t("rights.breach-put"));
  const form = make(
    "form",
    { class: "stack" },
    make("label", { class: "check" }, drill, t("rights.drill-is")),
    data.place,
    where.place,
    field(t("rights.breach-aware"), aware),
    make("div", { class: "line" }, field(t("rights.from"), from), field(t("rights.to"), to)),
    field(t("rights.breach-cause"), cause),
    field(t("rights.breach-harm"), harm),
    field(t("rights.breach-measures"), measures),
    field(t("rights.breach-advice"), advice),
    put,
  );
  const iso = (input: HTMLInputElement) => new Date(input.value).toISOString();
  onSubmit(form, put, said, async () => {
    await ask("POST", "/breaches", {
      drill: drill.checked,
      kinds: data.ticked(),
      doors: where.ticked(),
      aware: iso(aware),
      from: iso(from),
      to: iso(to),
      cause: cause.value.trim(),
      harm: harm.value.trim(),
      measures: measures.value.trim(),
      advice: advice.value.trim(),
    });
    form.reset();
    tell(said, t("rights.breach-opened"), "good");
    await again();
  });
  return make("details", {}, make("summary", {}, t("rights.breach-new")), form);
}
