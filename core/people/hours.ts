import { WeekSpan } from "../entry/rule.ts";
import { type Static, Type } from "../schema.ts";

/** Hours of one card or code, in the site's time zone: it opens only in these, and only while the door is open too. */
export const CredentialHours = Type.Array(WeekSpan, {
  minItems: 1,
  maxItems: 20,
  description: "stretches of the week; an end before its start runs over midnight",
});
export type CredentialHours = Static<typeof CredentialHours>;
