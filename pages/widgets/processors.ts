import { boxes, type Certificate, certificateLine, mark, terms } from "../rights/show.ts";
import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t, time } from "../shared/words.ts";
import { action, choice, empty, field, onSubmit, sayHere } from "./kit.ts";
import type { View } from "./mount.ts";

interface Processor {
  id: string;
  name: string;
  role: string;
  contact: string;
  purpose: string;
  method: string;
  data: string[];
  measures: string;
  from: string;
  until: string;
  fees: string;
  rights: string;
  ads: string;
  others: string;
  end: string;
  certificates: Certificate[];
  ended?: string;
  fate?: string;
  running: boolean;
  questions: number;
  overdue: number;
  access: { id: string; from: string; until: string; reason: string; open: boolean }[];
}

const kinds = ["names", "cards", "entry-events", "face-templates", "consents", "device-logs"];

/** Who works on people's data in this site's name: contract, money, certificates, and when they were let in (RD-51). */
export const processors: View = async (place, role) => {
  const acts = role !== "auditor";
  const said = sayHere();
  const list = make("div");
  const form = make("div");
  const show = async () => {
    const { processors } = await ask<{ processors: Processor[] }>("GET", "/processors");
    list.replaceChildren(
      ...(processors.length === 0
        ? [empty(t("rights.processors-none"))]
        : processors.map((one) => card(one, acts, show))),
    );
    form.replaceChildren(...(acts ? [entering(said, show)] : []));
  };
  place.replaceChildren(
    make("h3", {}, t("rights.processors")),
    make("p", { class: "soft" }, t("rights.processors-hint")),
    list,
    form,
    said,
  );
  await show();
  return () => undefined;
};

function card(one: Processor, acts: boolean, again: () => Promise<void>): HTMLElement {
  const said = sayHere();
  const state = one.ended ? "ended" : one.running ? "running" : "not-running";
  const rows: [string, string | Node][] = [
    [t("rights.processor-role"), t(`rights.processor-role-${one.role}`)],
    [t("rights.contact"), one.contact],
    [t("rights.purpose"), `${one.purpose} · ${one.method}`],
    [
      t("rights.data"),
      one.data.map((kind) => t(`rights.data-${kind}`)).join(t("widgets.comma")) || t("rights.no-data"),
    ],
    [t("rights.measures"), one.measures],
    [t("rights.term"), `${one.from} – ${one.until}`],
    [t("rights.fees"), one.fees],
    [t("rights.data-rights"), one.rights],
    [t("rights.ads"), t("rights.ads-none")],
    [t("rights.others"), one.others],
    [t("rights.end"), t(`rights.end-${one.end}`)],
  ];
  if (one.fate) rows.push([t("rights.fate"), t(`rights.fate-${one.fate}`)]);
  for (const certificate of one.certificates)
    rows.push([t("rights.certificate"), certificateLine(certificate)]);
  const marks = [
    mark(t(`rights.processor-${state}`), state === "running" ? "good" : state === "ended" ? "" : "bad"),
  ];
  if (one.overdue > 0) marks.push(mark(t("rights.questions-late", { count: one.overdue }), "bad"));
  else if (one.questions > 0) marks.push(mark(t("rights.questions", { count: one.questions }), "warn"));
  const box = make(
    "section",
    { class: "card kind", "aria-label": one.name },
    make("h4", { class: "row" }, one.name, ...marks),
    make("details", { open: "" }, make("summary", {}, t("rights.contract")), terms(rows)),
    letIn(one, acts, said, again),
  );
  if (acts && !one.ended) box.append(entering(said, again, one), ending(one, said, again));
  box.append(said);
  return box;
}

/** When its technicians were let in, and letting one in: a token that is over by itself. */
function letIn(one: Processor, acts: boolean, said: HTMLElement, again: () => Promise<void>): HTMLElement {
  const list = make("ul", { class: "things" });
  for (const { id, from, until, reason, open } of one.access) {
    const line = make("li", {}, t("rights.access-line", { from: time(from), until: time(until), reason }));
    if (open && acts)
      line.append(
        action(t("rights.access-end"), said, async () => {
          await ask("DELETE", `/processor-access/${id}`);
          await again();
        }),
      );
    list.append(line);
  }
  const box = make(
    "details",
    {},
    make("summary", {}, t("rights.access", { count: one.access.length })),
    list,
  );
  if (!acts || !one.running) return box;
  const reason = make("input", { required: "", minlength: "3", maxlength: "200", autocomplete: "off" });
  const hours = choice(["1", "2", "8", "24"], "rights.hours-");
  const open = make("button", { type: "submit" }, t("rights.access-open"));
  const shown = make("div");
  const form = make(
    "form",
    { class: "line" },
    field(t("rights.access-why"), reason),
    field(t("rights.hours"), hours),
    open,
  );
  onSubmit(form, open, said, async () => {
    const { token, expires } = await ask<{ token: string; expires: string }>(
      "POST",
      `/processors/${one.id}/access`,
      { hours: Number(hours.value), reason: reason.value.trim() },
    );
    shown.replaceChildren(
      make("p", {}, t("rights.access-token", { expires: time(expires) })),
      make("pre", { tabindex: "0" }, token),
    );
  });
  box.append(form, shown);
  return box;
}

function ending(one: Processor, said: HTMLElement, again: () => Promise<void>): HTMLElement {
  const fate = choice(["deleted", "returned"], "rights.fate-", t("rights.fate"));
  const end = action(t("rights.processor-end"), said, async () => {
    await ask("POST", `/processors/${one.id}/end`, { fate: fate.value });
    await again();
  });
  return make("div", { class: "row" }, fate, end);
}

/** What the contract must say: an empty field, or advertising, and there is no processor (PIPL 21; GDPR 28). */
function entering(said: HTMLElement, again: () => Promise<void>, known?: Processor): HTMLElement {
  const text = (max: number) => make("input", { required: "", maxlength: String(max), autocomplete: "off" });
  const name = text(120);
  const contact = text(200);
  const role = choice(["processor", "joint"], "rights.processor-role-");
  const [purpose, method, fees, rights, ads, others] = [400, 400, 400, 400, 400, 400].map(text) as [
    HTMLInputElement,
    HTMLInputElement,
    HTMLInputElement,
    HTMLInputElement,
    HTMLInputElement,
    HTMLInputElement,
  ];
  const measures = make("textarea", { required: "", rows: "3", maxlength: "1000" });
  const from = make("input", { type: "date", required: "" });
  const until = make("input", { type: "date", required: "" });
  const end = choice(["delete", "return"], "rights.end-");
  const data = boxes(
    t("rights.data"),
    kinds.map((kind) => ({ id: kind, name: t(`rights.data-${kind}`) })),
  );
  const certificate = choice(["mlps-3", "mlps-2", "iso-27001", "iso-27701", "other"], "rights.certificate-");
  const number = make("input", { maxlength: "80", autocomplete: "off" });
  const expires = make("input", { type: "date" });
  if (known) {
    const texts = {
      name,
      contact,
      role,
      purpose,
      method,
      fees,
      rights,
      ads,
      others,
      measures,
      from,
      until,
      end,
    };
    for (const [key, input] of Object.entries(texts)) input.value = String(known[key as "name"]);
    data.tick(known.data);
  }
  const put = make(
    "button",
    { type: "submit", class: "main" },
    t(known ? "widgets.save" : "rights.processor-put"),
  );
  const pair = (...fields: HTMLElement[]) => make("div", { class: "line" }, ...fields);
  const form = make(
    "form",
    { class: "stack" },
    pair(field(t("rights.processor-name"), name), field(t("rights.contact"), contact)),
    pair(field(t("rights.processor-role"), role), field(t("rights.end"), end)),
    pair(field(t("rights.purpose"), purpose), field(t("rights.method"), method)),
    data.place,
    field(t("rights.measures"), measures),
    pair(field(t("rights.term-from"), from), field(t("rights.term-until"), until)),
    pair(field(t("rights.fees"), fees), field(t("rights.data-rights"), rights)),
    pair(field(t("rights.ads-must"), ads), field(t("rights.others"), others)),
    pair(
      field(t("rights.certificate"), certificate),
      field(t("rights.certificate-number"), number),
      field(t("rights.certificate-until"), expires),
    ),
    make("p", { class: "soft small" }, t("rights.certificate-hint")),
    put,
  );
  onSubmit(form, put, said, async () => {
    const certificates = (known?.certificates ?? []).map(({ state: _, ...one }) => one);
    if (number.value && expires.value)
      certificates.push({ kind: certificate.value, number: number.value.trim(), expires: expires.value });
    await ask(known ? "PUT" : "POST", known ? `/processors/${known.id}` : "/processors", {
      name: name.value.trim(),
      role: role.value,
      contact: contact.value.trim(),
      purpose: purpose.value.trim(),
      method: method.value.trim(),
      data: data.ticked(),
      measures: measures.value.trim(),
      from: from.value,
      until: until.value,
      fees: fees.value.trim(),
      rights: rights.value.trim(),
      ads: ads.value.trim(),
      others: others.value.trim(),
      end: end.value,
      certificates,
    });
    await again();
    tell(said, t("rights.processor-entered"), "good");
  });
  return make(
    "details",
    {},
    make("summary", {}, t(known ? "rights.processor-change" : "rights.processor-new")),
    form,
  );
}
