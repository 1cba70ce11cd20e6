import { type Language, sentence } from "../words.ts";
import type { ProcessorView } from "./processors.ts";

/** What papers say of a processor: those parts of its entry on the register that people are told. */
export type Recipient = Pick<
  ProcessorView,
  "name" | "role" | "contact" | "purpose" | "method" | "data" | "until" | "ended"
>;

/** Processors that work on people's data: not ended, and with data of people at all. */
export const working = <R extends Pick<Recipient, "ended" | "data">>(register: readonly R[]): R[] =>
  register.filter(({ ended, data }) => ended === undefined && data.length > 0);

/** One processor in a line: name, contact, purpose, method, data, until when (PIPL 17, 21, 23; GDPR 13(1)(e)). */
export function recipientLine(
  { name, contact, purpose, method, data, until }: Recipient,
  language: Language,
): string {
  const say = (key: string, params?: Record<string, string>) => sentence(language, `rights.${key}`, params);
  const kinds = data.map((kind) => say(`data-${kind}`)).join(say("comma"));
  return say("notice-processor", { name, contact, purpose, method, data: kinds, until });
}

/**
 * What a notice says of who else gets data, a line each: that nobody does, or who works on them.
 * @param nobody what it says when the register has none
 */
export function recipientLines(register: readonly Recipient[], language: Language, nobody: string): string[] {
  const those = working(register);
  if (those.length === 0) return [nobody];
  return [
    sentence(language, "rights.notice-recipients"),
    ...those.map((one) => `- ${recipientLine(one, language)}`),
  ];
}
