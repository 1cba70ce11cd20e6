import { ask, session, signOut } from "../shared/api.ts";
import { byId, make, run, sentenceOf, tell } from "../shared/dom.ts";
import { useMyFace } from "../shared/look.ts";
import { type PictureSource, webcam } from "../shared/picture.ts";
import { onLanguage, startWords, t } from "../shared/words.ts";
import { icon } from "./icons.ts";

interface Screen {
  id: string;
  name: string;
  ways: string[];
  face: boolean;
}

/** The same order at every door, what everybody has first. */
const order = ["card", "pin", "pass", "phone", "face", "guard"];
/** After this many failed looks the other ways are put forward (RD-08). */
const failuresBeforeHelp = 2;
/** A person has walked on: the next one starts afresh. */
const forgetAfterMs = 60_000;

await startWords("door");

const id = location.pathname.split("/").filter(Boolean)[1] ?? "";
const say = byId("say");
const video = byId<HTMLVideoElement>("video");
let screen: Screen | undefined;
let failures = 0;
let forgetting: number | undefined;

await load();
onLanguage(draw);
setInterval(() => void load(), 15_000);
byId("large").addEventListener("click", (event) => {
  const large = document.documentElement.classList.toggle("large");
  (event.currentTarget as HTMLElement).setAttribute("aria-pressed", String(large));
});

if (new URLSearchParams(location.search).has("pair")) await offerPairing();

/** `/door/<id>?pair`: staff sign in here once, and leave the tablet as the door's own screen, signed out. */
async function offerPairing(): Promise<void> {
  if (!(await session())) {
    location.replace(`/sign-in?next=${encodeURIComponent(`/door/${id}?pair`)}`);
    return;
  }
  byId("pairing").hidden = false;
  const button = byId<HTMLButtonElement>("pair");
  button.addEventListener("click", () => {
    void run(button, say, async () => {
      await ask("POST", `/doors/${id}/screen`);
      await signOut();
      byId("pairing").hidden = true;
      history.replaceState(null, "", `/door/${id}`);
      tell(say, t("door.paired"), "good");
    });
  });
}

async function load(): Promise<void> {
  try {
    const before = JSON.stringify(screen);
    screen = await ask<Screen>("GET", `/doors/${id}`);
    if (JSON.stringify(screen) !== before) draw();
  } catch (error) {
    if (!screen) tell(say, sentenceOf(error), "bad");
  }
}

function draw(): void {
  if (!screen) return;
  byId("name").textContent = screen.name;
  document.title = screen.name;
  byId<HTMLAnchorElement>("notice").href = `/notice/${screen.id}`;
  const qr = byId<HTMLImageElement>("qr");
  qr.src = `/notice/${screen.id}/qr.svg`;
  qr.alt = t("door.notice-qr");
  byId("notice").parentElement!.hidden = !screen.ways.includes("face");
  const ways = order.filter((way) => screen!.ways.includes(way));
  byId("ways").replaceChildren(...ways.map((way) => make("li", {}, tile(way))));
}

function tile(way: string): HTMLElement {
  const card = make("div", { class: "card way" }, icon(way), make("h3", {}, t(`door.${way}`)));
  if (failures >= failuresBeforeHelp && way !== "face") card.dataset.suggested = "true";
  const off = way === "face" && !screen!.face;
  card.append(make("p", { class: "soft" }, t(off ? "door.face-off" : `door.${way}-how`)));
  if (way === "face") {
    const button = make("button", { type: "button", id: "use-face" }, t("door.use-face"));
    button.disabled = off;
    button.addEventListener("click", () => void look(button));
    card.append(button);
  }
  return card;
}

/** The deliberate act. The camera is opened by it and closed after it. */
async function look(button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  let source: PictureSource | undefined;
  try {
    source = await webcam(video).catch(() => undefined);
    if (!source) {
      tell(say, t("door.camera-needed"), "warn");
      return;
    }
    byId("view").hidden = false;
    tell(say, t("door.looking"));
    const { outcome, sentence } = await useMyFace(id, source, (ask) =>
      tell(say, `${t(`door.${ask}`)} ${t("door.instead", { ways: waysBesides() })}`, "warn"),
    );
    if (outcome === "granted") failures = 0;
    else failures++;
    tell(
      say,
      failures >= failuresBeforeHelp ? `${sentence} ${otherWays()}` : sentence,
      outcome === "granted" ? "good" : "bad",
    );
  } catch (error) {
    tell(say, sentenceOf(error), "bad");
  } finally {
    source?.stop();
    byId("view").hidden = true;
    draw();
    clearTimeout(forgetting);
    forgetting = window.setTimeout(() => {
      failures = 0;
      tell(say, "");
      draw();
    }, forgetAfterMs);
  }
}

const otherWays = (): string => t("door.other-ways", { ways: waysBesides() });

const waysBesides = (): string =>
  order
    .filter((way) => way !== "face" && screen!.ways.includes(way))
    .map((way) => t(`door.${way}`))
    .join(t("door.and"));
