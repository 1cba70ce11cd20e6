import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import { action } from "./kit.ts";

/**
 * A minor's data want an approval: the desk asks, somebody in charge answers on the page of requests (RD-49). What protects
 * the child does not wait for it: a lost card is blocked, a consent withdrawn, both unseen.
 */
export function askInCharge(id: string, purpose: string, why: string, said: HTMLElement): HTMLElement {
  const box = make("div", { class: "stack" }, make("p", { class: "say", "data-kind": "warn" }, why));
  const button = action(t("rights.minors-ask"), said, async () => {
    await ask("POST", `/persons/${id}/approvals`, { purpose });
    button.remove();
    tell(said, t("rights.minors-asked"), "good");
  });
  box.append(button, purpose === "enrolment" ? withdrawal(id, said) : lostCard(id, said));
  return box;
}

const lostCard = (id: string, said: HTMLElement): HTMLElement =>
  action(t("rights.minors-lost"), said, async () => {
    const { blocked } = await ask<{ blocked: number }>("POST", `/persons/${id}/lost-card`);
    if (blocked === 1) tell(said, t("widgets.blocked-now"), "good");
    else tell(said, t("rights.minors-which"), "warn");
  });

const withdrawal = (id: string, said: HTMLElement): HTMLElement =>
  action(t("desk.withdraw-now"), said, async () => {
    const { withdrawn } = await ask<{ withdrawn: number }>("POST", `/persons/${id}/withdrawal`);
    tell(said, t(withdrawn > 0 ? "desk.withdrawn" : "rights.minors-no-consent"), withdrawn > 0 ? "good" : "");
  });
