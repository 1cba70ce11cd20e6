import { byId, sentenceOf } from "../shared/dom.ts";
import {
  type Ask,
  givePictures,
  type Hint,
  type Meanwhile,
  type Outcome,
  useMyFace,
} from "../shared/look.ts";
import { webcam } from "../shared/picture.ts";
import { t } from "../shared/words.ts";
import { announce } from "./say.ts";

/** After this many failed looks the other ways are put forward (RD-08). */
const failuresBeforeHelp = 2;
/** A hint stands at least this long: one that changes with every picture helps nobody, and no voice could say it. */
const hintMs = 1200;

interface LookOptions {
  door: string;
  /** The ways besides a face, named. */
  others(): string;
  /** Runs the request, and tells what became of it. @returns whether the door opened, and the sentence */
  asked(what: () => Promise<Outcome>): Promise<{ outcome: Outcome["outcome"]; text: string }>;
  /** What the look asks of whoever was recognised. */
  onAsk(act: Ask): void;
  /** What whoever is looked at can mend. */
  onHint(hint: Hint | undefined): void;
}

/** Failed looks of whoever stands there now. */
export class Looks {
  readonly #options: LookOptions;
  #failed = 0;
  #busy = false;
  #giving: Promise<() => Promise<void>> | undefined;
  #hint: Hint | undefined;
  #hintAt = 0;
  #hinting: number | undefined;

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
    const { door, others, asked } = this.#options;
    this.#busy = true;
    try {
      await this.#look(door, others, asked);
    } finally {
      this.#busy = false;
      this.hint(undefined);
    }
  }

  /**
   * A look that a card or code began wants this screen's pictures, or is over. The card or code was the act, and the camera
   * is open for no longer than the look.
   */
  follow(running: boolean): void {
    if (running && !this.#busy && !this.#giving) this.#giving = this.#give();
    if (running || !this.#giving) return;
    const giving = this.#giving;
    this.#giving = undefined;
    this.hint(undefined);
    void giving.then((end) => end());
  }

  /** A hint from the door's stream: for looks through a camera that is not this screen's; its own come with its pictures. */
  hear(hint: Hint | undefined): void {
    if (!this.#busy && !this.#giving) this.hint(hint);
  }

  /** Shows what is wrong with the pictures, not more often than it can be read; undefined: nothing any more. */
  hint(hint: Hint | undefined): void {
    clearTimeout(this.#hinting);
    if (hint === this.#hint) return;
    const left = this.#hintAt + hintMs - performance.now();
    if (hint !== undefined && left > 0) {
      this.#hinting = window.setTimeout(() => this.hint(hint), left);
      return;
    }
    this.#hint = hint;
    if (hint === undefined) return;
    this.#hintAt = performance.now();
    this.#options.onHint(hint);
  }

  get #meanwhile(): Meanwhile {
    return { onAsk: this.#options.onAsk, onHint: (hint) => this.hint(hint) };
  }

  /** @returns ends it */
  async #give(): Promise<() => Promise<void>> {
    const source = await webcam(byId<HTMLVideoElement>("video")).catch(() => undefined);
    if (!source) return () => Promise.resolve(); // the look says that the camera was silent
    byId("view").hidden = false;
    announce(t("door.looking"), "");
    const pictures = givePictures(this.#options.door, source, this.#meanwhile);
    return async () => {
      source.stop();
      byId("view").hidden = true;
      await pictures.end();
    };
  }

  async #look(door: string, others: LookOptions["others"], asked: LookOptions["asked"]): Promise<void> {
    const source = await webcam(byId<HTMLVideoElement>("video")).catch(() => undefined);
    if (!source) {
      announce(t("door.camera-needed"), "warn");
      return;
    }
    byId("view").hidden = false;
    try {
      announce(t("door.looking"), "");
      const { outcome, text } = await asked(() => useMyFace(door, source, this.#meanwhile));
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
