import { ask, session } from "../shared/api.ts";
import { byId, make, sentenceOf } from "../shared/dom.ts";
import { openedReceipt } from "../shared/receipt.ts";
import { onLanguage, startWords, t, time } from "../shared/words.ts";
import { type Fact, factsOf, type Receipt } from "./facts.ts";

await startWords("receipt", "rights");

const text = openedReceipt();
const receipt = text === undefined ? undefined : (JSON.parse(text) as Receipt);

show();
onLanguage(show);
byId("print").addEventListener("click", () => print());
if (text !== undefined) await code(text);

function show(): void {
  const place = byId("receipt");
  if (!receipt) {
    place.replaceChildren(make("h1", {}, t("receipt.title")), make("p", {}, t("receipt.none")));
    return;
  }
  const { title, facts, lines } = factsOf(receipt);
  document.title = t(title);
  place.replaceChildren(make("h1", {}, t(title)), list(facts), ...(lines.length > 0 ? [list(lines)] : []));
  byId("key").textContent = receipt.signature.key;
}

function list(facts: readonly Fact[]): HTMLElement {
  const place = make("dl", { class: "facts" });
  for (const { name, value, at } of facts) {
    const said = [value, at === undefined ? undefined : time(at)].filter((part) => part !== undefined);
    place.append(make("dt", {}, t(name)), make("dd", {}, said.join(" · ")));
  }
  return place;
}

/** The whole receipt as a QR code, drawn by this box. */
async function code(whole: string): Promise<void> {
  try {
    await session();
    const { qr } = await ask<{ qr?: string }>("POST", "/receipts/paper", { receipt: whole });
    if (qr === undefined) throw new Error("too long");
    const src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
    byId("qr").replaceChildren(make("img", { src, alt: t("receipt.qr") }));
    byId("code").hidden = false;
  } catch (error) {
    byId("say").textContent =
      error instanceof Error && error.message === "too long" ? t("receipt.long") : sentenceOf(error);
  }
}
