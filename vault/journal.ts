import { createHash } from "node:crypto";
import { replaceFile } from "../core/store/replace-file.ts";

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
    replaceFile(this.#path, text);
    this.#written = orders;
  }
}
