import { sentence } from "../../words.ts";
import type { SiteFacts } from "./facts.ts";
import type { Speaker } from "./words.ts";

/** Each class of data that a running rule ends, and after how many days; first row: the headings. */
export const retentionTable = ({ retention }: SiteFacts, say: Speaker): string[][] => [
  [say("flow.stores.data"), say("flow.stores.time")],
  ...retention.map((rule) => [
    sentence(say.language, `data.${rule.class}`),
    say("flow.time.days", { days: rule.days }),
  ]),
];
