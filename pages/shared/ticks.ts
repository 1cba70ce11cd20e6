import { make } from "./dom.ts";
import { t } from "./words.ts";

/**
 * Doors to tick, each by itself and none beforehand (RD-15). One door alone needs no tick: the button is for it.
 * @param name of a door, by its id
 */
export function doorTicks(
  doors: readonly string[],
  name: (door: string) => string,
): { place: HTMLElement; chosen(): string[]; focus(): void } {
  const boxes = doors.map((door) => make("input", { type: "checkbox", value: door }));
  const place =
    doors.length === 1
      ? make("p", {}, t("shared.for-door", { door: name(doors[0]!) }))
      : make(
          "fieldset",
          { class: "ticks" },
          make("legend", {}, t("shared.for-doors")),
          ...boxes.map((box) => make("label", {}, box, ` ${name(box.value)}`)),
        );
  return {
    place,
    chosen: () =>
      doors.length === 1 ? [...doors] : boxes.filter(({ checked }) => checked).map(({ value }) => value),
    focus: () => boxes[0]?.focus(),
  };
}
