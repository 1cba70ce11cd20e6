import { byId, run, tell } from "../shared/dom.ts";
import { makePasskey, noPasskeysHere } from "../shared/passkey.ts";
import { myPasskeys, showPasskeys } from "../shared/passkey-list.ts";
import { t } from "../shared/words.ts";

let later = false;

/** A link is good once: whoever came by one is offered a way that stays, at once and once. */
export function startWaysIn(): void {
  for (const id of ["offer-make", "make"]) {
    const button = byId<HTMLButtonElement>(id);
    button.addEventListener("click", () => {
      void run(button, byId("passkeys-say"), async () => {
        // for the phone to show: of a resident no name is kept here
        await makePasskey(byId<HTMLInputElement>("offer-name").value.trim() || t("me.title"));
        await showWaysIn();
        tell(byId("passkeys-say"), t("shared.passkey-made"), "good");
        byId("passkeys-say").scrollIntoView({ block: "center" });
      });
    });
  }
  byId("offer-later").addEventListener("click", () => {
    later = true;
    byId("offer").hidden = true;
    byId("make").focus();
  });
}

/** One's own passkeys, and the button for another. */
export async function showWaysIn(): Promise<void> {
  const held = await myPasskeys();
  const why = noPasskeysHere();
  byId("offer").hidden = later || held.length > 0 || why !== undefined;
  byId("make").hidden = why !== undefined;
  byId("no-passkeys").hidden = why === undefined;
  byId("no-passkeys").textContent = why ?? "";
  showPasskeys(byId("passkeys"), held, {
    said: byId("passkeys-say"),
    none: t("me.passkeys-none"),
    named: false,
    async changed() {
      await showWaysIn();
      tell(byId("passkeys-say"), t("me.passkey-removed"), "good");
    },
  });
}
