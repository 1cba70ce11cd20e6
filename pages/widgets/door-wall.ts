import { ask } from "../shared/api.ts";
import { make, run, sentenceOf, tell } from "../shared/dom.ts";
import { has, t, time } from "../shared/words.ts";
import { type DoorEvent, sentenceOfEvent } from "../simulator/events.ts";
import type { View } from "./mount.ts";

interface Door {
  id: string;
  name: string;
  ways: string[];
  state: string;
}

const reasons = ["visitor", "courier", "resident-forgot", "emergency", "other"];
const opens = new Set(["manager", "desk", "guard"]);
const locks = new Set(["manager", "guard"]);
/** How often it looks again, ms: a decision shows within a second of itself. */
const every = 900;

/**
 * Every door with its state and its last decision: allowed or not and why, never who (RD-46). Whoever may, opens with a
 * reason, or locks down.
 */
export const doorWall: View = async (place, role) => {
  const grid = make("div", { class: "doors" });
  place.replaceChildren(grid);
  const tiles = new Map<
    string,
    { tile: HTMLElement; update(door: Door, events: readonly DoorEvent[]): void }
  >();
  const refresh = async () => {
    if (document.visibilityState !== "visible") return;
    try {
      const [{ doors }, { events }] = await Promise.all([
        ask<{ doors: Door[] }>("GET", "/doors"),
        ask<{ events: DoorEvent[] }>("GET", "/events?limit=200"),
      ]);
      for (const door of doors) {
        let known = tiles.get(door.id);
        if (!known) {
          known = tileOf(door, role);
          tiles.set(door.id, known);
          grid.append(known.tile);
        }
        known.update(
          door,
          events.filter((event) => event.door === door.id),
        );
      }
      if (doors.length === 0) grid.replaceChildren(make("p", { class: "empty" }, t("simulator.no-doors")));
    } catch (error) {
      if (tiles.size === 0) grid.replaceChildren(make("p", { class: "say" }, sentenceOf(error)));
    }
  };
  await refresh();
  const timer = setInterval(() => void refresh(), every);
  return () => clearInterval(timer);
};

function tileOf(door: Door, role: string) {
  const state = make("span", { class: "tag" });
  const last = make("p", { class: "last" });
  const when = make("span", { class: "soft small" });
  const said = make("div", { class: "say", role: "status" });
  const tile = make("section", { class: "card door", "aria-label": door.name });
  tile.append(make("h3", {}, make("span", {}, door.name), state), last, when);
  if (opens.has(role)) tile.append(opener(door, said));
  if (locks.has(role)) tile.append(locker(door, said));
  tile.append(said);
  return {
    tile,
    update(now: Door, events: readonly DoorEvent[]) {
      state.textContent = t(`widgets.state-${now.state}`);
      state.dataset.kind = now.state === "open" ? "warn" : "";
      const latest = events[0];
      const decided = events.find(({ outcome }) => outcome !== undefined);
      tile.dataset.state = now.state;
      tile.dataset.last = decided === latest ? (decided?.outcome ?? "") : "";
      last.textContent = latest ? describe(latest) : t("widgets.quiet");
      when.textContent = latest ? time(latest.at) : "";
    },
  };
}

/** Allowed or not, by which way, and why. */
function describe(event: DoorEvent): string {
  const way = event.method && has(`method.${event.method}`) ? `${t(`method.${event.method}`)}: ` : "";
  return way + sentenceOfEvent(event);
}

function opener(door: Door, said: HTMLElement): HTMLElement {
  const reason = make("select", { "aria-label": t("widgets.reason") });
  for (const one of reasons) reason.append(new Option(t(`widgets.reason-${one}`), one));
  const button = make("button", { type: "button" }, t("widgets.open"));
  button.addEventListener("click", () => {
    void run(button, said, async () => {
      const { outcome, sentence } = await ask<{ outcome: string; sentence: string }>(
        "POST",
        `/doors/${door.id}/open`,
        {
          reason: reason.value,
        },
      );
      tell(said, sentence, outcome === "granted" ? "good" : "bad");
    });
  });
  return make("div", { class: "row" }, reason, button);
}

function locker(door: Door, said: HTMLElement): HTMLElement {
  const row = make("div", { class: "row" });
  const add = (on: boolean) => {
    const button = make(
      "button",
      { type: "button", class: "plain" },
      t(on ? "widgets.lock" : "widgets.unlock"),
    );
    button.addEventListener("click", () => {
      void run(button, said, async () => {
        const { locked } = await ask<{ locked: string[] }>("POST", "/lockdown", {
          doors: [door.id],
          on,
          reason: on ? "threat" : "over",
        });
        const shut = locked.includes(door.id);
        tell(said, t(shut ? "widgets.locked" : "widgets.unlocked"), shut ? "bad" : "good");
      });
    });
    row.append(button);
  };
  add(true);
  add(false);
  return row;
}
