import { ask, signIn } from "../shared/api.ts";
import { byId, run } from "../shared/dom.ts";
import { makePasskey, noPasskeysHere, signInByPasskey } from "../shared/passkey.ts";
import { onLanguage, startWords, t } from "../shared/words.ts";

await startWords();

/** A browser is asked once whether it would like a passkey; after that the account page has the button. */
const asked = "limen-passkey-asked";
const password = byId<HTMLInputElement>("password");
const passkey = byId<HTMLButtonElement>("passkey");
const byPassword = byId<HTMLButtonElement>("by-password");

draw();
onLanguage(draw);
(passkey.hidden ? byId("name") : passkey).focus();

passkey.addEventListener("click", () => {
  void run(passkey, byId("say"), async () => {
    await signInByPasskey();
    location.replace(next());
  });
});
byId("form").addEventListener("submit", (event) => {
  event.preventDefault();
  void run(byPassword, byId("say"), async () => {
    await signIn(byId<HTMLInputElement>("name").value, password.value);
    if (await wantsAsking()) offer();
    else location.replace(next());
  });
});
byId("later").addEventListener("click", () => location.replace(next()));
byId("make").addEventListener("click", () => {
  void run(byId<HTMLButtonElement>("make"), byId("offer-say"), async () => {
    await makePasskey(t("shared.passkey-name"));
    location.replace(next());
  });
});

function draw(): void {
  const why = noPasskeysHere();
  passkey.hidden = byId("or").hidden = why !== undefined;
  byPassword.classList.toggle("main", why !== undefined); // one main way: the passkey where there can be one
  byId("plain").hidden = isSecureContext; // over the network, without https
  byId("why").hidden = why === undefined;
  byId("why").textContent = why ?? "";
}

async function wantsAsking(): Promise<boolean> {
  if (noPasskeysHere() !== undefined || storage()?.getItem(asked)) return false;
  return (await ask<{ passkeys: unknown[] }>("GET", "/session/passkeys")).passkeys.length === 0;
}

function offer(): void {
  storage()?.setItem(asked, "1");
  byId("ways").hidden = true;
  byId("offer").hidden = false;
  byId("make").focus();
}

/** It may be switched off. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

/** Where somebody was going: a path of this box, or where things are. */
function next(): string {
  const wanted = new URL(new URLSearchParams(location.search).get("next") ?? "/welcome", location.href);
  return wanted.origin === location.origin ? wanted.pathname + wanted.search : "/welcome";
}
