import { ask } from "../shared/api.ts";
import { byId, make, run, tell } from "../shared/dom.ts";
import { about, t } from "../shared/words.ts";
import { type OwnDoor, ownDoors } from "./doors.ts";

/** The door somebody is asked about. */
let asked: OwnDoor | undefined;

/** One's own doors that one's own page opens. None: the section is not there. */
export function showOwnDoors(): void {
  const mine = ownDoors().filter(({ phone }) => phone !== undefined);
  byId("opening").hidden = mine.length === 0;
  byId("own-doors").replaceChildren(...mine.map(line));
}

function line(door: OwnDoor): HTMLElement {
  const button = make("button", { type: "button" }, t("me.open"));
  button.setAttribute("aria-label", t("me.open-of", { door: door.name }));
  button.addEventListener("click", () => wonder(door));
  const hint = t(door.phone === "at-door" ? "me.open-at-door" : "me.open-anywhere");
  return make(
    "li",
    {},
    make("span", {}, door.name, make("br"), make("small", { class: "soft" }, hint)),
    button,
  );
}

/** A door does not open by a slip of the thumb: the press is asked for once more, with the screen's code where it is due. */
function wonder(door: OwnDoor): void {
  asked = door;
  byId("open-title").textContent = t("me.open-sure", { door: door.name });
  const code = byId<HTMLInputElement>("open-code");
  code.value = "";
  code.required = door.phone === "at-door";
  byId("open-near").hidden = door.phone !== "at-door";
  byId<HTMLDialogElement>("open-dialog").showModal();
  if (door.phone === "at-door") code.focus();
}

/** @param after redraws the page: what happened at a door is on it */
export function startOwnDoors(after: () => Promise<void>): void {
  const dialog = byId<HTMLDialogElement>("open-dialog");
  byId("open-no").addEventListener("click", () => dialog.close());
  byId("open-form").addEventListener("submit", (event) => {
    event.preventDefault();
    dialog.close();
    const door = asked;
    if (!door) return;
    const code = byId<HTMLInputElement>("open-code").value.replace(/\D/g, "");
    void run(byId<HTMLButtonElement>("open-yes"), byId("open-say"), async () => {
      await open(door, code);
      await after();
    });
  });
}

async function open(door: OwnDoor, code: string): Promise<void> {
  const say = byId("open-say");
  tell(say, t("me.opening"));
  const { outcome, sentence } = await ask<{ outcome: string; sentence: string }>(
    "POST",
    `/me/doors/${door.id}/open`,
    { confirm: true, ...(door.phone === "at-door" ? { code } : {}) },
  );
  tell(say, about(door.name, sentence), outcome === "granted" ? "good" : "bad");
}
