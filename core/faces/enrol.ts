import { errorCode, LimenError } from "../errors.ts";
import { dot, meanVector } from "./calibration.ts";
import { LivenessWatch } from "./liveness/watch.ts";
import type { Enrolment, FrameFacts } from "./types.ts";

export const mostFrames = 10;
/** Pictures of one person are at least this near to the most typical one, cosine; others are left out. */
const nearEnough = 0.35;

interface Usable {
  vector: Float32Array;
  quality: number;
}

/**
 * Vectors of one person from several pictures: poor pictures and pictures of somebody else are left out, and the same
 * pixels count once. Where `analyse` says whether a face lives, more than half of them have to, and nothing that moves
 * may give an attack away: one true picture among prints is no proof, and models err about one living picture in fourteen.
 * @param analyse must give an embedding for a usable face that is not shown to be an attack
 * @throws LimenError `too-few-frames`, `too-many-frames`, `faces-differ`, `not-live`, or the first picture's own code
 */
export async function enrolFrames(
  frames: readonly Buffer[],
  analyse: (frame: Buffer) => Promise<FrameFacts & { pixels?: string }>,
): Promise<Enrolment> {
  if (frames.length === 0) throw new LimenError("too-few-frames", { status: 422 });
  if (frames.length > mostFrames) throw new LimenError("too-many-frames", { status: 422 });
  const usable: Usable[] = [];
  const seen = new Set<string>();
  const watch = new LivenessWatch();
  let spoofs = 0;
  let given = false;
  let firstCode: string | undefined;
  try {
    for (const frame of frames) {
      try {
        const { embedding, quality, code, liveness, cues, pixels } = await analyse(frame);
        if (cues && watch.take(cues)) given = true;
        if (pixels !== undefined && seen.has(pixels)) {
          embedding?.fill(0);
          continue;
        }
        if (pixels !== undefined) seen.add(pixels);
        if (liveness && !liveness.live) spoofs++;
        else if (embedding) usable.push({ vector: embedding, quality: quality?.score ?? 0 });
        else firstCode ??= code ?? "no-face";
      } catch (error) {
        if (errorCode(error) !== "camera-bad-picture") throw error;
        firstCode ??= "camera-bad-picture";
      }
    }
    if (given || (spoofs > 0 && spoofs >= usable.length)) throw new LimenError("not-live", { status: 422 });
    if (usable.length === 0) throw new LimenError(firstCode ?? "no-face", { status: 422 });
    const kept = likeEachOther(usable);
    if (kept.length * 2 <= usable.length && usable.length > 1)
      throw new LimenError("faces-differ", { status: 422 });
    const quality = kept.reduce((sum, one) => sum + one.quality, 0) / kept.length;
    return {
      vectors: [meanVector(kept.map(({ vector }) => vector))],
      quality,
      frames: frames.length,
      used: kept.length,
    };
  } finally {
    watch.close();
    for (const { vector } of usable) vector.fill(0);
  }
}

/** Those near the most typical of them. */
function likeEachOther(usable: readonly Usable[]): Usable[] {
  const nearness = usable.map(({ vector }) =>
    usable.reduce((sum, other) => sum + dot(vector, other.vector), 0),
  );
  const typical = usable[nearness.indexOf(Math.max(...nearness))]!;
  return usable.filter(({ vector }) => dot(vector, typical.vector) >= nearEnough);
}
