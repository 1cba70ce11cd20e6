import { ask, type Session, session, signIn, signOut } from "../shared/api.ts";
import { byId, make, run, sentenceOf, tell } from "../shared/dom.ts";
import { useMyFace } from "../shared/look.ts";
import { onLanguage, startWords, t } from "../shared/words.ts";
import { Camera } from "./camera.ts";
import { cardBox, rdm6300, type SimCard } from "./cards.ts";
import { Desk } from "./desk.ts";
import { type Device, device } from "./device.ts";
import { eventsOf, sentenceOfEvent, showEvents } from "./events.ts";
import { Scene } from "./scene.ts";

interface Door {
  id: string;
  name: string;
  ways: string[];
}

await startWords("simulator", "attempt");

const say = byId("door-say");
const scene = await Scene.draw(byId("scene-place"));
const camera = new Camera(refresh, (text) => tell(say, text, "warn"));
let doors: Door[] = [];
let hardware: Device | undefined;
let desk: Desk | undefined;
/** Leaf of the newest decision told; undefined before the record was first read. */
let newest: number | undefined;
let looking = false;

const door = (): string => byId<HTMLSelectElement>("door").value;

byId("sign-in-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId<HTMLInputElement>("name");
  const password = byId<HTMLInputElement>("password");
  const button = (event as SubmitEvent).submitter as HTMLButtonElement;
  void run(button, byId("sign-in-say"), async () => {
    const signedIn = await signIn(name.value, password.value);
    password.value = "";
    await enter(signedIn);
  });
});
byId("sign-out").addEventListener("click", () => void signOut().finally(() => location.reload()));
byId("door").addEventListener("change", () => void stand());
byId("exit").addEventListener("click", () => hardware?.exit());
byId("use-face").addEventListener("click", () => void look());
onLanguage(() => {
  scene.describe();
  rest();
  drawCards();
  refresh();
  void record();
});
setInterval(() => {
  if (document.visibilityState === "visible" && hardware) void record();
}, 2000);

// last: a button that can be pressed already is heard
await enter(await session());

/** Shows what this session may see. */
async function enter(who: Session | undefined): Promise<void> {
  byId("sign-in").hidden = who !== undefined;
  byId("sign-out").hidden = who === undefined;
  byId("who").textContent = who ? t("shared.signed-in", { name: who.name, role: t(`role.${who.role}`) }) : "";
  if (!who) {
    byId("name").focus();
    return;
  }
  doors = (await ask<{ doors: Door[] }>("GET", "/doors")).doors;
  byId("no-doors").hidden = doors.length > 0;
  byId("stage").hidden = byId("door-choice").hidden = doors.length === 0;
  if (doors.length === 0) return;
  byId("door").replaceChildren(...doors.map(({ id, name }) => new Option(name, id)));
  const atDesk = ["manager", "desk"].includes(who.role);
  byId("steps").hidden = !atDesk;
  byId("desk-not-here").hidden = atDesk;
  if (atDesk) desk = new Desk(camera, door);
  byId<HTMLInputElement>("card-number").value = cardBox[0]!.printed;
  drawCards();
  await stand();
}

/** Takes a place at the chosen door: its devices, its ways in, its notice, its record. */
async function stand(): Promise<void> {
  hardware?.close();
  // a card laid on a reader that is not there yet would be lost, or be taken for one of before
  byId("stage").inert = true;
  const here = doors.find(({ id }) => id === door())!;
  byId("card-way").hidden = !here.ways.includes("card");
  byId("pin-way").hidden = !here.ways.includes("pin");
  byId("face-way").hidden = !here.ways.includes("face");
  rest();
  newest = undefined;
  hardware = await device(here.id, {
    opened({ seconds }) {
      scene.open(seconds);
      void record();
    },
    refused() {
      scene.lamp("denied");
      void record();
    },
    connected(up) {
      if (!up) return tell(say, t("simulator.broker-away"), "warn");
      hardware?.contact(scene.isOpen);
      // what became of somebody's try stands
      if (say.textContent === t("simulator.broker-away")) rest();
    },
  });
  scene.moved = (open) => hardware?.contact(open);
  try {
    await Promise.all([record(), desk?.showNotice()]);
  } finally {
    byId("stage").inert = false;
  }
}

/** Nothing going on: says what can be done. */
function rest(): void {
  tell(say, t("simulator.rest"));
}

function drawCards(): void {
  byId("cards").replaceChildren(
    ...cardBox.map((card, at) => {
      const button = make(
        "button",
        { type: "button", class: "plastic" },
        make("span", { class: "small soft" }, t("simulator.card", { number: at + 1 })),
        make("span", { class: "number" }, card.printed),
      );
      button.addEventListener("click", () => tap(card));
      return button;
    }),
  );
  const keys = [..."123456789*0#"].map((key) => {
    const button = make("button", { type: "button" }, key);
    button.addEventListener("click", () => hardware?.press(key));
    return button;
  });
  byId("keys").replaceChildren(...keys);
}

function tap(card: SimCard): void {
  byId<HTMLInputElement>("card-number").value = card.printed;
  scene.tap();
  tell(say, t("simulator.tapped"));
  hardware?.read(rdm6300(card));
  for (const after of [150, 400, 900]) setTimeout(() => void record(), after);
  const told = say.textContent;
  setTimeout(() => {
    if (say.textContent === told) tell(say, t("simulator.no-answer"), "warn");
  }, 2500);
}

async function look(): Promise<void> {
  if (!camera.source) return;
  looking = true;
  refresh();
  scene.looking(true);
  tell(say, t("simulator.looking"));
  try {
    const { outcome, sentence } = await useMyFace(door(), camera.source, {
      onAsk: (ask) => tell(say, t(`simulator.${ask}`), "warn"),
    });
    tell(say, sentence, outcome === "granted" ? "good" : "bad");
    if (outcome === "denied") scene.lamp("denied");
  } catch (error) {
    tell(say, sentenceOf(error), "bad");
  } finally {
    looking = false;
    scene.looking(false);
    refresh();
    await record();
  }
}

/** Reads the record again; a decision that is new is told at the door as well. */
async function record(): Promise<void> {
  const events = await eventsOf(door()).catch(() => undefined);
  if (!events) return;
  showEvents(byId("events"), events);
  const latest = events.find(({ outcome }) => outcome !== undefined);
  if (latest && newest !== undefined && latest.index > newest && !looking) {
    const granted = latest.outcome === "granted";
    tell(say, sentenceOfEvent(latest), granted ? "good" : "bad");
    if (!granted) scene.lamp("denied");
  }
  newest = latest?.index ?? -1;
}

function refresh(): void {
  byId<HTMLButtonElement>("use-face").disabled = !camera.source || looking;
  byId("face-hint").textContent = camera.source ? t("simulator.frames-hint") : t("simulator.choose-camera");
  desk?.refresh();
}
