import { ask } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { tellUndoable } from "../shared/undo.ts";
import { t, time } from "../shared/words.ts";
import { action, choice, field, onSubmit, sayHere, svgPicture } from "./kit.ts";

interface Pass {
  id: string;
  until: string;
  uses: number;
  used: number;
  state: string;
}

/** A visitor's pass: hours and how often. The code is shown for the only time; what was given can be stopped. */
export function passForm(id: string): HTMLElement {
  const said = sayHere();
  const list = make("ul", { class: "things" });
  const hours = choice(["2", "8", "24", "168"], "widgets.hours-");
  const uses = choice(["1", "2", "0"], "widgets.uses-");
  const give = make("button", { type: "submit" }, t("widgets.give-pass"));
  const form = make(
    "form",
    { class: "line" },
    field(t("widgets.pass-hours"), hours),
    field(t("widgets.pass-uses"), uses),
    give,
  );
  const box = make("details", {}, make("summary", {}, t("widgets.visitor")), form, said, list);
  const show = async () => {
    const { passes } = await ask<{ passes: Pass[] }>("GET", `/persons/${id}/passes`, undefined, {
      "Limen-Purpose": "desk-request",
    });
    list.replaceChildren(
      ...(passes.length === 0
        ? [make("li", { class: "soft" }, t("widgets.pass-none"))]
        : passes.map((pass) => line(pass, said, show))),
    );
  };
  box.addEventListener("toggle", () => {
    if (box.open) void show().catch(reportError);
  });
  onSubmit(form, give, said, async () => {
    const from = new Date();
    const until = new Date(from.getTime() + Number(hours.value) * 3_600_000);
    const pass = await ask<{ code: string; qr: string }>("POST", `/persons/${id}/passes`, {
      kind: "visitor",
      from: from.toISOString(),
      until: until.toISOString(),
      uses: Number(uses.value),
    });
    await show();
    said.replaceChildren(
      svgPicture(pass.qr, t("widgets.pass-qr")),
      make("p", {}, t("widgets.pass-code", { code: pass.code, until: time(until.toISOString()) })),
    );
  });
  return box;
}

function line(
  { id, until, uses, used, state }: Pass,
  said: HTMLElement,
  show: () => Promise<void>,
): HTMLElement {
  const text = t("widgets.pass-line", { until: time(until), used, uses: uses === 0 ? "∞" : uses });
  const item = make("li", {}, text);
  if (state !== "active") item.append(make("span", { class: "tag" }, t(`widgets.pass-${state}`)));
  else
    item.append(
      action(t("widgets.pass-stop"), said, async () => {
        await ask("DELETE", `/passes/${id}`);
        await show();
        tellUndoable(said, t("widgets.blocked-now"), async () => {
          await ask("POST", `/passes/${id}/undo`);
          await show();
        });
      }),
    );
  return item;
}
