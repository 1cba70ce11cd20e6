import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import { action } from "./kit.ts";

/** A minor's data want an approval: the desk asks, somebody in charge answers on the page of requests (RD-49). */
export function askInCharge(id: string, purpose: string, why: string, said: HTMLElement): HTMLElement {
  const box = make("div", { class: "stack" }, make("p", { class: "say", "data-kind": "warn" }, why));
  const button = action(t("rights.minors-ask"), said, async () => {
    await ask("POST", `/persons/${id}/approvals`, { purpose });
    button.remove();
    tell(said, t("rights.minors-asked"), "good");
  });
  box.append(button);
  return box;
}
