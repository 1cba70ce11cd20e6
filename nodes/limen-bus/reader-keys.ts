import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { NodeAPI } from "node-red";
import type { Identity } from "../../core/devices/osdp/index.ts";
import { keysOf } from "./osdp.ts";

/** A key that pairing gave, as the file keeps it. */
interface Given {
  key: string;
  /** Hash of the key in the node's own field at that time; none: "". Another one there now was typed since. */
  field: string;
  identity?: Identity;
}

const hashOf = (key: Buffer | undefined): string =>
  key ? createHash("sha256").update(key).digest("hex") : "";

/**
 * The keys of one line's readers: those in the node's encrypted field, and those that pairing gave. Node-RED writes its
 * credentials with the next deploy only, and a reader that lost power with its new key would be lost until then; so a
 * given key is in a private file of the data folder before the reader hears of it, and in the field as well afterwards.
 */
export class ReaderKeys {
  readonly #file: string | undefined;
  readonly #typed: Map<number, Buffer>;
  #given: Record<string, Given>;

  /**
   * @param text the node's encrypted field
   * @throws LimenError `osdp-keys-form`; what the disk says of a file that is there and cannot be read
   */
  constructor(RED: Pick<NodeAPI, "settings">, bus: string, text: string) {
    const settings = (RED.settings as unknown as { limen?: { data?: string } }).limen;
    const data = settings?.data ?? process.env.LIMEN_DATA;
    this.#file = data === undefined ? undefined : join(resolve(data), "osdp", `${bus}.json`);
    this.#typed = keysOf(text);
    this.#given = this.#read();
  }

  /** A key typed into the field after a pairing is the newer one. */
  of(address: number): { key?: Buffer; identity?: Identity } {
    const typed = this.#typed.get(address);
    const given = this.#given[address];
    if (!given || (typed && hashOf(typed) !== given.field)) return typed ? { key: typed } : {};
    return {
      key: Buffer.from(given.key, "hex"),
      ...(given.identity ? { identity: given.identity } : {}),
    };
  }

  /**
   * Before the reader is told. Durable when it returns.
   * @returns puts back what was before, for a pairing that failed
   */
  keep(address: number, key: Buffer): () => void {
    const before = this.#given;
    this.#given = {
      ...before,
      [address]: { key: key.toString("hex"), field: hashOf(this.#typed.get(address)) },
    };
    this.#write();
    return () => {
      this.#given = before;
      this.#write();
    };
  }

  /** The reader has it, and this is who it was: another one under the same key will be an alarm. */
  done(address: number, identity: Identity | undefined): void {
    const given = this.#given[address];
    if (!given) return;
    // the field gets the key as well: what stands there is from now on this one
    const field = hashOf(Buffer.from(given.key, "hex"));
    this.#typed.set(address, Buffer.from(given.key, "hex"));
    this.#given = { ...this.#given, [address]: { ...given, field, ...(identity ? { identity } : {}) } };
    this.#write();
  }

  /** As the node's field holds them. */
  get text(): string {
    return [...this.#typed].map(([address, key]) => `${address}=${key.toString("hex")}`).join(" ");
  }

  #read(): Record<string, Given> {
    if (this.#file === undefined) return {};
    try {
      return JSON.parse(readFileSync(this.#file, "utf8")) as Record<string, Given>;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
      throw error;
    }
  }

  #write(): void {
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    const next = `${this.#file}.next`;
    rmSync(next, { force: true });
    writeFileSync(next, JSON.stringify(this.#given), { mode: 0o600, flush: true });
    renameSync(next, this.#file);
    const folder = openSync(dirname(this.#file), "r");
    fsyncSync(folder);
    closeSync(folder);
  }
}
