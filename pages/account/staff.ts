import { ask } from "../shared/api.ts";
import { byId, make, run, tell } from "../shared/dom.ts";
import { t, time } from "../shared/words.ts";

interface Account {
  id: string;
  name: string;
  role: string;
  disabled: boolean;
  waiting: boolean;
  passkeys: number;
}

interface Token {
  id: string;
  label: string;
  role: string;
  since: string;
  expires: string;
  by?: string;
}

const roles = ["desk", "guard", "technician", "auditor", "privacy-officer", "manager"];
const value = (id: string): string => byId<HTMLInputElement | HTMLSelectElement>(id).value;

/** For managers: whoever works here, and the way back in for who lost theirs. */
export function startStaff(own: string): void {
  byId("staff").hidden = false;
  byId("add").addEventListener("submit", (event) => {
    event.preventDefault();
    void run((event as SubmitEvent).submitter as HTMLButtonElement, byId("staff-say"), async () => {
      const account = { name: value("add-name"), role: value("add-role"), password: value("add-password") };
      await ask("POST", "/staff", account);
      byId<HTMLFormElement>("add").reset();
      await showStaff(own);
      tell(byId("staff-say"), t("account.added"), "good");
    });
  });
}

export async function showStaff(own: string): Promise<void> {
  const menu = byId<HTMLSelectElement>("add-role");
  const chosen = menu.value;
  menu.replaceChildren(...roles.map((role) => new Option(t(`role.${role}`), role, false, role === chosen)));
  const [{ staff }, { tokens }] = await Promise.all([
    ask<{ staff: Account[] }>("GET", "/staff"),
    ask<{ tokens: Token[] }>("GET", "/tokens"),
  ]);
  byId("accounts").replaceChildren(...staff.map((one) => line(one, own)));
  byId("tokens").replaceChildren(
    ...(tokens.length === 0
      ? [make("li", { class: "soft" }, t("account.tokens-none"))]
      : tokens.map((one) => tokenLine(one, own))),
  );
}

/** A program's way in: what it is for, who made it, until when; ended in one press and a yes. */
function tokenLine({ id, label, role, since, expires, by }: Token, own: string): HTMLElement {
  const head = make("span", { class: "grow" }, make("strong", {}, label), make("br"));
  const made = t("account.token-made", {
    role: t(`role.${role}`),
    by: by ?? t("account.token-operator"),
    since: time(since),
    expires: time(expires),
  });
  head.append(make("span", { class: "soft small" }, made));
  const revoke = act("revoke", label, async () => {
    await ask("DELETE", `/tokens/${id}`);
    await showStaff(own);
    tell(byId("staff-say"), t("account.revoked"), "good");
  });
  return make("li", { class: "row" }, head, revoke);
}

function line(account: Account, own: string): HTMLElement {
  const { id, name, role, disabled, waiting, passkeys } = account;
  const facts = [t(`role.${role}`)];
  if (disabled) facts.push(t("account.state-disabled"));
  else if (waiting) facts.push(t("account.state-waiting"));
  if (passkeys > 0) facts.push(t("account.state-passkeys", { count: passkeys }));
  const head = make("span", { class: "grow" }, make("strong", {}, name), make("br"));
  head.append(make("span", { class: "soft small" }, facts.join(" · ")));
  const row = make("li", { class: "row" }, head);
  if (name === own) return row; // nobody ends or resets themselves by a slip
  if (disabled) {
    row.append(
      act("enable", name, async () => {
        const { password } = await ask<{ password: string }>("POST", `/staff/${id}/enable`);
        await showStaff(own);
        tell(byId("staff-say"), t("account.reset-done", { name, password }), "good");
      }),
    );
    return row;
  }
  row.append(
    act("reset", name, async () => {
      const { password } = await ask<{ password: string }>("POST", `/staff/${id}/reset`);
      await showStaff(own);
      tell(byId("staff-say"), t("account.reset-done", { name, password }), "good");
    }),
    act("end", name, async () => {
      await ask("DELETE", `/staff/${id}`);
      await showStaff(own);
      tell(byId("staff-say"), t("account.ended"), "good");
    }),
  );
  return row;
}

function act(
  what: "reset" | "end" | "enable" | "revoke",
  name: string,
  does: () => Promise<void>,
): HTMLButtonElement {
  const words = t(`account.${what}`);
  const button = make("button", { type: "button", "aria-label": `${words}: ${name}` }, words);
  button.addEventListener("click", () => {
    const dialog = byId<HTMLDialogElement>("sure");
    byId("sure-text").textContent = t(`account.${what}-sure`, { name });
    dialog.returnValue = "no";
    dialog.showModal();
    dialog.addEventListener(
      "close",
      () => {
        if (dialog.returnValue === "yes") void run(button, byId("staff-say"), does);
      },
      { once: true },
    );
  });
  return button;
}
