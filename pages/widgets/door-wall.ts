import { ask, Problem, watch } from "../shared/api.ts";
import { make, sentenceOf, tell } from "../shared/dom.ts";
import { type Emergency, emergencyText } from "../shared/emergency.ts";
import { about, has, t, time } from "../shared/words.ts";
import { type DoorEvent, sentenceOfEvent } from "../simulator/events.ts";
import { emergencies } from "./emergency.ts";
import { type FlowOff, flowOff } from "./flow-off.ts";
import { action, choice, empty, sayHere, sure } from "./kit.ts";
import { type Line, type Look, live } from "./live.ts";
import { lostCardForm } from "./lost-card.ts";
import type { View } from "./mount.ts";

interface Door {
  id: string;
  name: string;
  ways: string[];
  state: string;
  locked?: boolean;
  alarms?: Alarm[];
  /** The mark that guards and managers are taught to know. */
  marked?: boolean;
  emergencies?: Emergency[];
  /** Of a way out: when it was last tried. */
  drill?: { at?: string; due: boolean };
}

interface Doors {
  doors: Door[];
  off?: FlowOff;
}

interface Tile {
  tile: HTMLElement;
  update(door: Door, latest?: DoorEvent): void;
}

const reasons = ["visitor", "courier", "resident-forgot", "emergency", "other"];
const lockReasons = ["threat", "police", "works", "drill"];
const fireReasons = ["over", "false-alarm", "drill", "repaired"];
const opens = new Set(["manager", "desk", "guard"]);
const locks = new Set(["manager", "guard"]);
const drills = new Set(["manager", "guard", "technician"]);
/** What concerns somebody's safety is put on no screen in words: somebody else may be standing before it. */
const unshown = new Set(["duress"]);

interface Alarm {
  kind: string;
  since: string;
}

/**
 * Every door with its state, its ways in, its alarms and its last decision: allowed or not and why, never who (RD-46); above
 * them, when the flow that runs opens none.
 * Whoever may, opens with a reason, or locks down.
 */
export const doorWall: View = async (place, role) => {
  const line = make("p", { class: "line-state small", role: "status" });
  const grid = make("div", { class: "doors" });
  const said = sayHere();
  const tiles = new Map<string, Tile>();
  const banner = flowOff();
  place.replaceChildren(
    line,
    banner.place,
    ...(locks.has(role) ? [lockAll(tiles, said, () => look())] : []),
    ...(opens.has(role) ? [lostCardForm()] : []),
    said,
    grid,
  );

  const look: Look = async (only) => {
    try {
      const { doors, off } = await watch<Doors>("/doors");
      banner.show(off);
      if (doors.length === 0) grid.replaceChildren(empty(t("simulator.no-doors")));
      await Promise.all(
        doors.map(async (door) => {
          if (only && !only.has(door.id)) return tiles.get(door.id)?.update(door);
          const { events } = await watch<{ events: DoorEvent[] }>(`/events?door=${door.id}&limit=5`);
          tileFor(door).update(
            door,
            events.find(({ kind }) => !unshown.has(kind)),
          );
        }),
      );
      for (const [id, { tile }] of tiles) if (!doors.some((door) => door.id === id)) forget(id, tile);
    } catch (error) {
      // signed out: the sign-in page, and not doors as they were a while ago
      if (error instanceof Problem && error.status === 401) location.reload();
      tell(said, sentenceOf(error), "bad");
    }
  };
  const tileFor = (door: Door): Tile => {
    const known = tiles.get(door.id) ?? tileOf(door, role, look);
    if (!tiles.has(door.id)) {
      tiles.set(door.id, known);
      grid.append(known.tile);
    }
    return known;
  };
  const forget = (id: string, tile: HTMLElement) => {
    tiles.delete(id);
    tile.remove();
  };
  const fresh = (state: Line) => {
    line.textContent = t(`widgets.line-${state}`);
    line.dataset.kind = state === "live" ? "good" : "warn";
  };
  fresh("slow");
  // each appears when it is known; the order of the flow is kept
  const { doors, off } = await ask<Doors>("GET", "/doors");
  banner.show(off);
  for (const door of doors) tileFor(door).update(door);
  await look();
  grid.before(
    await emergencies(
      () => doors,
      role,
      () => look(),
    ),
  );
  return live(look, fresh);
};

function tileOf(door: Door, role: string, look: Look): Tile {
  const states = make("span", { class: "row" });
  const alarms = make("ul", { class: "alarms", "aria-label": t("widgets.alarms") });
  const last = make("p", { class: "last" });
  const when = make("p", { class: "soft small" });
  const ways = make("p", { class: "small" });
  const said = sayHere();
  const tile = make("section", { class: "card door", "aria-label": door.name });
  tile.append(make("h3", {}, make("span", {}, door.name), states), ways, alarms, last, when);
  if (opens.has(role)) tile.append(opener(door, said));
  const lock = locks.has(role) ? locker(door, said, look) : undefined;
  if (lock) tile.append(lock.place);
  const fire = locks.has(role) ? fireEnder(door, said, look) : undefined;
  if (fire) tile.append(fire);
  const drill = driller(door, drills.has(role), said, look);
  tile.append(drill.place, said);
  let seen: DoorEvent | undefined;
  const asked = make("ul", { class: "asked small" });
  ways.after(asked);
  return {
    tile,
    update(now, latest = seen) {
      seen = latest;
      const standing = now.alarms ?? [];
      tile.dataset.state = now.state;
      tile.dataset.last = latest?.outcome ?? "";
      tile.dataset.alarm = String(standing.length > 0);
      write(
        asked,
        (now.emergencies ?? []).map((one) => make("li", {}, emergencyText(one))),
      );
      asked.hidden = !now.emergencies;
      write(states, [
        ...(now.marked ? [tag("\u25c6 7", "")] : []),
        ...(now.locked ? [tag(t("widgets.lockdown"), "bad")] : []),
        tag(t(`widgets.state-${now.state}`), now.state === "open" ? "warn" : ""),
      ]);
      const ways_ = now.ways.filter((way) => way !== "guard").map((way) => t(`method.${way}`));
      write(ways, [t("widgets.ways", { ways: ways_.join(t("widgets.comma")) })]);
      write(
        alarms,
        standing.map(({ kind, since }) =>
          make("li", {}, t(`event.${kind}`), " ", make("small", {}, time(since))),
        ),
      );
      alarms.hidden = standing.length === 0;
      write(last, [latest ? describe(latest) : t("widgets.quiet")]);
      write(when, [latest ? time(latest.at) : ""]);
      lock?.show(now.locked === true);
      if (fire) fire.hidden = !standing.some(({ kind }) => kind === "fire");
      drill.show(now.drill);
    },
  };
}

const tag = (text: string, kind: string): HTMLElement =>
  make("span", { class: "tag", "data-kind": kind }, text);

/** Writes only what changed: a screen reader would say all of it again, and a wall of doors be drawn anew at every card. */
function write(place: HTMLElement, content: readonly (HTMLElement | string)[]): void {
  const wanted = place.cloneNode() as HTMLElement;
  wanted.append(...content);
  if (!place.isEqualNode(wanted)) place.replaceChildren(...wanted.childNodes);
}

/** Allowed or not, by which way, and why. */
function describe(event: DoorEvent): string {
  const what = sentenceOfEvent(event);
  return event.method && has(`method.${event.method}`) ? about(t(`method.${event.method}`), what) : what;
}

function opener(door: Door, said: HTMLElement): HTMLElement {
  const reason = choice(reasons, "widgets.reason-", t("widgets.reason"));
  const button = action(t("widgets.open"), said, async () => {
    const { outcome, sentence } = await ask<{ outcome: string; sentence: string }>(
      "POST",
      `/doors/${door.id}/open`,
      { reason: reason.value },
    );
    tell(said, sentence, outcome === "granted" ? "good" : "bad");
  });
  return make("div", { class: "row" }, reason, button);
}

const lockdown = (doors: readonly string[], on: boolean, reason: string) =>
  ask<{ locked: string[] }>("POST", "/lockdown", { doors, on, reason });

function locker(door: Door, said: HTMLElement, look: Look) {
  const set = async (on: boolean, reason: string) => {
    await lockdown([door.id], on, reason);
    await look(new Set([door.id]));
    tell(said, t(on ? "widgets.locked" : "widgets.unlocked"), on ? "bad" : "good");
  };
  const reason = choice(lockReasons, "widgets.lock-", t("widgets.lock-reason"));
  const lift = action(t("widgets.unlock"), said, () => set(false, "over"), "main");
  const more = make(
    "details",
    {},
    make("summary", {}, t("widgets.lock")),
    make("p", { class: "soft small" }, t("widgets.lock-hint")),
    make(
      "div",
      { class: "row" },
      reason,
      action(t("widgets.lock-now"), said, () => set(true, reason.value)),
    ),
  );
  const place = make("div", {}, more, lift);
  return {
    place,
    show(locked: boolean) {
      more.hidden = locked;
      lift.hidden = !locked;
    },
  };
}

/** Ends a fire release: there while the alarm stands. Whether the fire panel is quiet is the door's to say. */
function fireEnder(door: Door, said: HTMLElement, look: Look): HTMLElement {
  const reason = choice(fireReasons, "widgets.fire-", t("widgets.fire-reason"));
  const end = action(t("widgets.fire-end"), said, async () => {
    await ask("POST", `/doors/${door.id}/fire-resets`, { reason: reason.value });
    await look(new Set([door.id]));
    tell(said, t("widgets.fire-ended"), "good");
  });
  const hint = make("p", { class: "soft small" }, t("widgets.fire-hint"));
  return make("div", { class: "fire-end", hidden: "" }, hint, make("div", { class: "row" }, reason, end));
}

/** When leaving by this door was last tried, with a reminder; whoever may, records what came of it. */
function driller(door: Door, may: boolean, said: HTMLElement, look: Look) {
  const line = make("span", {});
  const done = (opened: boolean) => async () => {
    await ask("POST", `/doors/${door.id}/exit-drills`, { opened });
    await look(new Set([door.id]));
    tell(said, t(opened ? "widgets.drill-kept" : "widgets.drill-failed"), opened ? "good" : "bad");
  };
  const place = may
    ? make(
        "details",
        { class: "drill small" },
        make("summary", {}, line),
        make("p", { class: "soft small" }, t("widgets.drill-hint")),
        make(
          "div",
          { class: "row" },
          action(t("widgets.drill-opened"), said, done(true)),
          action(t("widgets.drill-shut"), said, done(false)),
        ),
      )
    : make("p", { class: "drill small" }, line);
  return {
    place,
    show(drill: Door["drill"]) {
      place.hidden = !drill;
      const when = drill?.at ? t("widgets.drill-last", { at: time(drill.at) }) : t("widgets.drill-never");
      line.textContent = drill?.due ? t("widgets.drill-due", { when }) : when;
      place.dataset.kind = drill?.due ? "warn" : "";
    },
  };
}

/** Every door at once, for a threat: asked once more, because a whole community stands before it. */
function lockAll(
  tiles: ReadonlyMap<string, Tile>,
  said: HTMLElement,
  look: () => Promise<void>,
): HTMLElement {
  const reason = choice(lockReasons, "widgets.lock-", t("widgets.lock-reason"));
  const place = make("details", { class: "lock-all" }, make("summary", {}, t("widgets.all-doors")));
  const all = (on: boolean) => async () => {
    const doors = [...tiles.keys()];
    if (on && !(await sure(place, t("widgets.all-sure", { count: doors.length }), t("widgets.all-lock"))))
      return;
    await lockdown(doors, on, on ? reason.value : "over");
    await look();
    tell(said, t(on ? "widgets.locked" : "widgets.unlocked"), on ? "bad" : "good");
  };
  place.append(
    make("p", { class: "soft small" }, t("widgets.lock-hint")),
    make(
      "div",
      { class: "row" },
      reason,
      action(t("widgets.all-lock"), said, all(true)),
      action(t("widgets.all-unlock"), said, all(false)),
    ),
  );
  return place;
}
