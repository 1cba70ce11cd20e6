import { errorCode, LimenError } from "../errors.ts";
import { dot, meanVector } from "./calibration.ts";
import type { Enrolment, FrameFacts } from "./types.ts";

export const mostFrames = 10;
/** Pictures of one person are at least this near to the most typical one, cosine; others are left out. */
const nearEnough = 0.35;

interface Usable {
  vector: Float32Array;
  quality: number;
}

/**
 * Vectors of one person from several pictures: poor pictures and pictures of somebody else are left out.
 * @param analyse must give an embedding for a usable face
 * @throws LimenError `too-few-frames`, `too-many-frames`, `faces-differ`, or the first picture's own code
 */
export async function enrolFrames(
  frames: readonly Buffer[],
  analyse: (frame: Buffer) => Promise<FrameFacts>,
): Promise<Enrolment> {
  if (frames.length === 0) throw new LimenError("too-few-frames", { status: 422 });
  if (frames.length > mostFrames) throw new LimenError("too-many-frames", { status: 422 });
  const usable: Usable[] = [];
  let firstCode: string | undefined;
  for (const frame of frames) {
    try {
      const { embedding, quality, code } = await analyse(frame);
      if (embedding) usable.push({ vector: embedding, quality: quality?.score ?? 0 });
      else firstCode ??= code ?? "no-face";
    } catch (error) {
      if (errorCode(error) !== "camera-bad-picture") throw error;
      firstCode ??= "camera-bad-picture";
    }
  }
  try {
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
