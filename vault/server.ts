import { chmodSync, mkdirSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { dirname } from "node:path";
import { errorCode, LimenError } from "../core/errors.ts";
import { awake } from "../core/people/awake.ts";
import { parse } from "../core/schema.ts";
import type { Actor, Handlers } from "./handlers.ts";
import { operatorAuth, type Verb } from "./protocol/common.ts";
import { type VaultEvent, type VerbName, verbs } from "./protocol/index.ts";
import { encodePacket, onPackets, type Packet } from "./wire.ts";

export interface ServerOptions {
  socket: string;
  operatorSocket: string;
  handlers: Handlers;
  /** Who a session or token is; asking it is no use of it, `session.check` says whether there was one. @throws LimenError `not-signed-in` */
  whoIs(auth: string): Actor;
  /** A fault of ours: code and verb, never the request. */
  onFault(verb: string, error: unknown): void;
}

/** The vault's two sockets: every request checked against its schema, its role and its answer's schema. */
export class VaultServer {
  readonly #options: ServerOptions;
  readonly #sockets = new Set<Socket>();
  readonly #servers: Server[] = [];

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  async listen(): Promise<void> {
    // the flow's socket is for one group in production; the operator's for the vault's own user alone
    await this.#open(this.#options.socket, 0o660, false);
    await this.#open(this.#options.operatorSocket, 0o600, true);
  }

  broadcast(event: VaultEvent): void {
    const packet = encodePacket(event);
    for (const socket of this.#sockets) socket.write(packet);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))));
  }

  async #open(path: string, mode: number, operator: boolean): Promise<void> {
    const file = process.platform !== "win32";
    if (file) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o750 });
      if (await answers(path))
        throw new LimenError("vault-running", { message: "another vault has this data folder" });
      rmSync(path, { force: true }); // what a crash left
    }
    const server = createServer((socket) => this.#accept(socket, operator));
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(path, resolve);
    });
    if (file) chmodSync(path, mode);
    this.#servers.push(server);
  }

  #accept(socket: Socket, operator: boolean): void {
    if (!operator) this.#sockets.add(socket);
    socket.on("error", () => undefined); // a peer that vanishes is ordinary
    socket.on("close", () => this.#sockets.delete(socket));
    onPackets(socket, (packet) => {
      void this.#serve(packet, operator).then((reply) => {
        if (!socket.destroyed) socket.write(encodePacket(reply));
      });
    });
  }

  /** Never rejects: whatever happens becomes an answer. */
  async #serve({ json, blobs }: Packet, operator: boolean): Promise<object> {
    const { id, verb, request } = (json ?? {}) as { id?: unknown; verb?: unknown; request?: unknown };
    const name = String(verb);
    try {
      if (!Object.hasOwn(verbs, name)) throw new LimenError("verb-unknown", { status: 404 });
      const spec: Verb = verbs[name as VerbName];
      const actor = this.#actor(spec, request, operator); // before anything else is said about the request
      const checked = parse(spec.request, request);
      const handle = this.#options.handlers[name as VerbName] as unknown as (
        request: unknown,
        call: { actor: Actor; blobs: Buffer[] },
      ) => unknown;
      const answer = await handle(checked, { actor, blobs });
      return { id, answer: parse(spec.answer, answer, "internal") };
    } catch (error) {
      if (!(error instanceof LimenError) || error.code === "internal") this.#options.onFault(name, error);
      const { field, params, status } =
        error instanceof LimenError ? error : { field: undefined, params: {}, status: 500 };
      return { id, error: { code: errorCode(error), ...(field ? { field } : {}), params, status } };
    } finally {
      for (const blob of blobs) blob.fill(0); // pictures do not outlive the request they came with
    }
  }

  #actor(spec: Verb, request: unknown, operator: boolean): Actor {
    if (!spec.roles) return flow;
    const { auth } = (request ?? {}) as { auth?: unknown };
    if (operator && auth === operatorAuth) return operatorActor;
    const actor = this.#options.whoIs(typeof auth === "string" ? auth : "");
    if (!spec.roles.includes(actor.role)) throw new LimenError("not-allowed", { status: 403 });
    if (!spec.atRest) awake(actor);
    if (spec.fresh?.includes(actor.role) && !actor.fresh)
      throw new LimenError("fresh-sign-in-needed", { status: 403 });
    return actor;
  }
}

/** Who asks when a flow does: nobody in particular, so nothing personal is answered. */
const flow: Actor = { id: "flow", role: "technician", name: "flow", fresh: false };
const operatorActor: Actor = { id: "operator", role: "manager", name: "operator", fresh: true };

/** Does anybody listen there? Two vaults on one data folder would each sign a log of their own. */
const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => resolve(true)).once("error", () => resolve(false));
    probe.once("connect", () => probe.destroy());
  });
