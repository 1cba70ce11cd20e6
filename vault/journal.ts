import { createHash } from "node:crypto";
import { renameSync, writeFileSync } from "node:fs";

/**
 * The erasure journal beside the data: every erasure so far, signed, for a backup that is older than them. To be kept
 * wherever the backups are kept.
 */
export class Journal {
  readonly #path: string;
  readonly #text: () => string;
  #written = "";

  constructor(path: string, text: () => string) {
    this.#path = path;
    this.#text = text;
  }

  /** Writes it when it has changed; a write that fails is made up for by the next. */
  write(): void {
    const text = this.#text();
    const orders = createHash("sha256")
      .update(JSON.stringify((JSON.parse(text) as { orders: unknown }).orders))
      .digest("hex");
    if (orders === this.#written) return;
    writeFileSync(`${this.#path}.next`, text, { mode: 0o600 });
    renameSync(`${this.#path}.next`, this.#path);
    this.#written = orders;
  }
}
