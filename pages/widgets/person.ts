import { boxes } from "../rights/show.ts";
import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { tellUndoable } from "../shared/undo.ts";
import { about, languages, t } from "../shared/words.ts";
import { atDoors, moreCodes } from "./at-doors.ts";
import { type Again, cardForm, credentialLine, type Held } from "./cards.ts";
import { followed } from "./erasing.ts";
import { action, choice, field, keep, onSubmit, sayHere, sure, svgPicture } from "./kit.ts";
import { leftOut } from "./left-out.ts";
import { sharedCodes } from "./shared-codes.ts";
import { passForm } from "./visitor-pass.ts";

export interface Person {
  name: string;
  flat?: string;
  birth_date?: string;
  state: string;
  template: boolean;
  /** Doors where the face opens only together with another way; absent: none. */
  second_method?: string[];
  languages?: string[];
  /** Absent: every door. */
  doors?: string[];
  more_time?: boolean;
  opens?: string[];
  proof?: { by: string; on: string; kind: string };
  credentials: Held[];
}

/**
 * What the desk does for one resident. Reading is a recorded look-up (RD-48).
 * @throws Problem
 */
export async function personCard(
  id: string,
  role: string,
  place: HTMLElement,
  told?: string,
  undo?: () => Promise<void>,
): Promise<void> {
  const person = await ask<Person>("GET", `/persons/${id}`, undefined, { "Limen-Purpose": "desk-request" });
  const alike = await alikeLine(person);
  const said = sayHere();
  const again: Again = (told, undo) => personCard(id, role, place, told, undo);
  const things = make("ul", { class: "things", tabindex: "-1", "aria-label": t("widgets.held") });
  for (const credential of person.credentials) things.append(credentialLine(credential, said, again));
  if (person.credentials.length === 0)
    things.append(make("li", { class: "soft" }, t("widgets.no-credentials")));
  things.append(
    make(
      "li",
      {},
      about(t("method.face"), t(person.template ? "widgets.face-held" : "widgets.face-none")),
      ...alike,
    ),
  );
  const resident = person.state === "resident";
  const focused = place.contains((place.getRootNode() as ShadowRoot).activeElement);
  place.replaceChildren(
    things,
    said,
    ...(resident
      ? [
          cardForm(id, said, again),
          shortcuts(id, person, said),
          passForm(id),
          atDoors(id, person, said),
          sharedCodes(id),
        ]
      : []),
    correction(id, person, said),
    residence(id, person, said, again),
    ending(id, role, resident, place),
  );
  if (focused) things.focus(); // what was pressed is gone: whoever uses a keyboard goes on from here
  if (told && undo) tellUndoable(said, told, undo);
  else if (told) tell(said, told, "good");
}

/** That this face does not open everywhere alone, because somebody else's is very similar: where, never whose. */
async function alikeLine({ second_method: at }: Person): Promise<HTMLElement[]> {
  if (!at) return [];
  const { doors } = await ask<{ doors: { id: string; name: string }[] }>("GET", "/doors");
  const names = at.map((door) => doors.find(({ id }) => id === door)?.name ?? door);
  return [make("p", { class: "small" }, t("widgets.face-alike", { doors: names.join(t("widgets.comma")) }))];
}

/** A code, shown once; the link to the resident's own page, and the end of every way there from a phone that is gone. */
function shortcuts(id: string, person: Person, said: HTMLElement): HTMLElement {
  return make(
    "div",
    { class: "row" },
    action(t("desk.give-code"), said, async () => {
      const { pin } = await ask<{ pin?: string }>("POST", `/persons/${id}/credentials`, { kind: "pin" });
      tell(said, t("desk.code-given", { pin: pin ?? "" }), "good");
    }),
    ...moreCodes(id, person, said),
    action(t("desk.invite"), said, async () => {
      const { qr } = await ask<{ qr: string }>("POST", `/persons/${id}/invitation`);
      said.replaceChildren(svgPicture(qr, t("desk.invitation")), make("p", {}, t("desk.invitation")));
    }),
    action(t("widgets.phone-lost"), said, async () => {
      const { removed } = await ask<{ removed: number }>("DELETE", `/persons/${id}/passkeys`);
      tell(said, t("widgets.phone-lost-done", { count: removed }), "good");
    }),
  );
}

function correction(id: string, person: Person, said: HTMLElement): HTMLElement {
  const name = make("input", { required: "", maxlength: "80", autocomplete: "off", value: person.name });
  const flat = make("input", { maxlength: "40", autocomplete: "off", value: person.flat ?? "" });
  // asked for where it decides, and nowhere else; here it can be put right, or taken away
  const born = person.birth_date === undefined ? undefined : make("input", { type: "date" });
  if (born) born.value = person.birth_date!;
  const spoken = boxes(
    t("widgets.speaks"),
    Object.entries(languages).map(([id, name]) => ({ id, name })),
  );
  spoken.tick(person.languages ?? []);
  const save = make("button", { type: "submit" }, t("widgets.save"));
  const form = make(
    "form",
    { class: "stack" },
    field(t("shared.name"), name),
    field(t("desk.flat"), flat),
    ...(born ? [field(t("rights.child-birth"), born)] : []),
    spoken.place,
    make("p", { class: "soft small" }, t("widgets.speaks-hint")),
    make("div", { class: "row" }, save),
  );
  onSubmit(form, save, said, async () => {
    const languages = spoken.ticked();
    await ask("PATCH", `/persons/${id}`, {
      name: name.value.trim(),
      flat: flat.value.trim() || null,
      languages: languages.length > 0 ? languages : null,
      ...(born && { birth_date: born.value || null }),
    });
    tell(said, t("widgets.saved"), "good");
  });
  return make("details", {}, make("summary", {}, t("widgets.correct")), form);
}

const residenceProofs = ["deed", "lease", "household-register", "owner-vouches", "other"];

/** Papers are looked at and handed back: which kind, by whom and when is all that is kept, so nothing is uploaded (RD-40). */
function residence(id: string, { proof }: Person, said: HTMLElement, again: Again): HTMLElement {
  const kind = choice(residenceProofs, "residence-proof.", t("widgets.proof-kind"));
  const put = (value: string | null) => async () => {
    await ask("PATCH", `/persons/${id}`, { proof: value });
    await again(t("widgets.saved"));
  };
  const row = make("div", { class: "row" }, kind);
  row.append(action(t("widgets.proof-saw"), said, () => put(kind.value)()));
  if (proof) row.append(action(t("widgets.proof-remove"), said, put(null)));
  const known = proof
    ? t("residence-proof.seen", { ...proof, kind: t(`residence-proof.${proof.kind}`) })
    : t("widgets.proof-none");
  return make(
    "details",
    {},
    make("summary", {}, t("residence-proof")),
    make("p", {}, known),
    make("p", { class: "soft small" }, t("widgets.proof-hint")),
    row,
  );
}

/** Moving out, or everything erased: neither can be undone, so each is asked once more and followed to its receipt. */
function ending(id: string, role: string, resident: boolean, place: HTMLElement): HTMLElement {
  const said = sayHere();
  const steps = make("div");
  const box = make("details", {}, make("summary", {}, t("widgets.ending")));
  const row = make("div", { class: "row" });
  const leave = action(t("widgets.leave"), said, async () => {
    if (!(await sure(box, t("widgets.leave-sure"), t("widgets.leave")))) return;
    const { erasure } = await ask<{ erasure?: string }>("POST", `/persons/${id}/leaving`);
    if (erasure !== undefined) await followed(erasure, steps);
    row.replaceChildren();
    tell(said, t("widgets.has-left"), "good");
  });
  if (resident) row.append(leave);
  if (role === "manager") {
    const save = action(t("widgets.export"), said, async () => {
      const { export: text } = await ask<{ export: string }>("GET", `/persons/${id}/export`);
      said.replaceChildren(keep(text, "limen-export.json", t("widgets.export-save")), leftOut(text));
    });
    const erase = action(t("widgets.erase"), said, async () => {
      if (!(await sure(box, t("widgets.erase-sure"), t("widgets.erase")))) return;
      const { id: erasure } = await ask<{ id: string }>("POST", `/persons/${id}/erasure`);
      await followed(erasure, steps);
      place.replaceChildren(steps, said);
      tell(said, t("widgets.erased-all"), "good");
    });
    row.append(save, erase); // the copy to take along comes first (RD-54)
  }
  box.append(make("p", { class: "soft small" }, t("widgets.ending-hint")), row, said, steps);
  return box;
}
