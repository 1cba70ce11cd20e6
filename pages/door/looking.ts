import { byId, sentenceOf } from "../shared/dom.ts";
import { type Ask, type Outcome, useMyFace } from "../shared/look.ts";
import { webcam } from "../shared/picture.ts";
import { t } from "../shared/words.ts";
import { announce } from "./say.ts";

/** After this many failed looks the other ways are put forward (RD-08). */
const failuresBeforeHelp = 2;

interface LookOptions {
  door: string;
  /** The ways besides a face, named. */
  others(): string;
  /** Runs the request, and tells what became of it. @returns whether the door opened, and the sentence */
  asked(what: () => Promise<Outcome>): Promise<{ outcome: Outcome["outcome"]; text: string }>;
  /** What the look asks of whoever was recognised. */
  onAsk(act: Ask): void;
}

/** Failed looks of whoever stands there now. */
export class Looks {
  readonly #options: LookOptions;
  #failed = 0;

  constructor(options: LookOptions) {
    this.#options = options;
  }

  get suggestOthers(): boolean {
    return this.#failed >= failuresBeforeHelp;
  }

  /** The next person starts afresh. */
  forget(): void {
    this.#failed = 0;
  }

  /** The deliberate act. The camera is opened by it and closed after it. */
  async look(): Promise<void> {
    const { door, others, asked, onAsk } = this.#options;
    const source = await webcam(byId<HTMLVideoElement>("video")).catch(() => undefined);
    if (!source) {
      announce(t("door.camera-needed"), "warn");
      return;
    }
    byId("view").hidden = false;
    try {
      announce(t("door.looking"), "");
      const { outcome, text } = await asked(() => useMyFace(door, source, onAsk));
      this.#failed = outcome === "granted" ? 0 : this.#failed + 1;
      if (this.suggestOthers) announce(`${text} ${t("door.other-ways", { ways: others() })}`, "bad");
    } catch (error) {
      announce(sentenceOf(error), "bad");
    } finally {
      source.stop();
      byId("view").hidden = true;
    }
  }
}
