import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t, time } from "../shared/words.ts";
import { action, choice, empty, field, keep, onSubmit, sayHere, sure } from "./kit.ts";
import type { View } from "./mount.ts";

interface Over {
  entries: number;
  days: number;
  oldest?: string;
  certificate?: string;
}

interface Hold {
  id: string;
  person?: string;
  from: string;
  to: string;
  reason: string;
  expires: string;
}

/** Days to begin with; the policy pack refuses what the law does not allow, and says which article. */
const kinds = {
  "entry-events": "30",
  "security-log": "183",
  "look-ups": "1096",
  passes: "30",
  credentials: "30",
  consents: "1096",
  assessment: "1096",
  requests: "1096",
};

/** How long each kind of data is kept, what would go now, and what is held back for a claim. */
export const retention: View = async (place, role) => {
  const mayAct = role !== "auditor";
  const holds = make("div");
  place.replaceChildren(
    make("h3", {}, t("widgets.retention")),
    make("p", { class: "soft" }, t("widgets.retention-hint")),
    ...Object.entries(kinds).map(([kind, days]) => oneKind(kind, days, mayAct)),
    make("h3", {}, t("widgets.holds")),
    make("p", { class: "soft" }, t("widgets.holds-hint")),
    holds,
  );
  await showHolds(holds, mayAct);
  return () => undefined;
};

function oneKind(kind: string, preset: string, mayAct: boolean): HTMLElement {
  const said = sayHere();
  const days = make("input", { type: "number", min: "1", max: "3650", required: "", value: preset });
  const look = make("button", { type: "submit" }, t("widgets.preview"));
  const form = make("form", { class: "line" }, field(t("widgets.days"), days), look);
  const box = make("section", { class: "card kind", "aria-label": t(`widgets.class-${kind}`) });
  const request = () => ({ class: kind, days: Number(days.value) });
  const run = action(t("widgets.run"), said, async () => {
    if (!form.reportValidity() || !(await sure(box, t("widgets.run-sure"), t("widgets.run")))) return;
    const over = await ask<Over>("POST", "/retention/run", request());
    tell(said, t("widgets.taken", { entries: over.entries, days: over.days }), "good");
    if (over.certificate)
      said.append(" ", keep(over.certificate, "limen-certificate.json", t("widgets.certificate")));
    run.hidden = true;
  });
  run.hidden = true;
  onSubmit(form, look, said, async () => {
    const over = await ask<Over>("POST", "/retention/preview", request());
    const words =
      over.entries === 0 ? "widgets.over-none" : over.oldest ? "widgets.over" : "widgets.over-count";
    tell(said, t(words, { entries: over.entries, days: over.days, oldest: over.oldest ?? "" }));
    run.hidden = !mayAct || over.entries === 0;
  });
  days.addEventListener("input", () => {
    run.hidden = true; // a run is of what was seen
  });
  form.append(run);
  box.append(
    make("h4", {}, t(`widgets.class-${kind}`)),
    make("p", { class: "soft small" }, t(`widgets.class-${kind}-hint`)),
    form,
    said,
  );
  return box;
}

async function showHolds(place: HTMLElement, mayAct: boolean): Promise<void> {
  const { holds } = await ask<{ holds: Hold[] }>("GET", "/holds");
  const said = sayHere();
  const list = make("ul", { class: "things" });
  for (const hold of holds) {
    const text = t("widgets.hold-line", { ...hold, expires: time(hold.expires) });
    const line = make("li", {}, text);
    if (mayAct)
      line.append(
        action(t("widgets.hold-lift"), said, async () => {
          await ask("DELETE", `/holds/${hold.id}`);
          await showHolds(place, mayAct);
        }),
      );
    list.append(line);
  }
  place.replaceChildren(
    holds.length === 0 ? empty(t("widgets.holds-none")) : list,
    ...(mayAct ? [holdForm(said, () => showHolds(place, mayAct))] : []),
    said,
  );
}

function holdForm(said: HTMLElement, again: () => Promise<void>): HTMLElement {
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  const from = make("input", { type: "date", required: "", value: day(-7) });
  const to = make("input", { type: "date", required: "", value: day(0) });
  const reason = make("input", { required: "", minlength: "3", maxlength: "400", autocomplete: "off" });
  const months = choice(["30", "90", "180"], "widgets.hold-");
  const put = make("button", { type: "submit" }, t("widgets.hold-put"));
  const form = make(
    "form",
    { class: "line" },
    field(t("widgets.hold-from"), from),
    field(t("widgets.hold-to"), to),
    field(t("widgets.hold-reason"), reason),
    field(t("widgets.hold-for"), months),
    put,
  );
  onSubmit(form, put, said, async () => {
    const expires = new Date(Date.now() + Number(months.value) * 86_400_000).toISOString();
    await ask("POST", "/holds", { from: from.value, to: to.value, reason: reason.value.trim(), expires });
    await again();
  });
  return make("details", {}, make("summary", {}, t("widgets.hold-new")), form);
}
