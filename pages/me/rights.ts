import { certificateLine, clock, day, mark, type RightsRequest, terms } from "../rights/show.ts";
import { ask } from "../shared/api.ts";
import { byId, make, run, tell } from "../shared/dom.ts";
import { openReceipt } from "../shared/receipt.ts";
import { showText } from "../shared/text.ts";
import { currentLanguage, t, time } from "../shared/words.ts";
import { loadNames, nameOfDoor } from "./doors.ts";
import type { Entry, KeptDays } from "./held.ts";

interface Own {
  requests: RightsRequest[];
  disclosures: {
    kind: string;
    recipient: string;
    basis: string;
    doors: string[];
    from: string;
    to: string;
    at: string;
  }[];
  incidents: { id: string; told: string; text: string }[];
}

interface Public {
  controller: string;
  contact: string;
  days: number;
  kept: { class: string; days: number }[];
  channels: string[];
  processors: {
    id: string;
    name: string;
    contact: string;
    purpose: string;
    data: string[];
    until: string;
    running: boolean;
    certificates: Parameters<typeof certificateLine>[0][];
  }[];
}

/** The refusal at a door that is asked about, from the list of doors to the form. */
let entry: number | undefined;

/** One's requests with their clocks, who answers and who works for them, what left, and what happened. */
export async function showRights(): Promise<void> {
  const [own, all] = await Promise.all([
    ask<Own>("GET", `/me/rights?language=${currentLanguage()}`),
    ask<Public>("GET", "/rights"),
  ]);
  await loadNames(own.disclosures.flatMap(({ doors }) => doors));
  showIncidents(own.incidents);
  showRequests(own.requests);
  showDisclosures(own.disclosures);
  showOffice(all);
}

/** How long the running flow keeps what. */
export async function keptHere(): Promise<KeptDays> {
  const { kept } = await ask<Public>("GET", "/rights");
  return new Map(kept.map((one) => [one.class, one.days]));
}

/** Wires the form; once. */
export function startRights(again: () => Promise<void>): void {
  byId("request-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void run(byId<HTMLButtonElement>("request-send"), byId("request-say"), () => send(again));
  });
  byId("request-kind").addEventListener("change", () => {
    entry = undefined;
    byId("request-processor").hidden = byId<HTMLSelectElement>("request-kind").value !== "processor";
  });
}

/** Takes a refusal at a door to the form: somebody at the desk looks at it, not the machine (RD-53). */
export function reviewEntry({ index, door, at, day: on }: Entry): void {
  entry = index;
  const kind = byId<HTMLSelectElement>("request-kind");
  kind.value = "explain";
  byId("request-processor").hidden = true;
  const text = byId<HTMLTextAreaElement>("request-text");
  text.value = t("rights.review-text", { door: door ? nameOfDoor(door) : "", at: at ? time(at) : on });
  byId<HTMLDetailsElement>("request-new").open = true;
  text.focus();
}

async function send(again: () => Promise<void>): Promise<void> {
  const kind = byId<HTMLSelectElement>("request-kind").value;
  const text = byId<HTMLTextAreaElement>("request-text");
  const processor = byId<HTMLSelectElement>("request-processor-of").value;
  const { request, receipt } = await ask<{ request: RightsRequest; receipt: string }>("POST", "/requests", {
    kind,
    text: text.value.trim(),
    ...(entry !== undefined && kind === "explain" && { entry }),
    ...(kind === "processor" && processor && { processor }),
  });
  text.value = "";
  entry = undefined;
  byId<HTMLDetailsElement>("request-new").open = false;
  await again();
  tell(byId("request-say"), t("rights.sent", { due: day(request.due) }), "good");
  const place = byId("request-receipt");
  place.hidden = false;
  place.querySelector("button")!.onclick = () => openReceipt(receipt);
  place.querySelector("a")!.href = URL.createObjectURL(new Blob([receipt], { type: "application/json" }));
}

function showRequests(requests: readonly RightsRequest[]): void {
  byId("requests").replaceChildren(
    ...(requests.length === 0
      ? [make("li", { class: "soft" }, t("rights.own-none"))]
      : requests.map((request) => make("li", { class: "request" }, ...line(request)))),
  );
}

function line(request: RightsRequest): (Node | string)[] {
  const { id, kind, filed, due, text, answer, ground, extension, state } = request;
  const said = make("div", { class: "say", role: "status" });
  const rows: [string, string][] = [[t("rights.text"), text ?? ""]];
  if (extension) rows.push([t("rights.extension"), extension]);
  if (ground) rows.push([t("rights.ground"), t(`rights.ground-${ground}`)]);
  if (answer) rows.push([t("rights.answer"), answer]);
  const what = make("details", {}, make("summary", {}, t("rights.words")), terms(rows));
  if (state === "open") {
    const back = make("button", { type: "button" }, t("rights.take-back"));
    back.addEventListener("click", () => {
      void run(back, said, async () => {
        await ask("DELETE", `/requests/${id}`);
        await showRights();
      });
    });
    what.append(back, said);
  }
  if (answer || ground) what.setAttribute("open", "");
  return [
    make("span", { class: "row" }, make("strong", {}, t(`rights.kind-${kind}`)), clock(request)),
    make("span", { class: "soft small" }, t("rights.filed-due", { filed: day(filed), due: day(due) })),
    what,
  ];
}

function showDisclosures(disclosures: Own["disclosures"]): void {
  byId("disclosed-part").hidden = disclosures.length === 0;
  byId("disclosed").replaceChildren(
    ...disclosures.map(({ recipient, basis, doors, from, to, at }) =>
      make(
        "li",
        {},
        make(
          "span",
          {},
          t("rights.disclosed-line", {
            recipient,
            basis: t(`rights.basis-${basis}`),
            doors: doors.map(nameOfDoor).join(t("rights.comma")),
            from: time(from),
            to: time(to),
          }),
        ),
        make("span", { class: "soft small" }, time(at)),
      ),
    ),
  );
}

function showIncidents(incidents: Own["incidents"]): void {
  const place = byId("incidents");
  place.hidden = incidents.length === 0;
  place.replaceChildren(
    ...incidents.map(({ text }) => {
      const paper = make("div", { class: "incident" });
      showText(paper, text, 2);
      return paper;
    }),
  );
}

function showOffice({ controller, contact, days, channels, processors }: Public): void {
  byId("office").textContent = t("rights.office-line", { controller, contact, days });
  byId("processors").replaceChildren(
    ...(processors.length === 0
      ? [make("li", { class: "soft" }, t("rights.no-processors"))]
      : processors.map((one) => make("li", { class: "request" }, ...processorLine(one)))),
  );
  byId("channels").replaceChildren(...channels.map((id) => make("li", {}, t(`rights.channel-${id}`))));
  const menu = byId<HTMLSelectElement>("request-processor-of");
  menu.replaceChildren(...processors.map(({ id, name }) => new Option(name, id)));
  const kinds = byId<HTMLSelectElement>("request-kind");
  const asked = kinds.querySelector<HTMLOptionElement>('option[value="processor"]')!;
  asked.disabled = processors.length === 0;
}

function processorLine({
  name,
  contact,
  purpose,
  data,
  until,
  running,
  certificates,
}: Public["processors"][number]): HTMLElement[] {
  const kinds = data.map((kind) => t(`rights.data-${kind}`)).join(t("rights.comma"));
  return [
    make("strong", {}, name),
    make(
      "span",
      {},
      t("rights.processor-line", { purpose, data: kinds || t("rights.no-data"), contact, until }),
    ),
    ...(running ? [] : [mark(t("rights.processor-not-running"), "bad")]),
    ...certificates.map(certificateLine),
  ];
}
