import { byId } from "../shared/dom.ts";
import { type PictureSource, pictureFile, webcam } from "../shared/picture.ts";
import { t } from "../shared/words.ts";

/** The camera's place in the page: nothing, the webcam, or a picture file. */
export class Camera {
  readonly #video = byId<HTMLVideoElement>("video");
  readonly #image = byId<HTMLImageElement>("image");
  readonly #changed: () => void;
  source: PictureSource | undefined;
  /** The webcam moves, so several pictures of it say more than one. */
  live = false;

  /** @param changed called when a source comes or goes @param told gets what went wrong, as a sentence */
  constructor(changed: () => void, told: (text: string) => void) {
    this.#changed = changed;
    const file = byId<HTMLInputElement>("file");
    byId("pick").addEventListener("click", () => file.click());
    byId("webcam").addEventListener("click", () => {
      void this.#use(() => webcam(this.#video), this.#video, true).catch(() =>
        told(t("simulator.webcam-refused")),
      );
    });
    file.addEventListener("change", () => {
      const chosen = file.files?.[0];
      if (!chosen) return;
      void this.#use(() => pictureFile(chosen, this.#image), this.#image, false).catch(() =>
        told(t("simulator.not-a-picture")),
      );
      file.value = "";
    });
  }

  async #use(open: () => Promise<PictureSource>, shown: HTMLElement, live: boolean): Promise<void> {
    this.source?.stop();
    this.source = undefined;
    this.#video.hidden = this.#image.hidden = true;
    byId("view-empty").hidden = false;
    this.#changed();
    this.source = await open();
    this.live = live;
    shown.hidden = false;
    byId("view-empty").hidden = true;
    this.#changed();
  }
}
