import type { EntryAttempt } from "../../core/entry/attempt.ts";
import type { Message } from "../lib/types.ts";

/**
 * The attempt that waits for its second way. One at a time: a newer one sends the older on as it is, and so does time,
 * for whoever decides later to refuse and record.
 */
export class WaitingAttempt {
  readonly #ms: number;
  readonly #sendOn: (message: Message) => void;
  #message: Message | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(ms: number, sendOn: (message: Message) => void) {
    this.#ms = ms;
    this.#sendOn = sendOn;
  }

  put(message: Message): void {
    this.#end();
    this.#message = message;
    this.#timer = setTimeout(() => this.#end(), this.#ms);
  }

  /** The attempt that waits, which from now on does not. */
  take(): { id: EntryAttempt["id"]; message: Message } | undefined {
    const message = this.#message;
    clearTimeout(this.#timer);
    this.#message = undefined;
    return message && { id: (message.payload as EntryAttempt).id, message };
  }

  #end(): void {
    const waited = this.take();
    if (waited) this.#sendOn(waited.message);
  }
}
