import { day } from "../rights/show.ts";
import { ask } from "../shared/api.ts";
import { type Consent, type Consents, type Notice, type Offer, standingOf } from "../shared/consents.ts";
import { byId, make, run, tell } from "../shared/dom.ts";
import { followErasure } from "../shared/erasure.ts";
import { showText } from "../shared/text.ts";
import { doorTicks } from "../shared/ticks.ts";
import { currentLanguage, t, time } from "../shared/words.ts";
import { nameOfDoor, ownDoors } from "./doors.ts";
import { offer } from "./keep.ts";

/** Shows everything of this page anew. */
let again: () => Promise<void>;
let person = "";

/** Wires the section; once. */
export function startFace(show: () => Promise<void>): void {
  again = show;
}

/**
 * The consents as they stand, each with its withdrawal, and what could be agreed to, a notice at a time: giving takes a
 * press and, of several doors, a tick each; withdrawing is one press (RD-19). Who once said no finds no question here, only
 * the way to start again (RD-22).
 */
export async function showFace(of: string): Promise<void> {
  person = of;
  const [held, { notices }] = await Promise.all([
    ask<Consents>("GET", `/persons/${person}/consents`),
    ask<{ notices: Notice[] }>("GET", `/notices?method=face&language=${currentLanguage()}`),
  ]);
  const own = ownDoors().map(({ id }) => id);
  const { live, offers, quiet, refused } = standingOf(held, notices, own);
  byId("face-state").textContent = stateOf(live, offers, refused);
  byId("agreed").replaceChildren(...live.map(agreed));
  const blocks = offers.map((one) => question(one, quiet === undefined));
  byId("asking").replaceChildren(...(quiet === undefined ? blocks : []));
  byId("started").replaceChildren(...(quiet === undefined ? [] : blocks));
  byId("starting").hidden = quiet === undefined || offers.length === 0;
  byId("starting-word").textContent = t(quiet === "more" ? "me.start-more" : "me.start-again");
}

function stateOf(
  live: readonly Consent[],
  offers: readonly Offer[],
  refused: { since: string; until: string } | undefined,
): string {
  if (refused) return t("me.face-refused", { since: day(refused.since), until: day(refused.until) });
  if (live.length > 0) return t("me.face-agreed");
  return t(offers.length > 0 ? "me.face-open" : "me.face-unused");
}

function agreed({ id, state, since, doors }: Consent): HTMLElement {
  const button = make("button", { type: "button", class: "withdraw" }, t("me.withdraw"));
  button.addEventListener("click", () => void run(button, byId("face-say"), () => withdraw(id)));
  const params = { since: time(since), doors: doors.map(nameOfDoor).join(t("rights.comma")) };
  return make("li", {}, t(state === "given" ? "me.face-given" : "me.face-rests", params), button);
}

/** @param asked whether it is a question, with two equal answers; else only the way to start it oneself */
function question({ notice, doors }: Offer, asked: boolean): HTMLElement {
  const text = make("div", { class: "notice", tabindex: "0", role: "region", "aria-label": t("me.notice") });
  showText(text, notice.text, 3);
  const ticks = doorTicks(doors, nameOfDoor);
  const yes = make("button", { type: "button", class: "give" }, t("me.give"));
  yes.addEventListener("click", () => {
    const chosen = ticks.chosen();
    if (chosen.length === 0) {
      tell(byId("face-say"), t("shared.tick-a-door"), "warn");
      ticks.focus();
    } else void run(yes, byId("face-say"), () => give(notice, chosen));
  });
  const answers = make("div", { class: "answers" }, yes);
  if (asked) {
    const no = make("button", { type: "button", class: "refuse" }, t("me.refuse"));
    no.addEventListener("click", () => void run(no, byId("face-say"), refuse));
    answers.append(no);
  }
  return make("div", { class: "question" }, text, ticks.place, answers);
}

async function give(notice: Notice, doors: readonly string[]): Promise<void> {
  const { receipt } = await ask<{ receipt: string }>("POST", `/persons/${person}/consents`, {
    purpose: "door-entry",
    method: "face",
    doors,
    notice: notice.id,
    language: currentLanguage(),
    given_by: "self",
    channel: "resident-page",
  });
  await again();
  tell(byId("face-say"), t("me.given"), "good");
  offer("face-receipt", receipt);
}

async function refuse(): Promise<void> {
  await ask("POST", `/persons/${person}/refusals`, { method: "face", channel: "resident-page" });
  await again();
  tell(byId("face-say"), t("me.refused"), "good");
}

async function withdraw(id: string): Promise<void> {
  const { erasure } = await ask<{ erasure?: string }>("DELETE", `/consents/${id}`);
  const receipt = erasure === undefined ? undefined : await followErasure(erasure);
  await again();
  tell(byId("face-say"), t("me.withdrawn"), "good");
  if (receipt) offer("face-receipt", receipt);
}
