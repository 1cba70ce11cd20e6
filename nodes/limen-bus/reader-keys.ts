import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
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
import { LimenError } from "../../core/errors.ts";
import { credentialSecret } from "../host/first-run.ts";
import { keysOf } from "./osdp.ts";
import { openText, type Sealed, sealText } from "./sealed-text.ts";

/** What pairing gave, as the file keeps it. */
interface Given {
  /** Absent from when the node's own field holds it, on the disk. */
  key?: string;
  /** Hash of the key in the node's own field at that time; none: "". Another one there now was typed since. */
  field: string;
  identity?: Identity;
}
type All = Record<string, Given>;

const hashOf = (key: Buffer | undefined): string =>
  key ? createHash("sha256").update(key).digest("hex") : "";

/**
 * The keys of one line's readers: those in the node's encrypted field, and those that pairing gave. Node-RED writes its
 * credentials with the next deploy only, and a reader that lost power with its new key would be lost until then; so a
 * given key is in a file of the data folder before the reader hears of it, under the secret Node-RED's own credentials
 * are under, and leaves it when the field has it.
 */
export class ReaderKeys {
  readonly #file: string | undefined;
  readonly #secret: () => string;
  readonly #bus: string;
  readonly #typed: Map<number, Buffer>;
  #given: All;

  /**
   * @param text the node's encrypted field
   * @throws LimenError `osdp-keys-form`; `osdp-keys-sealed` for a file that another secret sealed, or that was changed; what
   *   the disk says of one that cannot be read
   */
  constructor(RED: Pick<NodeAPI, "settings">, bus: string, text: string) {
    const settings = RED.settings as unknown as { limen?: { data?: string }; credentialSecret?: unknown };
    const data = settings.limen?.data ?? process.env.LIMEN_DATA;
    this.#bus = bus;
    this.#file = data === undefined ? undefined : join(resolve(data), "osdp", `${bus}.json`);
    const { credentialSecret: own } = settings;
    this.#secret = () => (typeof own === "string" && own !== "" ? own : credentialSecret(resolve(data!)));
    this.#typed = keysOf(text);
    const { given, plain } = this.#read();
    this.#given = this.#settled(given);
    if (plain || JSON.stringify(given) !== JSON.stringify(this.#given)) this.#write();
  }

  /** A key typed into the field after a pairing is the newer one. */
  of(address: number): { key?: Buffer; identity?: Identity } {
    const typed = this.#typed.get(address);
    const given = this.#given[address];
    const key = given?.key === undefined ? typed : Buffer.from(given.key, "hex");
    if (!given || !key || isNewer(typed, given)) return typed ? { key: typed } : {};
    return { key, ...(given.identity ? { identity: given.identity } : {}) };
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
    if (given?.key === undefined) return;
    // the field gets the key as well, in memory; on the disk it is with the next deploy
    this.#typed.set(address, Buffer.from(given.key, "hex"));
    this.#given = { ...this.#given, [address]: { ...given, ...(identity ? { identity } : {}) } };
    this.#write();
  }

  /** As the node's field holds them. */
  get text(): string {
    return [...this.#typed].map(([address, key]) => `${address}=${key.toString("hex")}`).join(" ");
  }

  /** Without keys that the field holds by now: it is written when a flow starts. Who the readers are stays known. */
  #settled(given: All): All {
    return Object.fromEntries(
      Object.entries(given).map(([address, one]) => {
        const typed = this.#typed.get(Number(address));
        const held = one.key !== undefined && typed?.toString("hex") === one.key;
        if (!held && !isNewer(typed, one)) return [address, one];
        const { key: _, ...rest } = one;
        return [address, held ? { ...rest, field: hashOf(typed) } : rest];
      }),
    );
  }

  /** @returns what is kept; `plain`: as it was before keys were sealed */
  #read(): { given: All; plain: boolean } {
    if (this.#file === undefined || !existsSync(this.#file)) return { given: {}, plain: false };
    const found = JSON.parse(readFileSync(this.#file, "utf8")) as All | Sealed;
    if (!isSealed(found)) return { given: found, plain: true };
    const text = openText(this.#secret(), this.#bus, found);
    if (text === undefined)
      throw new LimenError("osdp-keys-sealed", { params: { file: `osdp/${this.#bus}.json` } });
    return { given: JSON.parse(text) as All, plain: false };
  }

  #write(): void {
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
    if (Object.keys(this.#given).length === 0) rmSync(this.#file, { force: true });
    else {
      const next = `${this.#file}.next`;
      rmSync(next, { force: true });
      const sealed = sealText(this.#secret(), this.#bus, JSON.stringify(this.#given));
      writeFileSync(next, JSON.stringify(sealed), { mode: 0o600, flush: true });
      renameSync(next, this.#file);
    }
    const folder = openSync(dirname(this.#file), "r");
    fsyncSync(folder);
    closeSync(folder);
  }
}

/** Whether somebody typed another key into the field since this one was given. */
const isNewer = (typed: Buffer | undefined, { key, field }: Given): boolean =>
  typed !== undefined && hashOf(typed) !== field && typed.toString("hex") !== key;

const isSealed = (found: All | Sealed): found is Sealed => typeof found.sealed === "string";
