import { LimenError } from "../../core/errors.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { ask } from "../lib/ask.ts";
import { registry } from "../lib/registry.ts";
import type { NodeContext } from "../lib/types.ts";

type Event = Request<"event">;
type Level = Request<"level">;
type Told = { verb: "event"; request: Event } | { verb: "level"; request: Level };

/** A node, or whoever else has a vault and a place to complain at. */
type Speaks = Pick<NodeContext<unknown>, "vault" | "fail">;

/** Events kept for a vault that is away; a door that makes more has a fault, not a story. */
const most = 200;

/**
 * Puts a door's events on the record, and tells its levels, in their order. What has happened has happened: while the vault is away they wait,
 * loudly, and nothing at the door waits for them.
 */
export class Recorder {
  readonly #context: Speaks;
  readonly #waiting: Told[] = [];
  readonly #again = (): void => this.#write();
  readonly #configured: () => void;
  #writing = false;

  /**
   * @param levels tells what stands now, by `level`: called whenever a vault has taken the flow, because one that has just
   *   started knows nothing of it
   */
  constructor(context: Speaks, levels: () => void = () => undefined) {
    this.#context = context;
    this.#configured = () => {
      levels();
      this.#write();
    };
    context.vault.on("up", this.#again);
    registry.on("configured", this.#configured);
  }

  put(request: Event): void {
    this.#add({ verb: "event", request });
  }

  /** What stands now; it may be told again and again. */
  level(request: Level): void {
    this.#add({ verb: "level", request });
  }

  #add(told: Told): void {
    this.#waiting.push(told);
    if (this.#waiting.length > most) this.#waiting.shift();
    this.#write();
  }

  close(): void {
    this.#context.vault.off("up", this.#again);
    registry.off("configured", this.#configured);
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
    for (let told = this.#waiting[0]; told; told = this.#waiting[0]) {
      try {
        if (told.verb === "event") await ask(this.#context, "event", told.request);
        else await ask(this.#context, "level", told.request);
      } catch (error) {
        // a door that is in the flow no more is told of no more, and what waits behind it is
        if (!(error instanceof LimenError && error.code === "unknown-door")) throw error;
      }
      if (this.#waiting[0] === told) this.#waiting.shift();
    }
  }
}
