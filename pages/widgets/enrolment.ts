import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import type { Hint } from "../shared/look.ts";
import { type PictureSource, pictureFile, webcam } from "../shared/picture.ts";
import { t } from "../shared/words.ts";
import { action, sayHere } from "./kit.ts";

/** A webcam moves a little between these; a picture file is one picture however often it is sent. */
const frames = 5;
const pause = (ms = 250) => new Promise((resolve) => setTimeout(resolve, ms));
/** Between two looks at how somebody stands: a hint has to be read before it changes. */
const framingMs = 700;
/** A camera nobody closes is closed: whoever walked off is not to be filmed, nor their session kept awake. */
const openMs = 180_000;

/**
 * The camera of this desk with a frame for the face, what to mend while it is on, and what came of the pictures. Whose they
 * are is asked once, when the button is pressed; none is kept anywhere.
 */
export function enrolment(person: string): { place: HTMLElement; close(): void } {
  const said = sayHere();
  const stand = sayHere();
  const video = make("video", { muted: "", playsinline: "", "aria-label": t("widgets.camera") });
  const image = make("img", { alt: t("widgets.camera") });
  const file = make("input", {
    type: "file",
    accept: "image/jpeg,image/png",
    class: "visually-hidden",
    "aria-label": t("simulator.picture"),
    tabindex: "-1",
  });
  const view = make(
    "div",
    { class: "view" },
    video,
    image,
    make("div", { class: "oval", "aria-hidden": "true" }),
  );
  view.hidden = video.hidden = image.hidden = true;
  let source: PictureSource | undefined;
  const close = () => {
    source?.stop();
    source = undefined;
    view.hidden = video.hidden = image.hidden = true;
    enrol.hidden = true;
    tell(stand, "");
  };
  const use = async (open: () => Promise<PictureSource>, shown: HTMLElement) => {
    close();
    source = await open();
    view.hidden = shown.hidden = enrol.hidden = false;
    enrol.focus();
  };
  /** Says how to stand for as long as this source is open. A desk that gets no answer enrols all the same. */
  const frame = async (of: PictureSource) => {
    const since = performance.now();
    while (source === of) {
      if (performance.now() - since > openMs) return close();
      if (!enrol.disabled && !document.hidden) {
        const answer = await of
          .take()
          .then((jpeg) => ask<{ hint?: Hint }>("POST", `/persons/${person}/face/framing`, jpeg))
          .catch(() => undefined);
        if (answer && source === of && !enrol.disabled)
          tell(
            stand,
            t(answer.hint ? `hint.${answer.hint}` : "widgets.framed"),
            answer.hint ? "warn" : "good",
          );
      }
      await pause(framingMs);
    }
  };
  const start = action(t("simulator.webcam"), said, async () => {
    await use(() => webcam(video), video).then(
      () => void frame(source!),
      () => tell(said, t("simulator.webcam-refused"), "warn"),
    );
  });
  const pick = action(t("simulator.picture"), said, () => Promise.resolve(file.click()));
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    file.value = "";
    if (chosen)
      void use(() => pictureFile(chosen, image), image).catch(() =>
        tell(said, t("simulator.not-a-picture"), "bad"),
      );
  });
  const enrol: HTMLButtonElement = action(
    t("desk.enrol"),
    said,
    async () => {
      const form = new FormData();
      for (let n = 0; n < (video.hidden ? 1 : frames); n++) {
        if (n > 0) await pause();
        form.append("frames", await source!.take(), "frame.jpg");
      }
      const done = await ask<{ quality: number; frames: number; used: number; needs_second_method: boolean }>(
        "PUT",
        `/persons/${person}/face`,
        form,
      );
      close();
      const quality = Math.round(done.quality * 100);
      const told = t("widgets.enrolled", { percent: quality, used: done.used, frames: done.frames });
      tell(
        said,
        done.needs_second_method ? `${told} ${t("desk.second-method")}` : told,
        done.needs_second_method ? "warn" : "good",
      );
    },
    "main",
  );
  enrol.hidden = true;
  const place = make(
    "div",
    { class: "enrolment stack" },
    make("h4", {}, t("desk.face")),
    make("p", { class: "soft small" }, t("widgets.framing")),
    view,
    stand,
    make("div", { class: "row" }, start, pick, file, enrol),
    said,
  );
  return { place, close };
}
