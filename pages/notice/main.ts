import { ask, Problem } from "../shared/api.ts";
import { byId, make, sentenceOf } from "../shared/dom.ts";
import { showText } from "../shared/text.ts";
import { currentLanguage, onLanguage, startWords, t } from "../shared/words.ts";

await startWords("notice");

const door = location.pathname.split("/").filter(Boolean)[1] ?? "";

byId("print").addEventListener("click", () => print());
await show();
onLanguage(() => void show());

/** What is told at this door, in the reader's language, all of it generated from the deployed flow. */
async function show(): Promise<void> {
  await Promise.all([showFace(), showEntry()]);
}

/** What everybody is told who enters without a face. */
async function showEntry(): Promise<void> {
  const place = byId("entry");
  try {
    const { text } = await ask<{ text: string }>("GET", `/notices/entry?language=${currentLanguage()}`);
    showText(place, text, 2);
  } catch (error) {
    place.replaceChildren(make("p", {}, sentenceOf(error)));
  }
}

/** The notice in force for a face at this door. */
async function showFace(): Promise<void> {
  const place = byId("notice");
  try {
    const query = `method=face&door=${door}&language=${currentLanguage()}`;
    const notice = await ask<{ text: string; version: string; hash: string }>(
      "GET",
      `/notices/current?${query}`,
    );
    showText(place, notice.text, 1);
    document.title = place.querySelector("h1")?.textContent ?? t("notice.title");
    byId("version").replaceChildren(
      t("notice.version", { version: notice.version }),
      make("br"),
      t("notice.fingerprint", { hash: notice.hash }),
    );
  } catch (error) {
    const none = error instanceof Problem && error.status === 404;
    place.replaceChildren(
      make("h1", {}, t("notice.title")),
      make("p", {}, none ? t("notice.none") : sentenceOf(error)),
    );
    byId("version").textContent = "";
  }
}
