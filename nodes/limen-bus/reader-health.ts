import type { Method } from "../../core/entry/attempt.ts";
import type { VaultClient } from "../../vault/client.ts";
import { Recorder } from "../door-watch/recorder.ts";
import { registry } from "../lib/registry.ts";

/** Somebody who relies on a reader. */
interface Use {
  door: string;
  /** Ways in that fall with it. */
  ways: readonly Method[];
}

/**
 * Tells of one reader's life, once to each door that relies on it, however many nodes there do: as a level, so that
 * nothing is lost while the vault is away and nothing stale stands after a restart.
 */
export class ReaderHealth {
  readonly #name: string;
  readonly #uses = new Set<Use>();
  readonly #recorder: Recorder;
  /** Undefined until it is known. */
  #alive: boolean | undefined;
  #closed = false;

  /** @param name as the record calls it: kind, address, line */
  constructor(context: { vault: VaultClient; fail(error: unknown): void }, name: string) {
    this.#name = name.slice(0, 64);
    this.#recorder = new Recorder(context, () => this.#tell([...this.#uses]));
  }

  /** A node of a door relies on it. @returns takes that back */
  use(door: string, ways: readonly Method[] = []): () => void {
    const use = { door, ways };
    this.#uses.add(use);
    this.#tell([use]);
    const unwatch = registry.watch(this.#name, door, { readers: [this.#name] });
    return () => {
      unwatch();
      this.#uses.delete(use);
    };
  }

  /** Not known yet counts as alive: nobody has missed it. */
  get alive(): boolean {
    return this.#alive ?? true;
  }

  set alive(alive: boolean) {
    if (this.#closed || alive === this.#alive) return;
    this.#alive = alive;
    this.#tell([...this.#uses]);
  }

  /** Somebody was at it, or at its line. */
  tampered(detail: string): void {
    for (const door of this.#doors([...this.#uses])) this.#recorder.put({ door, kind: "tamper", detail });
  }

  close(): void {
    this.#closed = true;
    this.#recorder.close();
  }

  #tell(to: readonly Use[]): void {
    const alive = this.#alive;
    if (alive === undefined) return;
    for (const door of this.#doors(to)) {
      const ways = [
        ...new Set([...this.#uses].filter((use) => use.door === door).flatMap((use) => use.ways)),
      ];
      this.#recorder.level({ door, reader: { name: this.#name, alive, ways } });
    }
  }

  #doors = (uses: readonly Use[]): string[] => [...new Set(uses.map(({ door }) => door))];
}
