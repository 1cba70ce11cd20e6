import { ask, session, signOut } from "../shared/api.ts";
import { byId, run, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";

/** `/door/<id>?pair`: staff sign in here once, and leave the tablet as the door's own screen, signed out. */
export async function offerPairing(door: string): Promise<void> {
  if (!(await session())) {
    location.replace(`/sign-in?next=${encodeURIComponent(`/door/${door}?pair`)}`);
    return;
  }
  const say = byId("say");
  byId("pairing").hidden = false;
  const button = byId<HTMLButtonElement>("pair");
  button.addEventListener("click", () => {
    void run(button, say, async () => {
      await ask("POST", `/doors/${door}/screen`);
      await signOut();
      byId("pairing").hidden = true;
      history.replaceState(null, "", `/door/${door}`);
      tell(say, t("door.paired"), "good");
    });
  });
}
