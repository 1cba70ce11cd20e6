import { readFileSync } from "node:fs";
import { join } from "node:path";
import { LimenError } from "../errors.ts";
import {
  type Calibration,
  deviationOf,
  fewestErrors,
  type GroupCalibration,
  type ImpostorTail,
} from "./calibration.ts";
import { modelsFolder } from "./models.ts";

/** @returns undefined when the model has no calibration file or it belongs to other weights */
export function readCalibration(
  model: { id: string; sha256: string; calibration?: string },
  folder = modelsFolder(),
): Calibration | undefined {
  if (!model.calibration) return undefined;
  try {
    const read = JSON.parse(readFileSync(join(folder, model.calibration), "utf8")) as Calibration;
    return read.sha256 === model.sha256 && read.groups.length > 0 ? read : undefined;
  } catch {
    return undefined;
  }
}

export interface Threshold {
  /** Cosine to reach. */
  score: number;
  /** Group that asked for it: the strictest measured. */
  group: string;
  /** Share of honest tries (one frame, one picture enrolled) expected to be refused; the worst group's. */
  refused: number;
  /** The same with three pictures enrolled, where measured. */
  refusedThree?: number;
  /** False: rarer than the calibration's pairs can show, so the promise rests on an extrapolation. */
  measured: boolean;
  /** The rarest risk the calibration can promise for this gallery. */
  leastRisk: number;
}

/**
 * The cosine at which a stranger's look opens at most with probability `risk`.
 * A look is compared with `comparisons` vectors, each of which may wrongly reach the threshold (union bound); no credit
 * is taken for several agreeing frames, because frames of one look err together.
 * @throws LimenError `calibration-missing`, `risk-bad`
 */
export function thresholdFor(
  calibration: Calibration,
  { comparisons, risk }: { comparisons: number; risk: number },
): Threshold {
  if (!(risk > 0 && risk < 1)) throw new LimenError("risk-bad");
  const [first] = calibration.groups;
  if (!first) throw new LimenError("calibration-missing", { status: 503 });
  const share = risk / Math.max(1, comparisons);
  const strictest = calibration.groups.reduce((worst, group) =>
    cosineFor(group, share) > cosineFor(worst, share) ? group : worst,
  );
  const score = Math.min(0.99, Math.max(0.2, cosineFor(strictest, share)));
  const most = (rate: (group: GroupCalibration) => number | undefined) =>
    Math.max(...calibration.groups.map((group) => rate(group) ?? -1));
  const three = most(({ genuine }) => genuine.belowThree && interpolate(genuine.belowThree, score));
  const leastShare = fewestErrors / strictest.impostor.pairs;
  return {
    score,
    group: strictest.group,
    refused: most(({ genuine }) => interpolate(genuine.below, score)),
    ...(three >= 0 ? { refusedThree: three } : {}),
    measured: share >= leastShare,
    leastRisk: Math.min(1, leastShare * Math.max(1, comparisons)),
  };
}

/** Cosine that a share of different people reaches: with a template of one picture or of three, the higher. */
const cosineFor = ({ impostor, impostorThree }: GroupCalibration, share: number): number =>
  Math.max(tailAt(impostor, share), impostorThree ? tailAt(impostorThree, share) : -1);

/** Between measured points linear in the normal deviation, beyond them along the same line. */
function tailAt({ reached, perDeviation }: ImpostorTail, share: number): number {
  const [rarest, top] = reached.at(-1)!;
  if (share <= rarest) return top + perDeviation * (deviationOf(share) - deviationOf(rarest));
  return interpolate(
    reached.map(([rate, cosine]) => [deviationOf(rate), cosine]),
    deviationOf(share),
  );
}

/** Share that belongs to a cosine, straight between the points. */
export const shareAt = (points: readonly (readonly [number, number])[], cosine: number): number =>
  interpolate(points, cosine);

function interpolate(points: readonly (readonly [number, number])[], x: number): number {
  let [x0, y0] = points[0]!;
  for (const [x1, y1] of points) {
    if (x1 >= x) return x1 === x0 || x <= x0 ? y0 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
    [x0, y0] = [x1, y1];
  }
  return y0;
}
