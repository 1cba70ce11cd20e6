import type { Clock } from "../clock.ts";
import { errorCode, LimenError } from "../errors.ts";
import type { Gallery } from "./gallery.ts";
import { type FrameOutcome, LookDecision, type Verdict } from "./look.ts";
import type { Pool } from "./pool.ts";
import type { Frame, LookRequest, LookResult } from "./types.ts";

const defaultMaxAgeMs = 2000;

/** What a running look uses. */
export interface LookTools {
  pool: Pool;
  gallery: Gallery;
  clock: Clock;
  /** Cosine. */
  threshold: number;
}

/** In 1:1 the one person; a 1:1 without one matches nobody. */
export const oneOnly = (request: LookRequest): string | undefined =>
  request.mode === "1:1" ? (request.person ?? "") : undefined;

/** A copy of the picture to hand to a worker; the caller's is overwritten. */
export function taken(frame: Buffer): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(frame);
  frame.fill(0);
  return bytes;
}

/**
 * Looks at frames until there is a verdict, the time is over or `signal` says that a newer act has taken its place.
 * @throws LimenError `worker-lost`, `face-busy`
 */
export async function runLook(
  tools: LookTools,
  request: LookRequest,
  signal: AbortSignal,
): Promise<LookResult> {
  const start = performance.now();
  const { frames, agreeing, seconds } = request.settings;
  const decision = new LookDecision({ threshold: tools.threshold, frames, agreeing });
  const look = new FrameLook(tools, request);
  const over = overAfter(seconds, signal);
  const iterator = request.frames[Symbol.asyncIterator]();
  let verdict: Verdict | undefined;
  let firstUsable: number | undefined;
  try {
    while (!verdict) {
      const next = await Promise.race([iterator.next(), over.promise]);
      if (next === "over" || next.done) break;
      const arrived = performance.now();
      const outcome = await Promise.race([look.frame(next.value), over.promise]);
      if (outcome === "over") break;
      if (outcome.kind === "compared" || outcome.kind === "spoof") firstUsable ??= arrived;
      verdict = decision.take(outcome);
    }
  } finally {
    over.cancel();
    void Promise.resolve(iterator.return?.()).catch(() => undefined); // a camera that hangs must not hold the answer
  }
  if (signal.aborted) throw new LimenError("face-busy", { status: 503 });
  verdict ??= decision.end();
  // Whoever was withdrawn while we looked is not let in by a comparison made a moment earlier.
  if (verdict.person !== undefined && !look.stillMay(verdict.person)) verdict = { code: "no-match" };
  const end = performance.now();
  return {
    ...verdict,
    evidence: decision.evidence(verdict.person),
    spent: { total: end - start, ...(firstUsable === undefined ? {} : { decision: end - firstUsable }) },
  };
}

/** One frame after another, on one worker. */
class FrameLook {
  readonly #tools: LookTools;
  readonly #request: LookRequest;
  readonly #thread: number;
  readonly #seen = new Set<string>();
  #newest = Number.NEGATIVE_INFINITY;

  constructor(tools: LookTools, request: LookRequest) {
    this.#tools = tools;
    this.#request = request;
    this.#thread = tools.pool.pick();
  }

  stillMay(person: string): boolean {
    return this.#candidates(person).rows.length > 0;
  }

  #candidates(only = oneOnly(this.#request)) {
    return this.#tools.gallery.candidates(this.#request.allowed, only);
  }

  async frame(frame: Frame): Promise<FrameOutcome> {
    const { clock, pool, gallery } = this.#tools;
    const { maxAgeMs = defaultMaxAgeMs, zone } = this.#request.settings;
    const age = clock.monotonic() - frame.at;
    const fresh = age <= maxAgeMs && age > -maxAgeMs && frame.at > this.#newest;
    const bytes = taken(frame.jpeg);
    if (!fresh) return { kind: "stale" };
    this.#newest = frame.at;
    const { rows, people, names } = this.#candidates();
    const options = { liveness: true, embed: true, flip: true, ...(zone ? { zone } : {}) };
    try {
      const job = { kind: "look" as const, bytes, options, candidates: { rows, people } };
      const { facts, nearest } = await pool.run(this.#thread, job, [bytes.buffer]);
      if (this.#seen.has(facts!.pixels)) return { kind: "same" };
      this.#seen.add(facts!.pixels);
      const quality = facts!.quality?.score ?? 0;
      if (facts!.code) return { kind: "poor", code: facts!.code, quality };
      const liveness = facts!.liveness?.score ?? 0;
      if (!facts!.liveness?.live) return { kind: "spoof", liveness, quality };
      const owner = nearest && gallery.ownerOf(nearest.row);
      // The row was dropped, or given to somebody else, while the worker read it: this frame tells nothing.
      if (!nearest || !owner || owner.person !== names[nearest.person]) return { kind: "stale" };
      const { score, runnerUp } = nearest;
      const compared = { kind: "compared" as const, liveness, quality, ...owner, score };
      return runnerUp === undefined ? compared : { ...compared, runnerUp };
    } catch (error) {
      if (errorCode(error) === "camera-bad-picture") return { kind: "poor", code: "camera-bad-picture" };
      throw error;
    }
  }
}

function overAfter(seconds: number, signal: AbortSignal): { promise: Promise<"over">; cancel(): void } {
  const { promise, resolve } = Promise.withResolvers<"over">();
  const finish = () => resolve("over");
  const timer = setTimeout(finish, seconds * 1000);
  signal.addEventListener("abort", finish);
  if (signal.aborted) finish();
  return {
    promise,
    cancel: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
    },
  };
}
