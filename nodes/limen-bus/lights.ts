import { displayed, type Feedback, feedback } from "../../core/devices/osdp/index.ts";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import type { VaultEvent } from "../../vault/protocol/index.ts";
import type { NodeContext } from "../lib/types.ts";
import type { Readers } from "./osdp.ts";

/** More attempts than this at one reader are not waiting for anything any more. */
const most = 8;
/** A card and its code may come from two nodes of one reader, and are shown once: `bus unit attempt`. */
const followed = new Set<string>();

/**
 * Shows the person at an OSDP reader what became of their attempt: amber while it is being decided, then green or red
 * with a sound, and in a word where it has a display. Lights end by themselves, and a reader that is away at that moment
 * is told nothing later.
 */
export class ReaderLights {
  readonly #context: NodeContext<{ bus: string; unit: number }>;
  readonly #waiting = new Set<string>();
  /** Refused and shown already: their words come with the record, which knows the person's language. */
  readonly #wordless = new Set<string>();
  readonly #hear = (event: VaultEvent): void => {
    if (event.event === "attempt") this.#ended(event.attempt, event.language);
  };

  constructor(context: NodeContext<{ bus: string; unit: number }>) {
    this.#context = context;
    context.vault.on("event", this.#hear);
  }

  /** An attempt this reader began, or took part in. */
  follow(attempt: EntryAttempt): void {
    if (attempt.outcome !== "pending") {
      this.#forget(attempt.id); // refused at once: the record of it is no news
      this.#show(attempt);
      remember(this.#wordless, attempt.id);
      return;
    }
    const key = this.#key(attempt.id);
    if (followed.has(key)) return;
    followed.add(key);
    this.#waiting.add(attempt.id);
    const [oldest] = this.#waiting;
    if (this.#waiting.size > most && oldest !== undefined) this.#forget(oldest);
    this.#tell("wait");
  }

  close(): void {
    this.#context.vault.off("event", this.#hear);
    for (const id of [...this.#waiting]) this.#forget(id);
  }

  #ended(attempt: EntryAttempt, language: string | undefined): void {
    if (attempt.outcome === "pending") return;
    if (this.#waiting.has(attempt.id)) {
      this.#forget(attempt.id);
      this.#show(attempt);
    } else if (!this.#wordless.delete(attempt.id)) return;
    this.#write(attempt, language);
  }

  /** In words, where the reader has a display and the language can be written there. */
  #write(attempt: EntryAttempt, language: string | undefined): void {
    const { bus, unit } = this.#context.config;
    const readers = this.#context.need<Readers>(bus);
    const request = displayed(attempt, readers.reader(unit).capabilities, language);
    if (request) readers.send(unit, request).catch(() => undefined);
  }

  #show({ outcome }: EntryAttempt): void {
    this.#tell(outcome === "granted" ? "granted" : "denied");
  }

  #tell(what: Feedback): void {
    const { bus, unit } = this.#context.config;
    const readers = this.#context.need<Readers>(bus);
    // a light is a courtesy: a reader that cannot show it still opens its door
    for (const request of feedback(what)) readers.send(unit, request).catch(() => undefined);
  }

  #forget(id: string): void {
    this.#waiting.delete(id);
    followed.delete(this.#key(id));
  }

  #key(id: string): string {
    const { bus, unit } = this.#context.config;
    return `${bus} ${unit} ${id}`;
  }
}

function remember(ids: Set<string>, id: string): void {
  ids.add(id);
  const [oldest] = ids;
  if (ids.size > most && oldest !== undefined) ids.delete(oldest);
}
