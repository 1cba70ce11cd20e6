import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../core/store/replace-file.ts";
import { flowHash } from "../lib/flow-hash.ts";

/** Deploys of months, at a site that is being built; a flow of fifty doors takes some 100 kB. */
const most = 50;
const named = /^([0-9a-f]{64})\.json$/;

/**
 * The flows that were deployed, by their hash, so that an earlier one can be brought back (RD-50). Files of the data folder,
 * readable by its user alone; flows hold no secrets.
 */
export class FlowVersions {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Keeps a deployed flow, and lets the one longest not deployed go when there are more than fifty. */
  keep(flow: readonly object[]): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    replaceFile(this.#file(flowHash(flow)), `${JSON.stringify(flow)}\n`);
    const deployed = (hash: string): number => statSync(this.#file(hash)).mtimeMs;
    const oldestFirst = [...this.hashes()].sort((a, b) => deployed(a) - deployed(b));
    for (const hash of oldestFirst.slice(0, -most)) rmSync(this.#file(hash));
  }

  /** Hashes of the flows that are kept, lower-case hex. */
  hashes(): Set<string> {
    if (!existsSync(this.#folder)) return new Set();
    return new Set(readdirSync(this.#folder).flatMap((name) => named.exec(name)?.[1] ?? []));
  }

  /** @returns undefined where none of this hash is kept, or what lies there is another */
  read(hash: string): readonly object[] | undefined {
    if (!this.hashes().has(hash)) return undefined;
    try {
      const flow = JSON.parse(readFileSync(this.#file(hash), "utf8")) as object[];
      return Array.isArray(flow) && flowHash(flow) === hash ? flow : undefined;
    } catch {
      return undefined;
    }
  }

  #file(hash: string): string {
    return join(this.#folder, `${hash}.json`);
  }
}
