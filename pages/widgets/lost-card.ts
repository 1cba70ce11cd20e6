import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import { field, onSubmit, sayHere } from "./kit.ts";

/**
 * Blocks a lost card for somebody who stands there and says who they are, when no desk is open. Nothing of them is shown, so
 * that it needs no look-up: who lives here is not the guard's to see.
 */
export function lostCardForm(): HTMLElement {
  const said = sayHere();
  const name = make("input", { required: "", maxlength: "80", autocomplete: "off" });
  const flat = make("input", { maxlength: "40", autocomplete: "off" });
  const tail = make("input", { minlength: "4", maxlength: "40", autocomplete: "off" });
  const block = make("button", { type: "submit", class: "main" }, t("widgets.block"));
  const form = make(
    "form",
    { class: "line" },
    field(t("shared.name"), name),
    field(t("desk.flat"), flat),
    field(t("widgets.lost-tail"), tail),
    block,
  );
  onSubmit(form, block, said, async () => {
    const [at, last] = [flat.value.trim(), tail.value.trim()];
    await ask("POST", "/lost-cards", {
      name: name.value.trim(),
      ...(at && { flat: at }),
      ...(last && { tail: last }),
    });
    form.reset();
    tell(said, t("widgets.lost-blocked"), "good");
  });
  return make(
    "details",
    { class: "lost-card" },
    make("summary", {}, t("widgets.lost")),
    make("p", { class: "soft small" }, t("widgets.lost-hint")),
    form,
    said,
  );
}
