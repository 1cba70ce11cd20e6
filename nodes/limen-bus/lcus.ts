import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../core/clock.ts";
import { LimenError } from "../../core/errors.ts";
import { BusState, type OpenBus } from "./bus.ts";
import {
  type KeeperAnswer,
  type KeeperOrder,
  type KeeperSettings,
  longestWaitMs,
} from "./keeper-protocol.ts";

const keeperFile = fileURLToPath(new URL(`./keeper${extname(import.meta.url)}`, import.meta.url));
/** A keeper that dies is started again after this. */
const restartMs = 500;
/** Longer than the keeper's own patience with a line: past this it is not going to answer. */
const answerMs = 3000;

/** It needs no secret of ours; Windows needs its own folder to start anything. */
const environment = Object.fromEntries(
  ["PATH", "SystemRoot"].flatMap((name) =>
    process.env[name] === undefined ? [] : [[name, process.env[name]]],
  ),
);

type Ordered = KeeperOrder extends infer Order
  ? Order extends { n: number }
    ? Omit<Order, "n">
    : never
  : never;

const failed = (): LimenError => new LimenError("relay-failed", { status: 502 });

/** A board of LCUS relays, held by a process of its own: see `keeper.ts`. */
export class LcusBus implements OpenBus {
  readonly #settings: Omit<KeeperSettings, "held">;
  /** For the next keeper, should this one die. */
  readonly #held: Set<number>;
  readonly #state = new BusState();
  readonly #waiting = new Map<number, (ok: boolean) => void>();
  #keeper: ChildProcess | undefined;
  #next = 1;
  #restart: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ held = [], ...settings }: Omit<KeeperSettings, "held"> & Partial<KeeperSettings>) {
    this.#settings = settings;
    this.#held = new Set(held);
  }

  open(): this {
    const settings: KeeperSettings = { ...this.#settings, held: [...this.#held] };
    const keeper = fork(keeperFile, [JSON.stringify(settings)], {
      execArgv: [],
      env: environment,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#keeper = keeper;
    keeper.on("message", (answer: KeeperAnswer) => {
      if ("up" in answer) this.#state.set(answer.up);
      else this.#settle(answer.n, answer.ok);
    });
    keeper.on("error", () => undefined); // could not be started: `exit` or the missing answer says so
    keeper.on("exit", () => this.#lost());
    return this;
  }

  get up(): boolean {
    return this.#state.up;
  }

  onState(listener: (up: boolean) => void): () => void {
    return this.#state.on(listener);
  }

  async pulse(_unit: number, channel: number, ms: number): Promise<void> {
    const before = systemClock.monotonic() + longestWaitMs;
    if (!this.up || !(await this.#order({ do: "pulse", channel, ms, before }))) throw failed();
  }

  async off(_unit: number, channel: number): Promise<void> {
    await this.#order({ do: "off", channel });
  }

  async hold(_unit: number, channel: number): Promise<void> {
    this.#held.add(channel);
    if (!(await this.#order({ do: "hold", channel }))) throw failed();
  }

  async free(_unit: number, channel: number): Promise<void> {
    this.#held.delete(channel);
    await this.#order({ do: "free", channel });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#restart);
    const keeper = this.#keeper;
    if (!keeper || keeper.exitCode !== null) return;
    const gone = new Promise<void>((resolve) => keeper.once("exit", () => resolve()));
    await this.#order({ do: "close" });
    const late = setTimeout(() => keeper.kill("SIGKILL"), answerMs);
    await gone;
    clearTimeout(late);
  }

  /** Answers whether the keeper did it. */
  #order(order: Ordered): Promise<boolean> {
    const keeper = this.#keeper;
    if (!keeper?.connected) return Promise.resolve(false);
    const n = this.#next++;
    return new Promise((resolve) => {
      const late = setTimeout(() => this.#settle(n, false), answerMs);
      this.#waiting.set(n, (ok) => {
        clearTimeout(late);
        resolve(ok);
      });
      keeper.send({ ...order, n }, (error) => {
        if (error) this.#settle(n, false);
      });
    });
  }

  #settle(n: number, ok: boolean): void {
    const answer = this.#waiting.get(n);
    this.#waiting.delete(n);
    answer?.(ok);
  }

  #lost(): void {
    this.#keeper = undefined;
    for (const n of [...this.#waiting.keys()]) this.#settle(n, false);
    this.#state.set(false);
    if (!this.#closed) this.#restart = setTimeout(() => this.open(), restartMs);
  }
}
