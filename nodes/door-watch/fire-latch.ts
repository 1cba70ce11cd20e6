import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { NodeAPI } from "node-red";

/** Remembers over restarts that a door is released by fire: a file that is there, or not. */
export class FireLatch {
  readonly #file: string | undefined;

  /** Without a data folder (a test, a bare Node-RED) it remembers nothing. */
  constructor(RED: Pick<NodeAPI, "settings">, door: string) {
    const settings = (RED.settings as unknown as { limen?: { data?: string } }).limen;
    const data = settings?.data ?? process.env.LIMEN_DATA;
    this.#file = data === undefined ? undefined : join(resolve(data), "fire", door);
  }

  get set(): boolean {
    return this.#file !== undefined && existsSync(this.#file);
  }

  /** Durable when it returns. @throws what the disk says */
  keep(fire: boolean): void {
    if (this.#file === undefined) return;
    if (!fire) {
      rmSync(this.#file, { force: true });
      return;
    }
    mkdirSync(dirname(this.#file), { recursive: true });
    for (const path of [this.#file, dirname(this.#file)]) {
      const handle = openSync(path, path === this.#file ? "a" : "r");
      fsyncSync(handle);
      closeSync(handle);
    }
  }
}
