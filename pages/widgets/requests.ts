import { clock, day, type RightsRequest, terms } from "../rights/show.ts";
import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { openReceipt } from "../shared/receipt.ts";
import { about, has, t, time } from "../shared/words.ts";
import { approvals } from "./approvals.ts";
import { action, choice, empty, field, keep, onSubmit, sayHere } from "./kit.ts";
import type { View } from "./mount.ts";
import { personField } from "./person-field.ts";
import { called } from "./picker.ts";

const kinds = [
  "access",
  "copy",
  "correct",
  "delete",
  "restrict",
  "object",
  "withdraw",
  "explain",
  "complaint",
  "next-of-kin",
  "processor",
];
const grounds = [
  "identity-not-shown",
  "not-held",
  "law-requires-keeping",
  "rights-of-others",
  "already-answered",
  "not-entitled",
];

/** What people asked about their data, the most urgent first; and who asked to see minors' data. */
export const requests: View = async (place, role) => {
  const list = make("div");
  const said = sayHere();
  const all = make("input", { type: "checkbox" });
  const show = () => showRequests(list, role, all.checked);
  all.addEventListener("change", () => void show());
  place.replaceChildren(
    make("h3", {}, t("rights.requests")),
    make("p", { class: "soft" }, t("rights.requests-hint")),
    make("label", { class: "check" }, all, t("rights.also-closed")),
    said,
    list,
    ...(role === "auditor" ? [] : [await taking(said, show)]),
    await approvals(role),
  );
  await show();
  return () => undefined;
};

async function showRequests(place: HTMLElement, role: string, all: boolean): Promise<void> {
  const { requests } = await ask<{ requests: RightsRequest[] }>(
    "GET",
    `/requests?state=${all ? "all" : "open"}`,
  );
  const late = requests.filter(({ level }) => level === "escalated").length;
  const alarm = make("p", { class: "alarms", role: "alert" }, t("rights.alarm", { count: late }));
  const list = make("ul", { class: "people" });
  for (const request of requests) list.append(make("li", {}, line(request, role, place, all)));
  place.replaceChildren(
    ...(late > 0 ? [alarm] : []),
    requests.length === 0 ? empty(t("rights.requests-none")) : list,
  );
}

function line(request: RightsRequest, role: string, place: HTMLElement, all: boolean): HTMLElement {
  const said = sayHere();
  const inside = make("div");
  const head = make(
    "div",
    { class: "row" },
    make("strong", {}, t(`rights.kind-${request.kind}`)),
    clock(request),
    make("span", { class: "soft small" }, t("rights.filed", { filed: day(request.filed) })),
  );
  if (role !== "auditor" && request.state !== "erased") {
    const open = action(t("rights.open"), said, async () => {
      const read = await ask<RightsRequest>("GET", `/requests/${request.id}`);
      inside.replaceChildren(words(read));
      if (read.state === "open") inside.append(answering(read, () => showRequests(place, role, all)));
      open.hidden = true;
    });
    head.append(open);
  }
  return make("div", {}, head, said, inside);
}

/** What somebody asked, and what was answered. */
function words({
  name,
  flat,
  text,
  asker,
  relation,
  refusal,
  answer,
  ground,
  extension,
}: RightsRequest): HTMLElement {
  const rows: [string, string][] = name
    ? [[t("rights.whose-is"), called({ name, ...(flat && { flat }) })]]
    : [];
  rows.push([t("rights.text"), text ?? t("rights.gone")]);
  if (asker) {
    const by = relation ? `${asker} (${t(`rights.relation-${relation}`)})` : asker;
    rows.push([t("rights.asker"), by]);
  }
  if (refusal?.code) {
    const why = has(`attempt.${refusal.code}`) ? t(`attempt.${refusal.code}`) : refusal.code;
    rows.push([
      t("rights.refusal"),
      about(
        `${refusal.at ? time(refusal.at) : ""} · ${refusal.door ?? ""} · ${refusal.method ? t(`method.${refusal.method}`) : ""}`,
        why,
      ),
    ]);
  }
  if (extension) rows.push([t("rights.extension"), extension]);
  if (ground) rows.push([t("rights.ground"), t(`rights.ground-${ground}`)]);
  if (answer) rows.push([t("rights.answer"), answer]);
  return terms(rows);
}

/** The answer; a refusal wants its ground and its reasons. */
function answering({ id, kind, extended }: RightsRequest, again: () => Promise<void>): HTMLElement {
  const said = sayHere();
  const how = choice(["answer", ...(kind === "withdraw" ? [] : ["refuse"])], "rights.how-");
  const ground = choice(grounds, "rights.ground-");
  const why = field(t("rights.ground"), ground);
  const text = make("textarea", { rows: "4", maxlength: "4000", required: "" });
  const label = field(t("rights.answer-text"), text);
  why.hidden = true;
  how.addEventListener("change", () => {
    why.hidden = how.value !== "refuse";
    label.firstChild!.textContent = t(how.value === "refuse" ? "rights.reasons" : "rights.answer-text");
  });
  const send = make("button", { type: "submit", class: "main" }, t("rights.send"));
  const form = make("form", { class: "stack" }, field(t("rights.how"), how), why, label, send);
  onSubmit(form, send, said, async () => {
    const refused = how.value === "refuse" ? { ground: ground.value } : {};
    await ask("POST", `/requests/${id}/answer`, { text: text.value, ...refused });
    await again();
  });
  const box = make("div", { class: "card" }, form, said);
  if (!extended) box.append(longer(id, said, again));
  return box;
}

function longer(id: string, said: HTMLElement, again: () => Promise<void>): HTMLElement {
  const reason = make("input", { required: "", minlength: "10", maxlength: "1000", autocomplete: "off" });
  const send = make("button", { type: "submit" }, t("rights.extend"));
  const form = make("form", { class: "line" }, field(t("rights.extend-why"), reason), send);
  onSubmit(form, send, said, async () => {
    await ask("POST", `/requests/${id}/extension`, { reason: reason.value });
    await again();
  });
  return make("details", {}, make("summary", {}, t("rights.extend-open")), form);
}

/** A request on paper, by telephone or at the desk; also by somebody who is not registered. */
async function taking(said: HTMLElement, again: () => Promise<void>): Promise<HTMLElement> {
  const { processors } = await ask<{ processors: { id: string; name: string }[] }>("GET", "/rights");
  const kind = choice(kinds, "rights.kind-");
  const person = personField(t("rights.about"), said);
  const asker = make("input", { maxlength: "200", autocomplete: "off" });
  const relation = choice(["", "next-of-kin", "guardian", "agent"], "rights.relation-");
  const company = make("select", {});
  for (const { id, name } of processors) company.add(new Option(name, id));
  const which = field(t("rights.processor-which"), company);
  which.hidden = true;
  if (processors.length === 0) kind.querySelector('[value="processor"]')?.remove();
  kind.addEventListener("change", () => {
    which.hidden = kind.value !== "processor";
  });
  const text = make("textarea", { rows: "4", maxlength: "4000", required: "" });
  const take = make("button", { type: "submit", class: "main" }, t("rights.take"));
  const receipt = make("div");
  const form = make(
    "form",
    { class: "stack" },
    field(t("rights.kind"), kind),
    which,
    person.place,
    make(
      "div",
      { class: "line" },
      field(t("rights.asker-optional"), asker),
      field(t("rights.relation"), relation),
    ),
    field(t("rights.text"), text),
    take,
  );
  onSubmit(form, take, said, async () => {
    const about = person.chosen();
    const taken = await ask<{ request: RightsRequest; receipt: string }>("POST", "/requests", {
      kind: kind.value,
      text: text.value.trim(),
      ...(about && { person: about }),
      ...(kind.value === "processor" && { processor: company.value }),
      ...(asker.value.trim() && { asker: asker.value.trim() }),
      ...(relation.value && { relation: relation.value }),
    });
    form.reset();
    which.hidden = true;
    receipt.replaceChildren(handing(taken.receipt, said));
    tell(said, t("rights.taken", { due: day(taken.request.due) }), "good");
    await again();
  });
  return make("details", {}, make("summary", {}, t("rights.take-open")), form, receipt);
}

/** On paper with its QR code, or as a file. */
function handing(receipt: string, said: HTMLElement): HTMLElement {
  const print = action(t("shared.print-receipt"), said, async () => openReceipt(receipt));
  return make("div", { class: "row" }, keep(receipt, "limen-request.json", t("rights.receipt")), print);
}
