import { make } from "../shared/dom.ts";
import { followErasure } from "../shared/erasure.ts";
import { has, t } from "../shared/words.ts";
import { keep } from "./kit.ts";

/**
 * Shows an erasure step by step until it is done, then its signed receipt to keep.
 * @throws Problem
 */
export async function followed(id: string, place: HTMLElement): Promise<void> {
  const list = make("ol", {
    class: "steps",
    "aria-label": t("widgets.erasure-steps"),
    "aria-live": "polite",
  });
  place.replaceChildren(list);
  const receipt = await followErasure(id, ({ steps }) => {
    list.replaceChildren(
      ...steps.map(({ step, at, problem }) => {
        const sign = at ? "✓" : problem ? "!" : "…";
        const word = t(at ? "widgets.step-done" : problem ? "widgets.step-waits" : "widgets.step-next");
        return make(
          "li",
          { "data-kind": at ? "good" : problem ? "bad" : "" },
          make("span", { "aria-hidden": "true" }, `${sign} `),
          has(`erasure.${step}`) ? t(`erasure.${step}`) : step,
          make("span", { class: "visually-hidden" }, ` (${word})`),
        );
      }),
    );
  });
  if (receipt) place.append(keep(receipt, "limen-erasure-receipt.json", t("desk.download")));
}
