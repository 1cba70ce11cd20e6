import { ask, keepSession, session } from "./api.ts";
import { make, run, tell } from "./dom.ts";
import { noPasskeysHere, proofByPasskey } from "./passkey.ts";
import { t } from "./words.ts";

let open: Promise<boolean> | undefined;

/**
 * Asks who is here, before something that cannot be undone or after a while without anybody: over the page, so that nothing
 * typed on it is lost. One question, however many requests wait for it.
 * @param rested nobody used the session for a while
 * @returns whether it was proved; what waited may be sent again
 */
export function proveAgain(rested = false): Promise<boolean> {
  open ??= question(rested).finally(() => {
    open = undefined;
  });
  return open;
}

async function question(rested: boolean): Promise<boolean> {
  const who = await session();
  if (!who) return false;
  const held =
    noPasskeysHere() === undefined &&
    (await ask<{ passkeys: unknown[] }>("GET", "/session/passkeys")).passkeys.length > 0;
  const { host, dialog, said, passkey, form, password, cancel } = draw(
    who.name,
    who.role !== "resident",
    held,
    t(rested ? "shared.prove-rested" : "shared.prove-hint"),
  );
  if (!held && who.role === "resident") tell(said, t("shared.prove-link"), "warn");
  document.body.append(host);
  dialog.showModal();
  (held ? passkey : who.role === "resident" ? cancel : password).focus();
  const prove = (button: HTMLButtonElement, proof: () => Promise<object>) =>
    void run(button, said, async () => {
      keepSession({ ...who, ...(await ask<{ csrf: string }>("POST", "/session/proof", await proof())) });
      dialog.close("yes");
    });
  passkey.addEventListener("click", () => prove(passkey, async () => ({ response: await proofByPasskey() })));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    prove(form.querySelector("button")!, () => Promise.resolve({ password: password.value }));
  });
  cancel.addEventListener("click", () => dialog.close("no"));
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      host.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}

/** In a shadow root of its own: the dashboard around it has other styles, and ids of its own. */
function draw(name: string, byPassword: boolean, byPasskey: boolean, why: string) {
  const host = make("div", { id: "prove" });
  const root = host.attachShadow({ mode: "open" });
  const said = make("div", { class: "say", role: "alert" });
  const passkey = make("button", { type: "button", class: "main" }, t("shared.prove-passkey"));
  const password = make("input", {
    type: "password",
    autocomplete: "current-password",
    required: "",
    maxlength: "256",
  });
  const user = make("input", { autocomplete: "username", value: name, hidden: "", "aria-hidden": "true" });
  const form = make(
    "form",
    { class: "stack" },
    user,
    make("label", {}, make("span", {}, t("shared.password")), password),
    make("button", { class: byPasskey ? "" : "main" }, t("shared.prove-password")),
  );
  const cancel = make("button", { type: "button", class: "plain" }, t("shared.prove-cancel"));
  passkey.hidden = !byPasskey;
  form.hidden = !byPassword;
  const dialog = make(
    "dialog",
    { "aria-labelledby": "prove-title", class: "card stack" },
    make("h2", { id: "prove-title" }, t("shared.prove-title")),
    make("p", {}, why),
    passkey,
    form,
    said,
    cancel,
  );
  root.append(
    ...["shared/base.css", "shared/prove.css"].map((file) =>
      make("link", { rel: "stylesheet", href: `/pages/${file}` }),
    ),
    dialog,
  );
  return { host, dialog, said, passkey, form, password, cancel };
}
