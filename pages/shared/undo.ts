import { make, run, tell } from "./dom.ts";
import { t } from "./words.ts";

/** How long the vault takes something back, ms. */
const minute = 60_000;

/** Tells what has just been done, with a way back for as long as there is one. What is undone is told in the same place. */
export function tellUndoable(place: HTMLElement, text: string, undo: () => Promise<void>): void {
  tell(place, text, "good");
  const button = make("button", { type: "button" }, t("shared.undo"));
  button.addEventListener("click", () => {
    void run(button, place, async () => {
      await undo();
      tell(place, t("shared.undone"), "good");
    });
  });
  place.append(" ", button);
  setTimeout(() => button.remove(), minute);
}
