import { byId, make } from "../shared/dom.ts";
import { openReceipt } from "../shared/receipt.ts";
import { t } from "../shared/words.ts";

/** Saves and prints one receipt of a list. */
export function receiptLinks(receipt: string, name: string): HTMLElement {
  const href = URL.createObjectURL(new Blob([receipt], { type: "application/json" }));
  const print = make("button", { type: "button", class: "small" }, t("shared.print-receipt"));
  print.addEventListener("click", () => openReceipt(receipt));
  return make(
    "span",
    { class: "row" },
    make("a", { class: "button small", download: name, href }, t("me.receipt")),
    print,
  );
}

/** A signed receipt to keep: as a file, or on paper with its QR code. */
export function offer(place: string, receipt: string): void {
  const box = byId(place);
  box.hidden = false;
  box.querySelector("button")!.onclick = () => openReceipt(receipt);
  const link = box.querySelector("a")!;
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([receipt], { type: "application/json" }));
}
