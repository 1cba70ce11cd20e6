import type { EntryAttempt } from "../../entry/attempt.ts";
import texts from "./reader-texts.json" with { type: "json" };
import type { Capability } from "./replies.ts";
import { capabilityCodes } from "./replies.ts";
import type { Request } from "./requests.ts";

/** The line that every display has (v2.2, table for function code 6: 16 characters and more). */
export const displayWidth = 16;
/** Over by itself, no wrapping. */
const temporary = 3;

const written: Readonly<Record<string, Readonly<Record<string, string>>>> = texts;

/**
 * What a reader with a display shows of an attempt: one of a closed list, so that nothing else can ever stand there
 * (RD-41). OSDP writes printable ASCII alone (v2.2, 6.12): whoever reads a language that it cannot write gets light and
 * sound, and the words at the door's own screen.
 * @param language of the person; undefined for a stranger
 */
export function displayed(
  { outcome, code }: Pick<EntryAttempt, "outcome" | "code">,
  capabilities: readonly Capability[],
  language = "en-US",
  { reader = 0, seconds = 3 } = {},
): Request | undefined {
  const can = capabilities.some(
    ({ code, level, items }) => code === capabilityCodes.text && level > 0 && items > 0,
  );
  const list = written[language];
  if (!can || !list || outcome === "pending") return undefined;
  const text = list[code ?? outcome] ?? list[outcome];
  return text === undefined
    ? undefined
    : { kind: "text", reader, mode: temporary, seconds, row: 1, column: 1, text };
}
