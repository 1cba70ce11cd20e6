import { make } from "../shared/dom.ts";
import type { Emergency } from "../shared/emergency.ts";
import { t } from "../shared/words.ts";
import { icon } from "./icons.ts";

export interface Screen {
  id: string;
  name: string;
  ways: string[];
  face: boolean;
  /** Codes may be typed here. */
  pad?: boolean;
  /** Residents open it from their own page: from anywhere, or with the code shown here. */
  phone?: "at-door" | "anywhere";
  /** Ways whose every reader is dead now. */
  out?: string[];
  /** What emergencies ask of everybody here now. */
  emergencies?: Emergency[];
}

interface TileOptions {
  suggested: boolean;
  /** Whether this screen can ask the door for anything just now. */
  working: boolean;
  look(button: HTMLButtonElement): void;
  type(): void;
}

/** The same order at every door, what everybody has first. */
export const order = ["card", "pin", "pass", "phone", "face", "guard"];

/** One way in. All are of one size: none is the main one (promise 1). */
export function tile(way: string, screen: Screen, options: TileOptions): HTMLElement {
  const card = make("div", { class: "card way" }, icon(way), make("h3", {}, t(`door.${way}`)));
  if (isOut(way, screen)) card.dataset.out = "true";
  if (options.suggested && !isOut(way, screen)) card.dataset.suggested = "true";
  card.append(make("p", { class: "soft" }, t(howOf(way, screen, options.working))));
  if (way === "face") {
    const button = make("button", { type: "button", id: "use-face" }, t("door.use-face"));
    button.disabled = !screen.face || !options.working;
    button.addEventListener("click", () => options.look(button));
    card.append(button);
  }
  if (way === "pin" && screen.pad) {
    const button = make("button", { type: "button", id: "type-code" }, t("door.type-code"));
    button.disabled = !options.working;
    button.addEventListener("click", () => options.type());
    card.append(button);
  }
  if (way === "phone" && screen.phone === "at-door")
    card.append(make("p", { class: "presence", id: "presence", "aria-live": "off" }));
  return make("li", {}, card);
}

/** Nothing can read it here now: whoever has only this needs the guard (RD-03). */
export const isOut = (way: string, { out = [] }: Screen): boolean => out.includes(way);

function howOf(way: string, screen: Screen, working: boolean): string {
  const { face, pad, phone } = screen;
  if (isOut(way, screen)) return "door.out-of-order";
  if (way === "face" && (!face || !working)) return "door.face-off";
  if (way === "pin" && pad && working) return "door.pin-here";
  if (way === "phone" && phone === "at-door") return "door.phone-near";
  return `door.${way}-how`;
}
