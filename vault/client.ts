import { EventEmitter } from "node:events";
import { connect, type Socket } from "node:net";
import { LimenError } from "../core/errors.ts";
import type { Answer, Request, VaultEvent, VerbName } from "./protocol/index.ts";
import { encodePacket, maxAnswer, onPackets } from "./wire.ts";

interface Waiting {
  resolve(answer: never): void;
  reject(error: Error): void;
  timer: NodeJS.Timeout;
}

/** What is put together in turns, doors first, takes the time it takes: this many times as long. */
const inTurns: ReadonlySet<VerbName> = new Set([
  "person.export",
  "disclosure.release",
  "evidence.pack",
  "log.coverage",
]);
const turnsLonger = 12;

export interface VaultClientOptions {
  /** Path of the Unix socket, or name of the Windows pipe. */
  socket: string;
  /** How long one call may take, ms. A look lasts up to 4.5 s, one with a challenge up to 7.5 s. */
  timeoutMs?: number;
}

/**
 * The way to the vault. Connects by itself, reconnects with a growing pause, and says so: `up` and `down` events, and
 * `event` for what the vault tells unasked. A call while it is away fails at once with `vault-away`: no queue, because
 * an answer that comes late must not open a door.
 */
export class VaultClient extends EventEmitter<{ up: []; down: []; event: [VaultEvent] }> {
  readonly #options: Required<VaultClientOptions>;
  readonly #waiting = new Map<number, Waiting>();
  #socket: Socket | undefined;
  #up = false;
  #next = 1;
  #pause = 100;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: VaultClientOptions) {
    super();
    this.setMaxListeners(0); // every node listens
    this.#options = { timeoutMs: 10_000, ...options };
  }

  get up(): boolean {
    return this.#up;
  }

  /** Starts connecting; returns at once. */
  open(): this {
    this.#connect();
    return this;
  }

  /** Resolves when connected. @throws LimenError `vault-away` after `ms` */
  async ready(ms = 10_000): Promise<void> {
    if (this.#up) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.off("up", arrived);
        reject(new LimenError("vault-away", { status: 503 }));
      }, ms);
      const arrived = () => {
        clearTimeout(timer);
        resolve();
      };
      this.once("up", arrived);
    });
  }

  /**
   * Asks one verb. `blobs` ride beside the message (pictures in; nothing comes back that way).
   * @throws LimenError with the vault's code, or `vault-away`, or `vault-timeout`
   */
  call<V extends VerbName>(verb: V, request: Request<V>, blobs: readonly Buffer[] = []): Promise<Answer<V>> {
    const socket = this.#socket;
    if (!socket || !this.#up) return Promise.reject(new LimenError("vault-away", { status: 503 }));
    const id = this.#next++;
    const ms = this.#options.timeoutMs * (inTurns.has(verb) ? turnsLonger : 1);
    return new Promise<Answer<V>>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new LimenError("vault-timeout", { status: 504 }));
      }, ms);
      this.#waiting.set(id, { resolve, reject, timer });
      const packet = encodePacket({ id, verb, request }, blobs);
      // pictures ride in it: they go with it
      socket.write(packet, () => blobs.length > 0 && packet.fill(0));
    });
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#socket?.destroy();
    this.#lost();
  }

  #connect(): void {
    if (this.#closed) return;
    const socket = connect(this.#options.socket);
    this.#socket = socket;
    socket.on("connect", () => {
      this.#up = true;
      this.#pause = 100;
      this.emit("up");
    });
    onPackets(
      socket,
      ({ json }) => this.#take(json as { id?: number; error?: ErrorBody; answer?: never }),
      maxAnswer,
    );
    socket.on("error", () => undefined); // the close that follows says it
    socket.on("close", () => {
      this.#lost();
      if (this.#closed) return;
      this.#retry = setTimeout(() => this.#connect(), this.#pause);
      this.#pause = Math.min(this.#pause * 2, 2000);
    });
  }

  #take(reply: { id?: number; error?: ErrorBody; answer?: never }): void {
    if (reply.id === undefined) {
      this.emit("event", reply as unknown as VaultEvent);
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    if (!waiting) return; // answered after its time-out
    this.#waiting.delete(reply.id);
    clearTimeout(waiting.timer);
    if (reply.error) {
      const { code, ...rest } = reply.error;
      waiting.reject(new LimenError(code, rest));
    } else waiting.resolve(reply.answer as never);
  }

  #lost(): void {
    const was = this.#up;
    this.#up = false;
    for (const [id, { reject, timer }] of this.#waiting) {
      this.#waiting.delete(id);
      clearTimeout(timer);
      reject(new LimenError("vault-away", { status: 503 }));
    }
    if (was) this.emit("down");
  }
}

interface ErrorBody {
  code: string;
  field?: string;
  params?: Record<string, string | number>;
  status?: number;
}
