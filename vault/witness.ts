import { parseVkey } from "../core/audit/note.ts";
import type { AuditLog } from "../core/audit/types.ts";
import { askWitness } from "../core/audit/witness.ts";
import { errorCode, LimenError } from "../core/errors.ts";

export interface WitnessOptions {
  log: AuditLog;
  /** Of the witness, e.g. `http://192.0.2.7:8088` (`limen witness`). */
  url: string;
  /** Its verifier key line. */
  vkey: string;
  say(line: string): void;
  fetch?: typeof globalThis.fetch;
}

const everyMs = 60_000;
const patienceMs = 10_000;

/**
 * Has the newest checkpoint cosigned once a minute by somebody outside. Doors never wait for it; that it does not answer
 * is said once, that it knows a longer log than ours is said every time: somebody rolled this one back.
 * @returns ends it
 * @throws LimenError `witness-key-bad` when the key line is none
 */
export function keepWitnessed({ log, url, vkey, say, fetch = globalThis.fetch }: WitnessOptions): () => void {
  const verifier = parseVkey(vkey);
  if (!verifier) throw new LimenError("witness-key-bad");
  const end = new AbortController();
  let known = 0;
  let silent = false;
  const post = async (body: string) => {
    const signal = AbortSignal.any([end.signal, AbortSignal.timeout(patienceMs)]);
    const answer = await fetch(new URL("/add-checkpoint", url), { method: "POST", body, signal });
    return { status: answer.status, body: await answer.text() };
  };
  const ask = async (): Promise<void> => {
    try {
      known = await askWitness(log, post, verifier, known);
      if (silent) say("witness: answers again");
      silent = false;
    } catch (error) {
      if (end.signal.aborted) return;
      const code = errorCode(error);
      if (code === "log-behind") say("witness: ALARM: it has seen more of this log than there is");
      else if (!silent) say(`witness: no cosignature (${code})`);
      silent = true;
    }
  };
  void ask();
  const timer = setInterval(() => void ask(), everyMs).unref();
  return () => {
    clearInterval(timer);
    end.abort();
  };
}
