import { ask } from "./api.ts";
import { make, run } from "./dom.ts";
import { t, time } from "./words.ts";

export interface Passkey {
  id: string;
  label: string;
  since: string;
  used?: string;
  synced: boolean;
}

export const myPasskeys = async (): Promise<Passkey[]> =>
  (await ask<{ passkeys: Passkey[] }>("GET", "/session/passkeys")).passkeys;

/**
 * One's own passkeys with what can be done to each.
 * @param named whether they have names that can be changed
 * @param changed draws the list anew
 */
export function showPasskeys(
  place: HTMLElement,
  passkeys: readonly Passkey[],
  {
    said,
    none,
    named,
    changed,
  }: {
    said: HTMLElement;
    none: string;
    named: boolean;
    changed: (told: "removed" | "renamed") => Promise<void>;
  },
): void {
  if (passkeys.length === 0) {
    place.replaceChildren(make("li", { class: "soft" }, none));
    return;
  }
  place.replaceChildren(...passkeys.map(line));

  function line({ id, label, since, used, synced }: Passkey): HTMLElement {
    const facts = [t("shared.passkey-since", { since: time(since) })];
    if (used) facts.push(t("shared.passkey-used", { used: time(used) }));
    if (synced) facts.push(t("shared.passkey-synced"));
    const title = label || t("shared.passkey-since", { since: time(since) });
    const remove = make(
      "button",
      { type: "button", "aria-label": `${t("shared.passkey-remove")}: ${title}` },
      t("shared.passkey-remove"),
    );
    remove.addEventListener("click", () => {
      void run(remove, said, async () => {
        await ask("DELETE", `/session/passkeys/${id}`);
        await changed("removed");
      });
    });
    const head = make("span", { class: "grow" }, ...(label ? [make("strong", {}, label), make("br")] : []));
    head.append(make("span", { class: "soft small" }, facts.join(" · ")));
    return make("li", { class: "row" }, head, ...(named ? [rename(id, label)] : []), remove);
  }

  function rename(id: string, label: string): HTMLElement {
    const input = make("input", {
      value: label,
      maxlength: "40",
      required: "",
      "aria-label": `${t("shared.passkey-name-of")}: ${label}`,
    });
    const button = make("button", {}, t("shared.passkey-rename"));
    const form = make("form", { class: "row" }, input, button);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void run(button, said, async () => {
        await ask("PATCH", `/session/passkeys/${id}`, { label: input.value });
        await changed("renamed");
      });
    });
    return form;
  }
}
