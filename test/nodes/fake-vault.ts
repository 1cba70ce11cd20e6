import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { errorCode, LimenError } from "../../core/errors.ts";
import { timeId } from "../../core/ids.ts";
import { parse } from "../../core/schema.ts";
import type { Verb } from "../../vault/protocol/common.ts";
import {
  type Answer,
  type Request,
  type VaultEvent,
  type VerbName,
  verbs,
} from "../../vault/protocol/index.ts";
import { encodePacket, onPackets } from "../../vault/wire.ts";

type Handler<V extends VerbName> = (request: Request<V>, blobs: Buffer[]) => Answer<V> | Promise<Answer<V>>;

export interface Asked {
  verb: VerbName;
  request: Record<string, unknown>;
}

/**
 * A vault for node tests: a real socket, the real protocol, every request and answer checked against its schema, and
 * answers the test decides. An undecided verb answers `verb-unknown`.
 */
export class FakeVault {
  readonly socket: string;
  /** What was asked, oldest first. */
  readonly asked: Asked[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "limen-fake-"));
  readonly #handlers = new Map<string, Handler<never>>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor() {
    this.socket = join(this.#folder, "vault.sock");
    this.answer("configure", () => ({ faceArmed: true, relaysArmed: true }));
    this.answer("change.record", () => ({ id: 0, origin: "limen.test/log" }));
    this.answer("change.forget", () => ({ forgotten: 0 }));
    this.answer("change.list", () => ({ waiting: [], changes: [] }));
    this.answer("event", () => ({ index: 0, origin: "limen.test/log" }));
    this.answer("level", () => ({}));
    this.answer("reader.pairing", () => ({ index: 0, origin: "limen.test/log" }));
  }

  /** Decides what a verb answers; a thrown LimenError travels as the vault's own would. */
  answer<V extends VerbName>(verb: V, handler: Handler<V>): this {
    this.#handlers.set(verb, handler as Handler<never>);
    return this;
  }

  /** Requests of one verb so far. */
  requests<V extends VerbName>(verb: V): Request<V>[] {
    return this.asked.filter((asked) => asked.verb === verb).map((asked) => asked.request as Request<V>);
  }

  /** Door events so far, without what nodes find well when they start. */
  happened(): Request<"event">[] {
    return this.requests("event").filter(({ settles }) => !settles);
  }

  /** What the vault would have recorded of the readers' levels: `<door> reader-silent <name>`, `… reader-back …`. */
  get readerNews(): string[] {
    const lives = new Map<string, boolean>();
    return this.requests("level").flatMap(({ door, reader }) => {
      if (!reader) return [];
      const key = `${door} ${reader.name}`;
      const before = lives.get(key) ?? true;
      lives.set(key, reader.alive);
      return before === reader.alive
        ? []
        : [`${door} ${reader.alive ? "reader-back" : "reader-silent"} ${reader.name}`];
    });
  }

  broadcast(event: VaultEvent): void {
    for (const socket of this.#sockets) socket.write(encodePacket(event));
  }

  async start(): Promise<this> {
    const server = createServer((socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
      onPackets(socket, ({ json, blobs }) => {
        void this.#reply(json as { id: number; verb: string; request: unknown }, blobs).then((reply) => {
          if (!socket.destroyed) socket.write(encodePacket(reply));
        });
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.socket, resolve));
    return this;
  }

  /** Goes away as a killed vault does: connections cut, nothing listens. `start` brings it back. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    this.#server = undefined;
    if (server) await new Promise((resolve) => server.close(resolve));
    rmSync(this.socket, { force: true });
  }

  /** `stop`, and the folder too. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #reply({ id, verb, request }: { id: number; verb: string; request: unknown }, blobs: Buffer[]) {
    try {
      const handler = this.#handlers.get(verb) as
        | ((request: unknown, blobs: Buffer[]) => unknown)
        | undefined;
      const spec: Verb | undefined = verbs[verb as VerbName];
      if (!spec) throw new LimenError("verb-unknown");
      const checked = parse(spec.request, request);
      this.asked.push({ verb: verb as VerbName, request: checked as Record<string, unknown> });
      if (!handler) throw new LimenError("verb-unknown");
      return { id, answer: parse(spec.answer, await handler(checked, blobs), "fake-vault-answer") };
    } catch (error) {
      if (!(error instanceof LimenError) || error.code === "fake-vault-answer")
        console.error("fake vault:", error);
      const { field, params, status } = error as LimenError;
      return { id, error: { code: errorCode(error), ...(field ? { field } : {}), params, status } };
    }
  }
}

/** An attempt as the vault would answer it. */
export const attemptOf = (fields: Partial<EntryAttempt> = {}): EntryAttempt => ({
  id: timeId(),
  door: "gate-1",
  site: "site-1",
  method: "card",
  at: "2026-11-24T08:00:00+08:00",
  person: "person_0000000000000001",
  credential: "cred_0000000000000001",
  assurance: "clonable",
  checks: [],
  outcome: "pending",
  ...fields,
});
