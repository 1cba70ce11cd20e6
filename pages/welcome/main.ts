import { ask } from "../shared/api.ts";
import { byId, sentenceOf, tell } from "../shared/dom.ts";
import { onLanguage, startWords, t } from "../shared/words.ts";

await startWords("welcome");
await show();
onLanguage(() => void show());

async function show(): Promise<void> {
  try {
    const { status } = await ask<{ status: string }>("GET", "/health");
    tell(byId("status"), t(`welcome.status-${status}`), status === "ok" ? "good" : "warn");
  } catch (error) {
    tell(byId("status"), sentenceOf(error), "bad");
  }
}
