import { ask } from "../shared/api.ts";
import { cardNotations } from "../shared/cards.ts";
import { byId, run, tell } from "../shared/dom.ts";
import { t, time } from "../shared/words.ts";

/** A door code, or how a card's number is written. */
const writings = ["code", ...cardNotations];

/**
 * A page reached by a link that staff made shows entries at doors from then on. Earlier ones are shown to whoever has a card or
 * code of the resident's besides: nobody of staff lists movements by making a link (RD-46).
 * @param after redraws the page
 */
export function startConfirm(after: () => Promise<void>): void {
  const written = byId<HTMLSelectElement>("confirm-written");
  byId("confirm-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void run(byId<HTMLButtonElement>("confirm"), byId("confirm-say"), async () => {
      const number = byId<HTMLInputElement>("confirm-number").value.trim();
      const notation = written.value;
      const shown = notation === "code" ? { code: number } : { notation, number };
      await ask("POST", "/session/confirmation", shown);
      byId<HTMLFormElement>("confirm-form").reset();
      await after();
      tell(byId("confirm-say"), t("me.confirmed"), "good");
    });
  });
}

/** Says from when on doors are shown; absent: all of it is. */
export function showConfirm(from: string | undefined): void {
  byId("doors-earlier").hidden = from === undefined;
  byId("doors-from").textContent = from === undefined ? "" : t("me.doors-from", { from: time(from) });
  const menu = byId<HTMLSelectElement>("confirm-written");
  const chosen = menu.value || writings[0]!;
  menu.replaceChildren(
    ...writings.map((one) => new Option(t(`me.written-${one}`), one, false, one === chosen)),
  );
}
