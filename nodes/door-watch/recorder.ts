import type { Request } from "../../vault/protocol/index.ts";
import { ask } from "../lib/ask.ts";
import { registry } from "../lib/registry.ts";
import type { NodeContext } from "../lib/types.ts";

type Event = Request<"event">;

/** A node, or whoever else has a vault and a place to complain at. */
type Speaks = Pick<NodeContext<unknown>, "vault" | "fail">;

/** Events kept for a vault that is away; a door that makes more has a fault, not a story. */
const most = 200;

/**
 * Puts a door's events on the record in their order. What has happened has happened: while the vault is away they wait,
 * loudly, and nothing at the door waits for them.
 */
export class Recorder {
  readonly #context: Speaks;
  readonly #waiting: Event[] = [];
  readonly #again = (): void => this.#write();
  #writing = false;

  constructor(context: Speaks) {
    this.#context = context;
    context.vault.on("up", this.#again);
    registry.on("configured", this.#again);
  }

  put(event: Event): void {
    this.#waiting.push(event);
    if (this.#waiting.length > most) this.#waiting.shift();
    this.#write();
  }

  close(): void {
    this.#context.vault.off("up", this.#again);
    registry.off("configured", this.#again);
  }

  #write(): void {
    if (this.#writing) return;
    this.#writing = true;
    this.#drain()
      .catch((error) => this.#context.fail(error))
      .finally(() => {
        this.#writing = false;
      });
  }

  async #drain(): Promise<void> {
    for (let event = this.#waiting[0]; event; event = this.#waiting[0]) {
      await ask(this.#context, "event", event);
      if (this.#waiting[0] === event) this.#waiting.shift();
    }
  }
}
