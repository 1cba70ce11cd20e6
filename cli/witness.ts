import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { parseArgs } from "node:util";
import type { Checkpoint } from "../core/audit/checkpoint.ts";
import { signingKey } from "../core/audit/ed25519.ts";
import { sha256 } from "../core/audit/merkle.ts";
import { parseVkey, signatureTypes, vkeyOf } from "../core/audit/note.ts";
import {
  addCheckpoint,
  longestRequest,
  type WitnessIdentity,
  type WitnessMemory,
} from "../core/audit/witness.ts";
import { LimenError } from "../core/errors.ts";
import { openDatabase } from "../core/store/database.ts";
import { sentence } from "../core/words.ts";
import { language } from "./words.ts";
import "./log-words.ts";

/** The witness's own database. */
export const witnessMigrations = [
  {
    version: 1,
    name: "witness",
    sql: `
    CREATE TABLE identity (id INTEGER PRIMARY KEY CHECK (id = 1), seed BLOB NOT NULL CHECK (length(seed) = 32)) STRICT;
    CREATE TABLE latest (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, note TEXT NOT NULL) STRICT`,
  },
];

/** What a witness remembers, in a database of its own that survives a power cut. */
export function witnessMemory(
  db: DatabaseSync,
): WitnessMemory & { note(originHash: string): string | undefined } {
  const find = db.prepare("SELECT size, root, note FROM latest WHERE origin = ?");
  const put = db.prepare(
    `INSERT INTO latest (origin, size, root, note) VALUES (:origin, :size, :root, :note)
     ON CONFLICT (origin) DO UPDATE SET size = :size, root = :root, note = :note WHERE size = :from`,
  );
  return {
    latest(origin) {
      const row = find.get(origin);
      return row && { size: Number(row.size), root: Buffer.from(row.root as Uint8Array) };
    },
    advance: (from, { origin, size, root }: Checkpoint, note) =>
      put.run({ origin, size, root, note, from }).changes === 1,
    note(originHash) {
      const row = db
        .prepare("SELECT origin, note FROM latest")
        .all()
        .find(({ origin }) => sha256(String(origin)).toString("hex") === originHash);
      return row && String(row.note);
    },
  };
}

/** The witness's signing seed, made on the first start. */
function seedOf(db: DatabaseSync): Buffer {
  db.prepare("INSERT OR IGNORE INTO identity (id, seed) VALUES (1, ?)").run(randomBytes(32));
  return Buffer.from(db.prepare("SELECT seed FROM identity").get()!.seed as Uint8Array);
}

/** An HTTP server for the witness protocol (C2SP tlog-witness); not listening yet. */
export function witnessServer(
  witness: WitnessIdentity & { memory: ReturnType<typeof witnessMemory> },
): Server {
  return createServer({ requestTimeout: 10_000 }, (request, response) => {
    const send = (status: number, type: string, body: string) => {
      response.writeHead(status, { "Content-Type": type, "X-Content-Type-Options": "nosniff" }).end(body);
    };
    const plain = "text/plain; charset=utf-8";
    const monitored = /^\/([0-9a-f]{64})\/checkpoint$/.exec(request.url ?? "")?.[1];
    if (request.method === "GET" && monitored) {
      const note = witness.memory.note(monitored);
      return note === undefined ? send(404, plain, "") : send(200, plain, note);
    }
    if (request.method !== "POST" || request.url !== "/add-checkpoint") return send(404, plain, "");
    bodyOf(request).then(
      (body) => {
        const answer = addCheckpoint(body, witness);
        send(answer.status, answer.type, answer.body);
      },
      () => send(413, plain, ""),
    );
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestRequest) throw new RangeError("too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/**
 * `limen witness --name NAME --log VKEY … [--data FOLDER] [--host 127.0.0.1] [--port 8790]`: an outside box that remembers
 * how far a site's log had come and cosigns only what continues it: the council's, a neighbour's.
 */
export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      name: { type: "string" },
      log: { type: "string", multiple: true },
      data: { type: "string", default: "witness" },
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: "8790" },
    },
  });
  const logs = (values.log ?? []).map((line) => parseVkey(line));
  if (values.name === undefined || logs.length === 0) {
    console.log(sentence(language, "witness.usage"));
    return 2;
  }
  if (logs.includes(undefined)) throw new LimenError("verify-key-bad");
  const db = openDatabase(join(values.data, "witness.db"), witnessMigrations, "witness");
  const key = signingKey(seedOf(db));
  const server = witnessServer({
    name: values.name,
    key,
    logs: logs as NonNullable<(typeof logs)[number]>[],
    memory: witnessMemory(db),
    now: () => Math.floor(Date.now() / 1000),
  });
  console.log(vkeyOf(values.name, key.publicKey, signatureTypes.cosignature));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(Number(values.port), values.host, () => {
      console.error(sentence(language, "witness.serving", { url: `http://${values.host}:${values.port}` }));
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const)
      process.once(signal, () => server.close(() => resolve()));
  });
  db.close();
  return 0;
}
