import { LimenError } from "../errors.ts";
import { type Checkpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import type { SigningKey } from "./ed25519.ts";
import { type Hash, sha256 } from "./merkle.ts";
import { cosign, fromBase64, noteText, type Verifier, verifyNote } from "./note.ts";
import type { AuditLog } from "./types.ts";
import { verifyConsistency } from "./verify-proof.ts";

// C2SP tlog-witness: somebody outside remembers how far a log had come, and signs only what continues it.

/** What a witness remembers of each log: the newest checkpoint it cosigned. */
export interface WitnessMemory {
  latest(origin: string): Pick<Checkpoint, "size" | "root"> | undefined;
  /** Durable on return, and only if the latest is still `from`: two requests at once must not both pass. */
  advance(from: number, checkpoint: Checkpoint, note: string): boolean;
}

export interface WitnessIdentity {
  /** Key name: a schema-less URL without spaces or `+`. */
  name: string;
  key: SigningKey;
  /** The logs it knows, by their verifier keys; a key's name is the log's origin. */
  logs: readonly Verifier[];
  memory: WitnessMemory;
  /** Seconds since 1970. */
  now(): number;
}

export interface WitnessAnswer {
  status: 200 | 400 | 403 | 404 | 409 | 422;
  type: "text/plain; charset=utf-8" | "text/x.tlog.size";
  body: string;
}

/** Longest request looked at, in characters: 63 hashes and a checkpoint with many signatures. */
export const longestRequest = 100_000;

const answer = (status: WitnessAnswer["status"], body: string): WitnessAnswer => ({
  status,
  type: "text/plain; charset=utf-8",
  body: `${body}\n`,
});

/** Answers one `add-checkpoint` request. Never throws on what it says. */
export function addCheckpoint(request: string, witness: WitnessIdentity): WitnessAnswer {
  const parsed = parseRequest(request);
  if (!parsed) return answer(400, "malformed");
  const { from, proof, note, checkpoint } = parsed;
  const keys = witness.logs.filter(({ name }) => name === checkpoint.origin);
  if (keys.length === 0) return answer(404, "unknown origin");
  if (!openCheckpoint(note, keys)) return answer(403, "no signature of the log");
  if (from > checkpoint.size) return answer(400, "old size above the checkpoint's");
  const latest = witness.memory.latest(checkpoint.origin) ?? { size: 0, root: sha256("") };
  if (from !== latest.size) return conflict(latest.size);
  if (!continues(latest, checkpoint, proof)) {
    return from === checkpoint.size && proof.length === 0
      ? conflict(latest.size)
      : answer(422, "proof does not hold");
  }
  if (!witness.memory.advance(from, checkpoint, note)) {
    return conflict(witness.memory.latest(checkpoint.origin)?.size ?? 0);
  }
  const text = noteText(note)!;
  const body = cosign(text, witness.name, witness.key, witness.now());
  return { status: 200, type: "text/plain; charset=utf-8", body };
}

const conflict = (size: number): WitnessAnswer => ({
  status: 409,
  type: "text/x.tlog.size",
  body: `${size}\n`,
});

function continues(
  latest: Pick<Checkpoint, "size" | "root">,
  { size, root }: Checkpoint,
  proof: readonly Hash[],
): boolean {
  if (latest.size === 0) return proof.length === 0 && (size > 0 || root.equals(latest.root));
  return verifyConsistency(latest.size, size, latest.root, root, proof);
}

function parseRequest(request: string) {
  const at = request.indexOf("\n\n");
  if (at < 0 || request.length > longestRequest) return undefined;
  const [first, ...lines] = request.slice(0, at).split("\n");
  const from = /^old (0|[1-9]\d{0,15})$/.exec(first!)?.[1];
  const proof = lines.map((line) => fromBase64(line));
  const note = request.slice(at + 2);
  const checkpoint = parseCheckpoint(noteText(note) ?? "");
  const sound = proof.length <= 63 && proof.every((hash) => hash?.length === 32);
  if (from === undefined || !sound || !checkpoint) return undefined;
  return { from: Number(from), proof: proof as Hash[], note, checkpoint };
}

/** Sends a request body to a witness's `add-checkpoint`, and brings back status and body. */
export type Post = (body: string) => Promise<{ status: number; body: string }>;

/**
 * Has a log's newest checkpoint cosigned, and keeps the cosignature with it.
 * @param witness the witness's verifier key
 * @param known the size it last cosigned, as far as one knows; it says so itself when that is wrong
 * @returns the size it has cosigned now
 * @throws LimenError `log-behind` when the witness has seen more of this log than there is: a rolled-back log;
 *   `witness-refused` with its status
 */
export async function askWitness(log: AuditLog, post: Post, witness: Verifier, known = 0): Promise<number> {
  const note = log.checkpoint();
  const { size } = parseCheckpoint(noteText(note)!)!;
  const ask = (from: number) => {
    const proof = log.consistency(from, size).map((hash) => `${hash.toString("base64")}\n`);
    return post(`old ${from}\n${proof.join("")}\n${note}`);
  };
  let reply = await ask(Math.min(known, size));
  if (reply.status === 409 && /^\d{1,15}\n$/.test(reply.body)) {
    const seen = Number(reply.body);
    if (seen > size) throw new LimenError("log-behind", { status: 409, params: { size, published: seen } });
    reply = await ask(seen);
  }
  if (reply.status !== 200) throw refused(reply.status);
  const lines = reply.body.split("\n").filter((line) => line.startsWith("— "));
  const own = lines.map((line) => `${line}\n`).filter((line) => isBy(witness, note, line));
  if (own.length === 0) throw refused(reply.status);
  log.keepWitnessed(note, own);
  return size;
}

const isBy = (witness: Verifier, note: string, line: string): boolean =>
  verifyNote(`${noteText(note)}\n${line}`, [witness]) !== undefined;

const refused = (status: number) => new LimenError("witness-refused", { status: 502, params: { status } });
