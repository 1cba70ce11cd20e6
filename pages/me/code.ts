import { ask } from "../shared/api.ts";
import { byId, run, tell } from "../shared/dom.ts";
import { t } from "../shared/words.ts";

/**
 * One's own code for keypads, and the code for a threat. What is set is nowhere shown again, and the page never says
 * whether there is a code for a threat: somebody may be looking over one's shoulder.
 * @param after redraws the page: a code is listed among what is held
 */
export function startCode(after: () => Promise<void>): void {
  const duress = byId<HTMLSelectElement>("code-duress");
  const own = byId("code-duress-own");
  duress.addEventListener("change", () => {
    own.hidden = duress.value !== "own";
    byId<HTMLInputElement>("duress-digits").required = duress.value === "own";
  });
  byId("code-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void run(byId<HTMLButtonElement>("code-set"), byId("code-say"), async () => {
      await set();
      await after();
    });
  });
}

const digitsOf = (id: string): string => byId<HTMLInputElement>(id).value.replace(/\D/g, "");

async function set(): Promise<void> {
  const wanted = byId<HTMLSelectElement>("code-duress").value;
  const code = digitsOf("code-digits");
  byId("code-shown").hidden = true;
  const made = await ask<{ code?: string; duress?: string }>("PUT", "/me/code", {
    ...(code ? { code } : {}),
    ...(wanted === "new" ? { duress: "new" } : wanted === "own" ? { duress: digitsOf("duress-digits") } : {}),
  });
  byId<HTMLFormElement>("code-form").reset();
  byId("code-duress-own").hidden = true;
  byId("code-shown").hidden = made.code === undefined && made.duress === undefined;
  for (const [id, digits] of [
    ["made-code", made.code],
    ["made-duress", made.duress],
  ] as const) {
    byId(id).textContent = digits ?? "";
    byId(id).parentElement!.hidden = digits === undefined;
  }
  tell(byId("code-say"), t("me.code-set"), "good");
}
