import { ask } from "../shared/api.ts";
import { make, run, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";

interface Person {
  template: boolean;
  credentials: { id: string; kind: string; tail?: string; state: string }[];
}

interface Consent {
  id: string;
  state: string;
}

/**
 * What the desk does for one resident. Reading is a recorded look-up (RD-48).
 * @throws Problem
 */
export async function personCard(id: string, place: HTMLElement): Promise<void> {
  const [person, { consents }] = await Promise.all([
    ask<Person>("GET", `/persons/${id}`, undefined, { "Limen-Purpose": "desk-request" }),
    ask<{ consents: Consent[] }>("GET", `/persons/${id}/consents`),
  ]);
  const said = make("div", { class: "say", role: "status" });
  const again = () => personCard(id, place);
  const things = make("ul", { class: "things" });
  for (const credential of person.credentials) things.append(credentialLine(credential, said, again));
  things.append(faceLine(person, consents, said, again));
  place.replaceChildren(things, cardForm(id, said, again), others(id, said), said);
}

function credentialLine(
  { id, kind, tail, state }: Person["credentials"][number],
  said: HTMLElement,
  again: () => Promise<void>,
): HTMLElement {
  const line = make("li", {}, `${t(`method.${kind}`)}${tail ? ` …${tail}` : ""}`);
  if (state !== "active") line.append(make("span", { class: "tag" }, t(`widgets.credential-${state}`)));
  else
    line.append(
      action(t("widgets.block"), said, async () => {
        await ask("DELETE", `/credentials/${id}`, { reason: "lost" });
        await again();
      }),
    );
  return line;
}

function faceLine(
  person: Person,
  consents: Consent[],
  said: HTMLElement,
  again: () => Promise<void>,
): HTMLElement {
  const given = consents.find(({ state }) => state === "given");
  const line = make(
    "li",
    {},
    `${t("method.face")}: ${t(person.template ? "widgets.face-held" : "widgets.face-none")}`,
  );
  if (given)
    line.append(
      action(t("desk.withdraw-now"), said, async () => {
        await ask("DELETE", `/consents/${given.id}`);
        await again();
        tell(said, t("desk.withdrawn"), "good");
      }),
    );
  return line;
}

function cardForm(id: string, said: HTMLElement, again: () => Promise<void>): HTMLElement {
  const number = make("input", { required: "", maxlength: "40", autocomplete: "off" });
  const notation = make("select", {});
  for (const one of ["8H10D", "6H8D", "WG26", "10H"])
    notation.append(new Option(t(`desk.notation-${one}`), one));
  const give = make("button", { type: "submit" }, t("desk.give-card"));
  const form = make(
    "form",
    { class: "line" },
    make("label", {}, t("desk.number"), number),
    make("label", {}, t("desk.notation"), notation),
    give,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void run(give, said, async () => {
      const card = { kind: "card", notation: notation.value, number: number.value.trim() };
      await ask("POST", `/persons/${id}/credentials`, card);
      await again();
    });
  });
  return form;
}

/** A code, shown once; and the link to the resident's own page. */
function others(id: string, said: HTMLElement): HTMLElement {
  return make(
    "div",
    { class: "row" },
    action(t("desk.give-code"), said, async () => {
      const { pin } = await ask<{ pin?: string }>("POST", `/persons/${id}/credentials`, { kind: "pin" });
      tell(said, t("desk.code-given", { pin: pin ?? "" }), "good");
    }),
    action(t("desk.invite"), said, async () => {
      const { qr } = await ask<{ qr: string }>("POST", `/persons/${id}/invitation`);
      said.replaceChildren(
        make("img", {
          src: `data:image/svg+xml,${encodeURIComponent(qr)}`,
          width: "180",
          alt: t("desk.invitation"),
        }),
        make("p", {}, t("desk.invitation")),
      );
    }),
  );
}

function action(text: string, said: HTMLElement, what: () => Promise<void>): HTMLElement {
  const button = make("button", { type: "button" }, text);
  button.addEventListener("click", () => void run(button, said, what));
  return button;
}
