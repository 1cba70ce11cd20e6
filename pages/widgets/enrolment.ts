import { ask } from "../shared/api.ts";
import { make, tell } from "../shared/dom.ts";
import { type PictureSource, pictureFile, webcam } from "../shared/picture.ts";
import { t } from "../shared/words.ts";
import { action, sayHere } from "./kit.ts";

/** A webcam moves a little between these; a picture file is one picture however often it is sent. */
const frames = 5;
const pause = () => new Promise((resolve) => setTimeout(resolve, 250));

/**
 * The camera of this desk with a frame for the face, and what came of the pictures. They go to the vault once, when the
 * button is pressed, and are kept nowhere.
 */
export function enrolment(person: string): { place: HTMLElement; close(): void } {
  const said = sayHere();
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
  };
  const use = async (open: () => Promise<PictureSource>, shown: HTMLElement) => {
    close();
    source = await open();
    view.hidden = shown.hidden = enrol.hidden = false;
    enrol.focus();
  };
  const start = action(t("simulator.webcam"), said, async () => {
    await use(() => webcam(video), video).catch(() => tell(said, t("simulator.webcam-refused"), "warn"));
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
    make("div", { class: "row" }, start, pick, file, enrol),
    said,
  );
  return { place, close };
}
