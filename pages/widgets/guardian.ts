import { ask } from "../shared/api.ts";
import { make } from "../shared/dom.ts";
import { t } from "../shared/words.ts";
import { choice, field, onSubmit } from "./kit.ts";
import { personField } from "./person-field.ts";

/** Is somebody younger than so many years today? Unknown reads as grown up, as the vault reads it. */
export function isChild(birthDate: string | undefined, years: number): boolean {
  if (!birthDate) return false;
  const [year, month, day] = birthDate.split("-").map(Number) as [number, number, number];
  return new Date() < new Date(year + years, month - 1, day);
}

/** Who decides for a child: the relation always, the guardian's own entry where they are registered (PIPL 31, RD-23). */
export function guardianFields(said: HTMLElement, years: number) {
  const relation = choice(["parent", "legal-guardian"], "rights.child-relation-");
  const guardian = personField(t("rights.child-guardian"), said, "enrolment");
  const place = make(
    "div",
    { class: "stack" },
    make("p", { class: "say", "data-kind": "warn" }, t("rights.child-is", { age: years })),
    make("p", {}, make("a", { href: "/children", target: "_blank" }, t("rights.child-rules"))),
    field(t("rights.child-relation"), relation),
    guardian.place,
  );
  const given = () => {
    const registered = guardian.chosen();
    return {
      given_by: "guardian",
      relation: relation.value,
      ...(registered && { guardian: registered }),
    };
  };
  return { place, given };
}

/** The desk does not know how old somebody is: the date of birth is asked for where it decides, and nowhere else. */
export function birthForm(
  id: string,
  known: string | undefined,
  years: number,
  said: HTMLElement,
  again: () => Promise<void>,
): HTMLElement {
  const birth = make("input", { type: "date", required: "", ...(known && { value: known }) });
  const save = make("button", { type: "submit" }, t("rights.child-save"));
  const form = make("form", { class: "line" }, field(t("rights.child-birth"), birth), save);
  onSubmit(form, save, said, async () => {
    await ask("PATCH", `/persons/${id}`, { birth_date: birth.value });
    await again();
  });
  return make(
    "details",
    {},
    make("summary", {}, t("rights.child-question", { age: years })),
    make("p", { class: "soft small" }, t("rights.child-hint", { age: years })),
    form,
  );
}
