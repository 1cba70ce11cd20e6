import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import express from "express";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { LimenError } from "../../core/errors.ts";
import { addressFrom, httpsFrom } from "../../nodes/api/caller-address.ts";
import { mount } from "../../nodes/api/mount.ts";
import type { DoorActs } from "../../nodes/api/route.ts";
import { VaultClient } from "../../vault/client.ts";
import type { Handlers } from "../../vault/handlers.ts";
import { type Role, roles } from "../../vault/protocol/common.ts";
import type { VaultEvent, VerbName } from "../../vault/protocol/index.ts";
import { VaultServer } from "../../vault/server.ts";

export const secretOf = (role: Role): string => `secret-of-the-${role}-session`;
export const person = "person_0123456789abcdef";
export const attemptId = "01JD0000000000000000000000";

/** The vault's real socket server, its real schemas and roles, over verbs a test scripts. */
export interface Stand {
  /** Of the API; `root` of everything. */
  url: string;
  root: string;
  server: Server;
  /** Verbs asked so far, with their requests. */
  asked: { verb: VerbName; request: Record<string, unknown>; blobs: Buffer[] }[];
  handlers: Partial<Handlers>;
  acts: DoorActs;
  /** The running flow; settable. */
  flow: readonly object[] | undefined;
  draft: readonly object[] | undefined;
  log: string[];
  /** Moves the limits' clock. */
  forward(ms: number): void;
  /** The vault tells everyone who is connected. */
  tell(event: VaultEvent): void;
  close(): Promise<void>;
}

const expires = "2030-01-01T00:00:00Z";
const until = "2030-01-01T07:45:00Z";

/**
 * @param pages a folder of built pages, for tests with a browser
 * @param addresses what the installer named in `LIMEN_URL`
 * @param proxies and in `LIMEN_PROXY`
 */
export async function stand(
  pages = "none",
  addresses: readonly string[] = [],
  proxies?: string,
): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), "limen-api-"));
  const socket = join(folder, "vault.sock");
  const asked: Stand["asked"] = [];
  const handlers: Partial<Handlers> = {
    "session.check": ({ auth }) => {
      const role = roles.find((one) => secretOf(one) === auth);
      if (!role) throw new LimenError("not-signed-in", { status: 401 });
      return { role, name: "Wu", expires, kind: "session" };
    },
    "session.open": ({ name, password }) => {
      if (name !== "manager" || password !== "right") throw new LimenError("sign-in-failed", { status: 401 });
      return { auth: secretOf("manager"), role: "manager", name, expires, until };
    },
    "session.close": () => ({}),
    "recipient.list": () => ({ recipients: [] }),
  };
  const server = new VaultServer({
    socket,
    operatorSocket: join(folder, "operator.sock"),
    whoIs(auth) {
      const role = roles.find((one) => secretOf(one) === auth);
      if (!role) throw new LimenError("not-signed-in", { status: 401 });
      return { id: role, role, name: "Wu", kind: "session", fresh: true };
    },
    onFault: () => undefined,
    handlers: new Proxy({} as Handlers, {
      get: (_, verb: VerbName) => (request: never, call: { blobs: Buffer[] }) => {
        asked.push({ verb, request, blobs: call.blobs.map((blob) => Buffer.from(blob)) });
        const handle = handlers[verb] as ((request: never, call: never) => unknown) | undefined;
        if (!handle) throw new LimenError("verb-unscripted", { status: 418 });
        return handle(request, call as never);
      },
    }),
  });
  await server.listen();
  const vault = new VaultClient({ socket }).open();
  await vault.ready();

  let now = 0;
  const log: string[] = [];
  const acts: DoorActs = {
    act: () => Promise.resolve(attemptId),
    outcome: () => Promise.resolve(attempt({ outcome: "granted", code: "granted" })),
  };
  const app = express();
  app.set("etag", false);
  const ours = mount({
    vault,
    acts: { act: (...of) => acts.act(...of), outcome: (...of) => acts.outcome(...of) },
    flow: () => made.flow,
    draft: () => made.draft,
    clock: { now: () => new Date(), monotonic: () => now },
    addresses,
    addressOf: addressFrom(proxies),
    cameByHttps: httpsFrom(proxies),
    screenKey: Buffer.alloc(32, 7),
    log: (line) => log.push(line),
    audit: join(folder, "audit"),
    pages,
  });
  app.use(ours);
  const http = createServer(app);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const root = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const made: Stand = {
    root,
    server: http,
    url: `${root}/api/v1`,
    asked,
    handlers,
    acts,
    flow: undefined,
    draft: undefined,
    log,
    forward(ms) {
      now += ms;
    },
    tell: (event) => server.broadcast(event),
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      vault.close();
      await server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return made;
}

export const attempt = (changes: Partial<EntryAttempt>): EntryAttempt => ({
  id: attemptId,
  door: "gate",
  site: "demo",
  method: "face",
  at: "2026-11-24T08:00:00+08:00",
  person,
  checks: [],
  outcome: "pending",
  ...changes,
});

export const bearer = (role: Role): Record<string, string> => ({ authorization: `Bearer ${secretOf(role)}` });

/** A call with JSON both ways. */
export async function call(
  url: string,
  method: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; json: Record<string, unknown> }> {
  const response = await fetch(url, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, json: text === "" ? {} : JSON.parse(text) };
}

/** A request with headers that `fetch` keeps for itself (Origin, Sec-Fetch-Site, Cookie). */
export function rawCall(
  url: string,
  method: string,
  headers: Record<string, string>,
  body: string | Buffer = "",
): Promise<{ status: number; headers: IncomingHttpHeaders; json: Record<string, unknown> }> {
  return new Promise((resolve, reject) => {
    // of a DELETE the client would not say by itself that a body comes
    const length: IncomingHttpHeaders =
      body.length > 0 ? { "content-length": `${Buffer.byteLength(body)}` } : {};
    const req = request(url, { method, headers: { ...length, ...headers } }, (res) => {
      let text = "";
      res.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      res.on("end", () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          json: text === "" ? {} : JSON.parse(text),
        }),
      );
    });
    req.on("error", reject);
    req.end(body);
  });
}
