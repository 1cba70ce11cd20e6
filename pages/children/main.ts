import { ask } from "../shared/api.ts";
import { byId, make, sentenceOf } from "../shared/dom.ts";
import { showText } from "../shared/text.ts";
import { onLanguage, startWords, t } from "../shared/words.ts";

await startWords("children", "rights");

byId("print").addEventListener("click", () => print());
await show();
onLanguage(() => void show());

/** The special rules for children's data (PIPL 31; Provisions on the Online Protection of Children's Personal Information 8). */
async function show(): Promise<void> {
  const place = byId("rules");
  try {
    const site = await ask<{
      site: string;
      controller: string;
      contact: string;
      guardian: number;
      days: number;
      channels: string[];
    }>("GET", "/rights");
    const { guardian: age, channels, ...params } = site;
    const parts = [
      "who",
      "what",
      "guardian",
      "refuse",
      "age",
      "see",
      "rights",
      "staff",
      "incident",
      "others",
    ];
    const text = [
      t("children.title-of", params),
      ...parts.flatMap((part, at) => [
        "",
        `${at + 1}. ${t(`children.${part}-head`, { age })}`,
        t(`children.${part}`, { ...params, age }),
      ]),
      "",
      `${parts.length + 1}. ${t("rights.channels")}`,
      ...channels.map((id) => `- ${t(`rights.channel-${id}`)}`),
    ];
    showText(place, text.join("\n"), 1);
    document.title = t("children.title");
  } catch (error) {
    place.replaceChildren(make("h1", {}, t("children.title")), make("p", {}, sentenceOf(error)));
  }
}
