import { LimenError } from "../../core/errors.ts";
import type { Message } from "../lib/types.ts";

/** What a push button sends when it is let go, or at rest: not an act. */
const released = new Set(["", "0", "off", "false", "released", "release", "up"]);

/**
 * The deliberate act in a message from a push button: its topic must be one the installer named, and it must say
 * "pressed". The act's id is the message's own, so a message that goes round in a flow asks only once.
 * @returns undefined when the button was only let go
 * @throws LimenError `not-an-act` for anything else: a timer, motion, a stream
 */
export function buttonAct(message: Message, buttons: readonly string[]): string | undefined {
  const { topic, payload } = message;
  const plain = ["string", "number", "boolean"].includes(typeof payload);
  if (typeof topic !== "string" || !buttons.includes(topic) || !plain || !message._msgid) {
    throw new LimenError("not-an-act");
  }
  return released.has(String(payload).trim().toLowerCase()) ? undefined : `${message._msgid}`.slice(0, 64);
}
