import { byId, make, sentenceOf, tell } from "../shared/dom.ts";
import { onLanguage, t } from "../shared/words.ts";
import { toggle } from "./toggles.ts";

const most = 12;
const fewest = 3;
/** Somebody who stops typing for so long has gone: nobody else finishes their code. */
const forgetMs = 8000;
const closeMs = 20_000;

interface PadOptions {
  /** Sends a whole code, once. @returns what to tell; `done` closes the pad */
  enter(digits: string): Promise<{ text: string; done: boolean }>;
}

/**
 * A keypad on the screen. What is typed is in one variable until it is sent or forgotten: no field keeps it, no browser
 * offers it again, and only the count of digits is shown and said.
 */
export class Pad {
  readonly #dialog = byId<HTMLDialogElement>("pad");
  readonly #say = byId("pad-say");
  readonly #enter: PadOptions["enter"];
  #digits = "";
  #busy = false;
  #shuffled = false;
  #forgetting: number | undefined;
  #closing: number | undefined;

  constructor({ enter }: PadOptions) {
    this.#enter = enter;
    toggle("pad-shuffle", false, (on) => {
      this.#shuffled = on;
      this.#draw();
    });
    byId("pad-close").addEventListener("click", () => this.#dialog.close());
    this.#dialog.addEventListener("close", () => this.#end());
    this.#dialog.addEventListener("keydown", (event) => this.#typed(event));
    onLanguage(() => this.#draw());
  }

  open(): void {
    this.#draw();
    this.#show();
    tell(this.#say, "");
    this.#dialog.showModal();
    byId("pad-keys").querySelector("button")?.focus();
    this.#wait();
  }

  close(): void {
    this.#dialog.close();
  }

  #typed(event: KeyboardEvent): void {
    if (/^\d$/.test(event.key)) this.#press(event.key);
    else if (event.key === "Backspace") this.#press("back");
    else if (event.key === "#") void this.#send();
    // Enter on a key is that key; Enter elsewhere in the pad sends
    else if (event.key === "Enter" && !(event.target instanceof HTMLButtonElement)) void this.#send();
  }

  #draw(): void {
    const digits = this.#shuffled ? shuffled() : [..."1234567890"];
    const keys = digits.map((digit) => {
      const key = make("button", { type: "button", class: "key" }, digit);
      key.addEventListener("click", () => this.#press(digit));
      return key;
    });
    const back = make("button", { type: "button", class: "key" }, "⌫");
    back.setAttribute("aria-label", t("door.pad-back"));
    back.addEventListener("click", () => this.#press("back"));
    const ok = make("button", { type: "button", class: "key main", id: "pad-ok" }, t("door.pad-ok"));
    ok.addEventListener("click", () => void this.#send());
    byId("pad-keys").replaceChildren(...keys.slice(0, 9), back, keys[9]!, ok);
  }

  #press(key: string): void {
    if (this.#busy) return;
    if (key === "back") this.#digits = this.#digits.slice(0, -1);
    else if (this.#digits.length < most) this.#digits += key;
    tell(this.#say, "");
    this.#show();
    this.#wait();
  }

  #show(): void {
    const count = this.#digits.length;
    byId("pad-dots").textContent = "●".repeat(count);
    byId("pad-count").textContent = count > 0 ? t("door.pad-count", { count }) : "";
  }

  async #send(): Promise<void> {
    if (this.#busy) return;
    if (this.#digits.length < fewest) {
      tell(this.#say, t("door.pad-short"), "warn");
      return;
    }
    const digits = this.#digits;
    this.#digits = "";
    this.#busy = true;
    this.#show();
    tell(this.#say, t("door.pad-sent"));
    try {
      const { text, done } = await this.#enter(digits);
      if (done) this.#dialog.close();
      else tell(this.#say, text, "bad");
    } catch (error) {
      tell(this.#say, sentenceOf(error), "bad");
    } finally {
      this.#busy = false;
      if (this.#shuffled) this.#draw();
      this.#wait();
    }
  }

  #wait(): void {
    clearTimeout(this.#forgetting);
    clearTimeout(this.#closing);
    if (!this.#dialog.open) return;
    this.#forgetting = window.setTimeout(() => {
      if (this.#digits === "") return;
      this.#digits = "";
      this.#show();
      tell(this.#say, t("door.pad-forgotten"), "warn");
    }, forgetMs);
    this.#closing = window.setTimeout(() => this.#dialog.close(), closeMs);
  }

  #end(): void {
    clearTimeout(this.#forgetting);
    clearTimeout(this.#closing);
    this.#digits = "";
    this.#show();
  }
}

/** Another order each time, so that neither fingerprints nor a glance from afar tell the code. */
function shuffled(): string[] {
  const digits = [..."1234567890"];
  for (let at = digits.length - 1; at > 0; at--) {
    const other = crypto.getRandomValues(new Uint32Array(1))[0]! % (at + 1);
    [digits[at], digits[other]] = [digits[other]!, digits[at]!];
  }
  return digits;
}
