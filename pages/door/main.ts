import { ask, Problem } from "../shared/api.ts";
import { byId, run, sentenceOf, tell } from "../shared/dom.ts";
import { emergencyText } from "../shared/emergency.ts";
import type { Ask, Hint, Outcome } from "../shared/look.ts";
import { currentLanguage, languages, onLanguage, startWords, t } from "../shared/words.ts";
import { followDoor, type Line, type Told } from "./feed.ts";
import { Looks } from "./looking.ts";
import { keepForLater, remember, remembered } from "./offline.ts";
import { Pad } from "./pad.ts";
import { offerPairing } from "./pairing.ts";
import { showPresence } from "./presence.ts";
import { announce, announceOutcome, languageOr, loadSentences, sentenceFiles, sentenceFor } from "./say.ts";
import { toggle } from "./toggles.ts";
import { speak, useVoice, voiceFor } from "./voice.ts";
import { isOut, order, type Screen, tile } from "./ways.ts";

/** A person has walked on: the next one starts afresh. */
const forgetAfterMs = 60_000;

await startWords("door");
await loadSentences();

const id = location.pathname.split("/").filter(Boolean)[1] ?? "";
const say = byId("say");
const pad = new Pad({ enter });
const looks = new Looks({ door: id, others: waysBesides, asked, onAsk: askFor, onHint: hintAt });
/** What this screen itself is asking: its answer comes by two ways, and is told once. */
let asking = false;
const heard = new Map<string, Told>();
let screen = remembered<Screen>(id);
let line: Line = "live";
let forgetting: number | undefined;
let newRun = false;

const { documentElement: page } = document;
toggle("large", false, (on) => page.classList.toggle("large", on));
toggle("contrast", false, (on) => page.classList.toggle("contrast", on));
toggle("voice", true, useVoice);
byId("aloud").addEventListener("click", readAloud);
byId("help").addEventListener("click", () => void callGuard());

await load();
onLanguage(draw);
setInterval(() => void load(), 15_000);
if (new URLSearchParams(location.search).has("pair")) await offerPairing(id);
void followDoor(id, {
  onOutcome,
  onAsk: (act) => {
    if (!asking) askFor(act); // this screen's own look hears it with its pictures
  },
  onHint: (hint) => looks.hear(hint),
  onLook: (running) => {
    if (running) pad.close(); // after a code, what the look says is to be seen
    looks.follow(running);
  },
  onLine: (now) => {
    page.dataset.line = now;
    if (now === line) return;
    const back = line === "lost";
    line = now;
    draw();
    if (back) void load();
  },
  onNewRun: () => {
    newRun = true;
    reloadWhenIdle();
  },
});
const others = Object.keys(languages).flatMap((one) =>
  ["shared", "door"].map((folder) => `/pages/${folder}/words/${one}.json`),
);
void keepForLater([...others, ...sentenceFiles]).catch(() => undefined);

/** Shows and says what a look asks of whoever it recognised, with the other ways beside it. */
function askFor(act: Ask): void {
  announce(`${t(`door.${act}`)} ${t("door.instead", { ways: waysBesides() })}`, "warn");
}

/** Shows and says what is wrong with the pictures, while it can still be mended. */
function hintAt(hint: Hint | undefined): void {
  if (hint !== undefined) announce(t(`hint.${hint}`), "warn");
}

async function load(): Promise<void> {
  try {
    const before = JSON.stringify(screen);
    screen = await ask<Screen>("GET", `/doors/${id}`);
    remember(id, screen);
    if (JSON.stringify(screen) !== before || byId("ways").childElementCount === 0) draw();
    else showPresence(id, screen);
  } catch (error) {
    if (error instanceof Problem && (error.status === 0 || error.status >= 500)) {
      if (line === "live") line = error.code === "vault-away" ? "vault-away" : "lost";
      draw();
    }
    if (!screen) tell(say, sentenceOf(error), "bad");
  }
}

function draw(): void {
  showLine();
  if (!screen) return;
  byId("name").textContent = screen.name;
  document.title = screen.name;
  byId<HTMLAnchorElement>("notice").href = `/notice/${screen.id}`;
  const qr = byId<HTMLImageElement>("qr");
  qr.src = `/notice/${screen.id}/qr.svg`;
  qr.alt = t("door.notice-qr");
  byId("notice").parentElement!.hidden = !screen.ways.includes("face");
  showEmergencies(screen);
  const working = line === "live" || line === "stranger";
  const focused = document.activeElement?.id;
  const ways = order.filter((way) => screen!.ways.includes(way));
  byId("ways").replaceChildren(
    ...ways.map((way) =>
      tile(way, screen!, {
        suggested: looks.suggestOthers && way !== "face",
        working,
        look: (button) => void look(button),
        type: () => pad.open(),
      }),
    ),
  );
  if (focused) document.getElementById(focused)?.focus(); // drawn anew under somebody's hand
  byId("help").hidden = line === "stranger";
  byId<HTMLButtonElement>("help").disabled = !working;
  showPresence(id, screen);
}

/** What is asked of everybody for a while, and until when (RD-13). */
function showEmergencies({ emergencies = [] }: Screen): void {
  const place = byId("emergencies");
  const text = emergencies.map(emergencyText).join(" ");
  if (place.textContent !== text) tell(place, text, "warn");
}

/** The state of the line, in a place of its own: it comes and goes without a word over what somebody is told. */
function showLine(): void {
  const place = byId("line");
  const text = line === "lost" || line === "vault-away" ? t(`door.line-${line}`) : "";
  if (place.textContent !== text) tell(place, text, "warn");
}

/** Every attempt at this door, whatever the way: what became of it, in the person's own language. */
function onOutcome(told: Told): void {
  heard.set(told.attempt, told);
  if (heard.size > 50) heard.delete(heard.keys().next().value!);
  if (asking) return; // the answer to what this screen asked is on its way
  const language = languageOr(told.language);
  announceOutcome(told.outcome, sentenceFor(told.outcome, told.code, language), language);
  if (told.outcome === "granted") pad.close();
}

/** Runs what this screen asks of the door, and tells what became of it in the language its person reads. */
async function asked(what: () => Promise<Outcome>): Promise<{ outcome: Outcome["outcome"]; text: string }> {
  asking = true;
  try {
    const { attempt, outcome, code } = await what();
    const language = languageOr(heard.get(attempt)?.language);
    const text = sentenceFor(outcome, code, language);
    announceOutcome(outcome, text, language);
    return { outcome, text };
  } finally {
    asking = false;
  }
}

async function enter(digits: string): Promise<{ text: string; done: boolean }> {
  const typed = () => ask<Outcome>("POST", `/doors/${id}/pin-entries`, { digits });
  const { outcome, text } = await asked(typed);
  return { text, done: outcome === "granted" };
}

async function look(button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  await looks.look();
  draw();
  clearTimeout(forgetting);
  forgetting = window.setTimeout(() => {
    looks.forget();
    tell(say, "");
    draw();
    reloadWhenIdle();
  }, forgetAfterMs);
}

async function callGuard(): Promise<void> {
  await run(byId<HTMLButtonElement>("help"), say, async () => {
    await ask("POST", `/doors/${id}/help`);
    announce(t("door.help-asked"), "good", { ms: forgetAfterMs });
  });
}

/** For whoever does not read this screen: what it offers, in this device's own voice. */
function readAloud(): void {
  if (!screen) return;
  const language = currentLanguage();
  if (!voiceFor(language)) {
    announce(t("door.no-voice"), "warn", { ms: forgetAfterMs });
    return;
  }
  const ways = order.filter((way) => screen!.ways.includes(way));
  const each = ways.map(
    (way) => `${t(`door.${way}`)}: ${t(isOut(way, screen!) ? "door.out-of-order" : `door.${way}-how`)}`,
  );
  useVoice(true);
  speak([screen.name, t("door.help"), ...each].join(" "), language);
}

/** The box was started anew: its pages may be newer. Nobody's look or code is cut short for it. */
function reloadWhenIdle(): void {
  if (!newRun || asking || byId<HTMLDialogElement>("pad").open || say.textContent !== "") {
    if (newRun) setTimeout(reloadWhenIdle, 5000);
    return;
  }
  location.reload();
}

function waysBesides(): string {
  return order
    .filter((way) => way !== "face" && screen!.ways.includes(way))
    .map((way) => t(`door.${way}`))
    .join(t("door.and"));
}
