import { type Recipient, recipientLine, working } from "../../rights/recipients.ts";
import type { Language } from "../../words.ts";
import type { Document, Part } from "./document.ts";
import type { SiteFacts } from "./facts.ts";
import { controllerLines } from "./notice.ts";
import { speaker } from "./words.ts";

/**
 * The record of processing (PIPL 55, GDPR 30): one part an activity, made from the flow.
 * @param register processors of the site, as the vault's register has them
 */
export function processingRecord(
  site: SiteFacts,
  hash: string,
  language: Language,
  register: readonly Recipient[] = [],
): Document {
  const say = speaker(language);
  const faces = site.doors.filter(({ face }) => face);
  const doors = say.list(faces.map(({ name }) => name));
  const recipients = working(register).map((one) => recipientLine(one, language));
  const activity = (name: "face" | "entry"): Part => ({
    heading: say(`record.activity.${name}`),
    table: [
      [say("record.item"), say("record.entry")],
      [say("record.controller"), controllerLines(site, say).join(" ")],
      [
        say("record.purpose"),
        name === "face" ? say("notice.purpose", { doors }) : say("record.purpose.entry"),
      ],
      [say("record.people"), say(`record.people.${name}`)],
      [say("record.data"), say(`record.data.${name}`)],
      [say("record.basis"), say(`record.basis.${name}`)],
      [say("record.recipients"), recipients.join("; ") || say("none")],
      [
        say("record.retention"),
        name === "face"
          ? say(`notice.retention.${site.pack.id}`, { days: site.eventDays })
          : say("flow.time.days", { days: site.eventDays }),
      ],
      [say("record.security"), say("record.security.text")],
    ],
  });
  return {
    language,
    title: say("record.title", { site: site.name }),
    ...(site.demonstration ? { mark: say("demonstration") } : {}),
    parts: [
      ...(faces.length > 0 ? [activity("face")] : []),
      activity("entry"),
      { heading: say("flow-hash"), paragraphs: [hash] },
    ],
  };
}
