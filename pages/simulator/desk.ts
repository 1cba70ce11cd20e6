import { ask } from "../shared/api.ts";
import { byId, type Kind, make, run, tell } from "../shared/dom.ts";
import { followErasure } from "../shared/erasure.ts";
import { openReceipt } from "../shared/receipt.ts";
import { showText } from "../shared/text.ts";
import { currentLanguage, onLanguage, t } from "../shared/words.ts";
import type { Camera } from "./camera.ts";

interface Consent {
  id: string;
  state: string;
}

/** A webcam moves a little between these; a picture file is one picture however often it is sent. */
const enrolFrames = 5;

/** The desk's five steps with one resident: register, card, notice and consent, face, withdrawal. */
export class Desk {
  readonly #camera: Camera;
  readonly #door: () => string;
  #person: { id: string; name: string } | undefined;
  #notice: { id: string } | undefined;
  #consent: Consent | undefined;
  /** They refused not long ago: nobody asks them here (RD-22). */
  #refused = false;

  constructor(camera: Camera, door: () => string) {
    this.#camera = camera;
    this.#door = door;
    this.#listen();
    this.refresh();
    onLanguage(() => void this.showNotice());
  }

  /** Which steps can be taken now. */
  refresh(): void {
    const has = this.#person !== undefined;
    byId("person-form").hidden = has;
    byId("another").hidden = byId("invite").hidden = !has;
    mark("person", has ? this.#person!.name : undefined);
    for (const id of ["give-card", "give-code", "refuse"]) byId<HTMLButtonElement>(id).disabled = !has;
    const given = this.#consent?.state === "given";
    byId<HTMLButtonElement>("consent").disabled = !has || given || !this.#notice || this.#refused;
    byId<HTMLButtonElement>("enrol").disabled = !given || !this.#camera.source;
    byId<HTMLButtonElement>("withdraw").disabled = !given;
  }

  /** The notice of this door, in the page's language: shown before anyone is asked (RD-16). */
  async showNotice(): Promise<void> {
    const place = byId("notice");
    try {
      const query = `method=face&door=${this.#door()}&language=${currentLanguage()}`;
      const notice = await ask<{ id: string; text: string }>("GET", `/notices/current?${query}`);
      this.#notice = notice;
      showText(place, notice.text, 4);
    } catch (error) {
      this.#notice = undefined;
      place.replaceChildren(make("p", { class: "empty" }, (error as Error).message));
    }
    this.refresh();
  }

  #listen(): void {
    byId("person-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#step("register", "person-say", () => this.#register());
    });
    byId("find").addEventListener("click", () => void this.#step("find", "person-say", () => this.#find()));
    byId("invite").addEventListener(
      "click",
      () => void this.#step("invite", "person-say", () => this.#invite()),
    );
    byId("another").addEventListener("click", () => this.#start(undefined));
    byId("card-form").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#step("give-card", "card-say", () => this.#giveCard());
    });
    byId("give-code").addEventListener(
      "click",
      () => void this.#step("give-code", "card-say", () => this.#giveCode()),
    );
    byId("consent").addEventListener(
      "click",
      () => void this.#step("consent", "consent-say", () => this.#agree()),
    );
    byId("refuse").addEventListener(
      "click",
      () => void this.#step("refuse", "consent-say", () => this.#refuse()),
    );
    byId("enrol").addEventListener("click", () => void this.#step("enrol", "enrol-say", () => this.#enrol()));
    byId("withdraw").addEventListener(
      "click",
      () => void this.#step("withdraw", "withdraw-say", () => this.#withdraw()),
    );
  }

  async #step(button: string, say: string, what: () => Promise<void>): Promise<void> {
    await run(byId<HTMLButtonElement>(button), byId(say), what);
    this.refresh();
  }

  #start(person: { id: string; name: string } | undefined): void {
    this.#person = person;
    this.#consent = undefined;
    this.#refused = false;
    for (const step of ["card", "consent", "face", "withdraw"]) mark(step, undefined);
    for (const id of ["person", "card", "consent", "enrol", "withdraw"]) tell(byId(`${id}-say`), "");
    for (const id of ["consent-receipt", "erasure-receipt"]) byId(id).hidden = true;
    byId("invitation").hidden = true;
    byId("copies").replaceChildren();
    byId("found").replaceChildren();
    byId<HTMLFormElement>("person-form").reset();
    this.refresh();
  }

  async #register(): Promise<void> {
    const name = byId<HTMLInputElement>("person-name").value.trim();
    const flat = byId<HTMLInputElement>("person-flat").value.trim();
    const { id } = await ask<{ id: string }>("POST", "/persons", { name, ...(flat ? { flat } : {}) });
    this.#start({ id, name });
  }

  /** The way to the resident's own page: a link of one use, to be photographed from this screen. */
  async #invite(): Promise<void> {
    const { link, qr } = await ask<{ link: string; qr: string }>(
      "POST",
      `/persons/${this.#person!.id}/invitation`,
    );
    byId("invitation").hidden = false;
    byId<HTMLAnchorElement>("invitation-link").href = link;
    byId<HTMLImageElement>("invitation-qr").src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
  }

  async #find(): Promise<void> {
    const search = byId<HTMLInputElement>("person-name").value.trim();
    const { people } = await ask<{ people: { id: string; name: string; flat?: string }[] }>(
      "POST",
      "/persons/search",
      { ...(search ? { search } : {}), limit: 8 },
      { "Limen-Purpose": "desk-request" },
    );
    byId("found").replaceChildren(
      ...people.map(({ id, name, flat }) => {
        const choose = make("button", { type: "button" }, flat ? `${name} · ${flat}` : name);
        choose.addEventListener("click", () => void this.#choose({ id, name }));
        return make("li", {}, choose);
      }),
    );
    if (people.length === 0) tell(byId("person-say"), t("desk.nobody"), "warn");
  }

  async #choose(person: { id: string; name: string }): Promise<void> {
    this.#start(person);
    const { consents, ask_from } = await ask<{ consents: Consent[]; ask_from?: string }>(
      "GET",
      `/persons/${person.id}/consents`,
      undefined,
      { "Limen-Purpose": "enrolment" },
    );
    this.#consent = consents.find(({ state }) => state === "given");
    this.#refused = ask_from !== undefined;
    if (this.#consent) mark("consent", t("consent.given"), "good");
    else if (this.#refused) mark("consent", t("consent.refused"), "");
    this.refresh();
  }

  async #giveCard(): Promise<void> {
    const number = byId<HTMLInputElement>("card-number").value.trim();
    const notation = byId<HTMLSelectElement>("card-notation").value;
    await ask("POST", `/persons/${this.#person!.id}/credentials`, { kind: "card", notation, number });
    mark("card", t("desk.card-given"));
  }

  /** The code is shown this once, to be read to the resident. */
  async #giveCode(): Promise<void> {
    const path = `/persons/${this.#person!.id}/credentials`;
    const { pin } = await ask<{ pin?: string }>("POST", path, { kind: "pin" });
    tell(byId("card-say"), t("desk.code-given", { pin: pin ?? "" }), "good");
  }

  async #agree(): Promise<void> {
    const { consent, receipt } = await ask<{ consent: Consent; receipt: string }>(
      "POST",
      `/persons/${this.#person!.id}/consents`,
      {
        purpose: "door-entry",
        method: "face",
        doors: [this.#door()],
        notice: this.#notice!.id,
        language: currentLanguage(),
        given_by: "self",
        channel: "desk",
      },
    );
    this.#consent = consent;
    mark("consent", t("consent.given"), "good");
    mark("withdraw", undefined);
    showReceipt("consent-receipt", receipt);
  }

  async #refuse(): Promise<void> {
    await ask("POST", `/persons/${this.#person!.id}/refusals`, { method: "face", channel: "desk" });
    this.#consent = undefined;
    this.#refused = true;
    mark("consent", t("consent.refused"), "");
  }

  async #enrol(): Promise<void> {
    const form = new FormData();
    const count = this.#camera.live ? enrolFrames : 1;
    for (let n = 0; n < count; n++) {
      if (n > 0) await pause(250);
      form.append("frames", await this.#camera.source!.take(), "frame.jpg");
    }
    const enrolled = await ask<{ quality: number; needs_second_method: boolean }>(
      "PUT",
      `/persons/${this.#person!.id}/face`,
      form,
    );
    mark("face", t("desk.enrolled"));
    const told = t("desk.enrolled-quality", { percent: Math.round(enrolled.quality * 100) });
    if (enrolled.needs_second_method) tell(byId("enrol-say"), `${told} ${t("desk.second-method")}`, "warn");
    else tell(byId("enrol-say"), told, "good");
  }

  async #withdraw(): Promise<void> {
    const { consent, erasure } = await ask<{ consent: Consent; erasure?: string }>(
      "DELETE",
      `/consents/${this.#consent!.id}`,
    );
    this.#consent = consent;
    mark("consent", t("consent.withdrawn"), "");
    mark("face", undefined);
    tell(byId("enrol-say"), "");
    byId("consent-receipt").hidden = true;
    tell(byId("withdraw-say"), t("desk.withdrawn"), "good");
    if (erasure !== undefined) await this.#follow(erasure);
    mark("withdraw", t("desk.erased"));
  }

  async #follow(id: string): Promise<void> {
    const receipt = await followErasure(id, ({ steps }) =>
      byId("copies").replaceChildren(
        ...steps.map(({ step, at, problem }) =>
          make("li", {}, `${at ? "✓" : problem ? "!" : "…"} ${t(`erasure.${step}`)}`),
        ),
      ),
    );
    if (receipt) showReceipt("erasure-receipt", receipt);
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Shows how a step stands: a tag with a word, and its number filled. */
function mark(step: string, text: string | undefined, kind: Kind = "good"): void {
  const tag = byId(`${step}-tag`);
  tag.hidden = text === undefined;
  tag.textContent = text ?? "";
  tag.dataset.kind = kind;
  byId(`step-${step}`).dataset.done = String(text !== undefined && kind === "good");
}

/** A receipt as it stands, to read and to keep. */
function showReceipt(id: string, receipt: string): void {
  const place = byId<HTMLDetailsElement>(id);
  place.hidden = false;
  place.querySelector("pre")!.textContent = pretty(receipt);
  place.querySelector("button")!.onclick = () => openReceipt(receipt);
  const link = place.querySelector("a")!;
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([receipt], { type: "application/json" }));
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
