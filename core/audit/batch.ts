import { LimenError } from "../errors.ts";
import type { LogEntry, Recorded } from "./types.ts";

/** Most entries in one commit. */
const most = 512;

interface Waiting {
  entry: LogEntry;
  resolve(recorded: Recorded): void;
  reject(error: Error): void;
}

/**
 * Group commit: entries that come within a few milliseconds share one transaction, so one sync of the disk. Each caller
 * hears of its own entry, after the commit.
 */
export class Batch {
  readonly #waitMs: number;
  readonly #commit: (entries: readonly LogEntry[]) => (Recorded | Error)[];
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(waitMs: number, commit: (entries: readonly LogEntry[]) => (Recorded | Error)[]) {
    this.#waitMs = waitMs;
    this.#commit = commit;
  }

  add(entry: LogEntry): Promise<Recorded> {
    if (this.#closed) return Promise.reject(new LimenError("log-failed", { status: 503, message: "closed" }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ entry, resolve, reject });
      if (this.#waiting.length >= most) this.#flush();
      else this.#timer ??= setTimeout(() => this.#flush(), this.#waitMs);
    });
  }

  /** Commits what waits, and takes no more. */
  close(): void {
    this.#closed = true;
    this.#flush();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#waiting;
    if (batch.length === 0) return;
    this.#waiting = [];
    const results = this.#commit(batch.map(({ entry }) => entry));
    batch.forEach(({ resolve, reject }, at) => {
      const result = results[at]!;
      if (result instanceof Error) reject(result);
      else resolve(result);
    });
  }
}
