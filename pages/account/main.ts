import { ask, type Session, session, signOut } from "../shared/api.ts";
import { byId, run, tell } from "../shared/dom.ts";
import { makePasskey, noPasskeysHere } from "../shared/passkey.ts";
import { myPasskeys, showPasskeys } from "../shared/passkey-list.ts";
import { proveAgain } from "../shared/prove.ts";
import { onLanguage, startWords, t } from "../shared/words.ts";
import { showStaff, startStaff } from "./staff.ts";

await startWords("account");

const found = await session();
if (!found || found.role === "resident") location.replace("/sign-in?next=/account");
else {
  start(found); // before anything of it can be pressed
  byId("inside").hidden = byId("sign-out").hidden = false;
  await show(found);
  onLanguage(() => void show(found));
}

function start(who: Session): void {
  byId("confirming").hidden = false;
  byId("confirm").addEventListener("click", () => {
    void proveAgain().then((proved) => proved && tell(byId("confirm-say"), t("account.confirmed"), "good"));
  });
  byId("sign-out").addEventListener(
    "click",
    () => void signOut().finally(() => location.replace("/sign-in")),
  );
  onForm("make", "passkeys-say", async () => {
    await makePasskey(byId<HTMLInputElement>("label").value);
    byId<HTMLFormElement>("make").reset();
    await show(who);
    tell(byId("passkeys-say"), t("shared.passkey-made"), "good");
  });
  onForm("password", "password-say", async () => {
    await ask("PUT", "/session/password", {
      current: byId<HTMLInputElement>("current").value,
      password: byId<HTMLInputElement>("new").value,
    });
    byId<HTMLFormElement>("password").reset();
    tell(byId("password-say"), t("account.changed"), "good");
  });
  if (who.role === "manager") startStaff(who.name);
}

async function show({ name, role }: Session): Promise<void> {
  byId("who").textContent = t("shared.signed-in", { name, role: t(`role.${role}`) });
  byId<HTMLInputElement>("user").value = name;
  const why = noPasskeysHere();
  byId("make").hidden = why !== undefined;
  byId("why").hidden = why === undefined;
  byId("why").textContent = why ?? "";
  byId<HTMLInputElement>("label").value ||= t("shared.passkey-name");
  await showMine();
  if (role === "manager") await showStaff(name);
}

async function showMine(): Promise<void> {
  showPasskeys(byId("passkeys"), await myPasskeys(), {
    said: byId("passkeys-say"),
    none: t("account.none"),
    named: true,
    async changed(told) {
      await showMine();
      tell(byId("passkeys-say"), t(`account.${told}`), "good");
    },
  });
}

function onForm(form: string, say: string, what: () => Promise<void>): void {
  byId(form).addEventListener("submit", (event) => {
    event.preventDefault();
    void run((event as SubmitEvent).submitter as HTMLButtonElement, byId(say), what);
  });
}
