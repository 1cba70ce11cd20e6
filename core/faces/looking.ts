import type { Clock } from "../clock.ts";
import { errorCode, LimenError } from "../errors.ts";
import type { Gallery } from "./gallery.ts";
import { Repeats } from "./liveness/repeats.ts";
import { type Cue, forget, LivenessWatch } from "./liveness/watch.ts";
import { type FrameOutcome, LookDecision, type Verdict } from "./look.ts";
import type { Pool } from "./pool.ts";
import { type Frame, type LookHint, type LookRequest, type LookResult, mendable } from "./types.ts";

const defaultMaxAgeMs = 2000;
/** Time for a challenge, from when it is shown. */
export const challengeSeconds = 3;

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
  const { challenge, onChallenge } = request;
  const decision = new LookDecision({
    threshold: tools.threshold,
    frames,
    agreeing,
    ...(challenge ? { challenge } : {}),
  });
  let shown = false;
  let hint: LookHint | undefined;
  const look = new FrameLook(tools, request);
  const over = overAfter(seconds, signal);
  const iterator = request.frames[Symbol.asyncIterator]();
  let waiting: Promise<IteratorResult<Frame>> | undefined;
  let verdict: Verdict | undefined;
  let firstUsable: number | undefined;
  try {
    while (!verdict) {
      const coming = iterator.next();
      waiting = coming;
      const next = await Promise.race([coming, over.promise]);
      if (next === "over" || next.done) break;
      const arrived = performance.now();
      const outcome = await Promise.race([look.frame(next.value), over.promise]);
      if (outcome === "over") break;
      if (outcome.kind === "compared" || outcome.kind === "spoof") firstUsable ??= arrived;
      verdict = decision.take(outcome);
      const now = hintOf(outcome, hint);
      if (now !== hint && !shown && !verdict) request.onHint?.(now);
      hint = now;
      if (decision.asked && !shown && !verdict) {
        shown = true;
        over.longer(challengeSeconds);
        onChallenge?.();
      }
    }
  } finally {
    over.cancel();
    look.close();
    // a frame that comes when the look is over is overwritten like every other
    void waiting?.then(({ value }) => void value?.jpeg.fill(0)).catch(() => undefined);
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

/** What a frame shows that its person can mend; a frame that tells nothing of them leaves it as it was. */
function hintOf(outcome: FrameOutcome, before: LookHint | undefined): LookHint | undefined {
  if (outcome.kind === "compared" || outcome.kind === "spoof") return undefined;
  if (outcome.kind !== "poor") return before;
  return mendable(outcome.code) ?? before;
}

/** One frame after another, on one worker. */
class FrameLook {
  readonly #tools: LookTools;
  readonly #request: LookRequest;
  readonly #thread: number;
  readonly #repeats: Repeats;
  readonly #watch = new LivenessWatch();
  #closed = false;
  #newest = Number.NEGATIVE_INFINITY;

  constructor(tools: LookTools, request: LookRequest) {
    this.#tools = tools;
    this.#request = request;
    this.#repeats = new Repeats(request.earlier);
    this.#thread = tools.pool.pick();
  }

  /** Forgets what was kept of the frames; a frame that is still with the worker is forgotten when it comes back. */
  close(): void {
    this.#closed = true;
    this.#watch.close();
    this.#repeats.close();
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
    const options = { liveness: true, cues: true, embed: true, flip: true, ...(zone ? { zone } : {}) };
    try {
      const job = { kind: "look" as const, bytes, options, candidates: { rows, people } };
      const { facts, nearest } = await pool.run(this.#thread, job, [bytes.buffer]);
      const quality = facts!.quality?.score ?? 0;
      const liveness = facts!.liveness?.score ?? 0;
      const spoof = (cue: Cue): FrameOutcome => ({ kind: "spoof", cue, liveness, quality });
      const { cues, code } = facts!;
      const found = cues && (this.#closed ? forget(cues) : this.#watch.take(cues));
      const again = this.#repeats.take(facts!.pixels, code === undefined);
      if (again === "repeat") return spoof("repeat");
      if (again === "same") return { kind: "same" };
      if (code) return { kind: "poor", code, quality };
      if (!facts!.liveness?.live) return spoof("model");
      if (found) return spoof(found);
      const owner = nearest && gallery.ownerOf(nearest.row);
      // The row was dropped, or given to somebody else, while the worker read it: this frame tells nothing.
      if (!nearest || !owner || owner.person !== names[nearest.person]) return { kind: "stale" };
      const { score, runnerUp } = nearest;
      const landmarks = facts!.faces[facts!.chosen!]!.landmarks;
      const compared = {
        kind: "compared" as const,
        at: frame.at,
        liveness,
        quality,
        ...owner,
        score,
        landmarks,
      };
      return runnerUp === undefined ? compared : { ...compared, runnerUp };
    } catch (error) {
      if (errorCode(error) === "camera-bad-picture") return { kind: "poor", code: "camera-bad-picture" };
      throw error;
    }
  }
}

interface Over {
  promise: Promise<"over">;
  /** Gives it this long from now, if that is later. */
  longer(seconds: number): void;
  cancel(): void;
}

function overAfter(seconds: number, signal: AbortSignal): Over {
  const { promise, resolve } = Promise.withResolvers<"over">();
  const finish = () => resolve("over");
  let until = performance.now() + seconds * 1000;
  let timer = setTimeout(finish, seconds * 1000);
  signal.addEventListener("abort", finish);
  if (signal.aborted) finish();
  return {
    promise,
    longer(more) {
      until = Math.max(until, performance.now() + more * 1000);
      clearTimeout(timer);
      timer = setTimeout(finish, until - performance.now());
    },
    cancel: () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", finish);
    },
  };
}
