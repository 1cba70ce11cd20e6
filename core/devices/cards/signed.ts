import { LineSplitter } from "./lines.ts";
import { findSun } from "./ntag424/sun.ts";
import type { Found, ReaderParser } from "./reading.ts";

/**
 * Readers that send the text of a card or code as a line: out of it the URLs that NTAG 424 DNA cards sign. Anything else
 * on the line is not a card.
 */
export class SignedParser implements ReaderParser {
  readonly #lines = new LineSplitter({ maxLength: 1024, gapMs: 1000 });
  #other = 0;

  get rejected(): number {
    return this.#other + this.#lines.rejected;
  }

  get held(): number {
    return this.#lines.held;
  }

  get waitMs(): number | undefined {
    return this.#lines.waitMs;
  }

  push(bytes: Uint8Array, at: number): Found[] {
    return this.#lines.push(bytes, at).flatMap((line): Found[] => {
      const text = line.kind === "line" ? line.text.trim() : "";
      if (findSun(text)) return [{ kind: "signed", text }];
      this.#other++;
      return [];
    });
  }

  flush(at: number): Found[] {
    this.#lines.flush(at);
    return [];
  }
}
