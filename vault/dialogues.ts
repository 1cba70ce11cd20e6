import type { Talk } from "../core/devices/cards/ntag424/talk.ts";
import { LimenError } from "../core/errors.ts";
import { opaqueId } from "../core/ids.ts";

/** How a conversation with a card ended. */
export type Ended<T> = { result: T } | { error: unknown };

interface Open {
  talk: Talk<unknown>;
  reader: string;
  end(ended: Ended<unknown>): unknown;
  timer: NodeJS.Timeout;
  steps: number;
}

/** Either the next command for the card, or what the end came to. */
export type Step<A> = { dialogue: string; send: Buffer } | { over: A };

/** A card answers in milliseconds and a reader's retries take two seconds; a challenge older than this is stale. */
const patienceMs = 2500;
/** Writing a card that was torn away twice takes some sixty. */
const mostSteps = 128;
/** Readers of one site that talk at the same time. */
const mostOpen = 256;

/** Conversations with cards that are under way: one a node, each challenge answered once and in time. */
export class Dialogues {
  readonly #open = new Map<string, Open>();
  readonly #patienceMs: number;

  constructor(ms = patienceMs) {
    this.#patienceMs = ms;
  }

  /**
   * @param end told once how it ended; a card that went away is `card-torn`. Its answer is the step's
   */
  begin<T, A>(reader: string, talk: Talk<T>, end: (ended: Ended<T>) => Promise<A>): Promise<Step<A>> {
    for (const [id, other] of this.#open) if (other.reader === reader) this.drop(id);
    const [oldest] = this.#open.keys();
    if (this.#open.size >= mostOpen && oldest !== undefined) this.drop(oldest);
    const id = opaqueId("talk");
    const open: Open = { talk, reader, end: end as Open["end"], timer: this.#timer(id), steps: 0 };
    this.#open.set(id, open);
    return this.#go(id, open, () => talk.next()) as Promise<Step<A>>;
  }

  /** @throws LimenError `card-torn` when there is no such conversation, or no longer */
  answer(id: string, answer: Uint8Array): Promise<Step<unknown>> {
    const open = this.#open.get(id);
    if (!open) throw torn();
    return this.#go(id, open, () => open.talk.next(answer));
  }

  /** The card is gone. */
  drop(id: string): void {
    const open = this.#open.get(id);
    if (!open) return;
    this.#close(id, open);
    const end = async (): Promise<unknown> => await open.end({ error: torn() });
    end().catch(() => undefined); // nobody is left to be told
  }

  get size(): number {
    return this.#open.size;
  }

  async #go(id: string, open: Open, move: () => IteratorResult<Buffer, unknown>): Promise<Step<unknown>> {
    clearTimeout(open.timer);
    const next = advance(open, move);
    if ("send" in next) {
      open.timer = this.#timer(id);
      return { dialogue: id, send: next.send };
    }
    this.#close(id, open);
    return { over: await open.end(next) };
  }

  #close(id: string, { timer }: Open): void {
    clearTimeout(timer);
    this.#open.delete(id);
  }

  #timer(id: string): NodeJS.Timeout {
    return setTimeout(() => this.drop(id), this.#patienceMs).unref();
  }
}

function advance(open: Open, move: () => IteratorResult<Buffer, unknown>): { send: Buffer } | Ended<unknown> {
  try {
    const step = move();
    if (step.done) return { result: step.value };
    return ++open.steps > mostSteps ? { error: torn() } : { send: step.value };
  } catch (error) {
    return { error };
  }
}

const torn = (): LimenError => new LimenError("card-torn", { status: 409 });
