import { createHash } from "node:crypto";
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
import { identityOf, type ModelIdentity, sameModel } from "./described.ts";
import { type ModelEntry, type ModelJob, modelsFolder } from "./models.ts";

/** A calibration as it was read for the models that are there. */
export interface KnownCalibration extends Calibration {
  /** Measured with exactly these models. False: with others around the same embedder. */
  exact: boolean;
  file: string;
  /** SHA-256 of the file. */
  hash: string;
}

/** What a calibration is looked for by, of each model that is there. */
export type CalibratedModel = Pick<ModelEntry, "id" | "job" | "sha256" | "calibration" | "input" | "output">;

/** Models that decide what a face's vector is; liveness does not. */
const describing: readonly ModelJob[] = ["detector", "landmarks", "embedder"];

/** Those models, as a calibration names them. */
export const describedBy = (models: readonly CalibratedModel[]): ModelIdentity[] =>
  models.filter(({ job }) => describing.includes(job)).map(identityOf);

/** Risk for a gallery by which calibrations are told apart in strictness: FPIR 0.003 over 1,000. */
const usualShare = 3e-6;

/**
 * The calibration that was made with exactly these models. Where there is none, of those made with this embedder and other
 * models around it the strictest, marked `exact: false`.
 * @returns undefined when the embedder has no calibration file, or only of other weights
 */
export function readCalibration(
  models: readonly CalibratedModel[],
  folder = modelsFolder(),
): KnownCalibration | undefined {
  const embedder = models.find(({ job }) => job === "embedder");
  if (!embedder) return undefined;
  const own = identityOf(embedder);
  const known = [embedder.calibration ?? []]
    .flat()
    .flatMap((file) => readOne(folder, file))
    .filter(({ sha256 }) => sha256 === own.sha256)
    .filter(({ models }) => models?.some((one) => sameModel(one, own)) ?? true);
  const text = (some: readonly Partial<ModelIdentity>[] = []) =>
    some
      .map(({ sha256, fed }) => `${sha256} ${fed}`)
      .sort()
      .join("\n");
  const wanted = text(describedBy(models));
  const exact = known.find((one) => one.flip === true && text(one.models) === wanted);
  if (exact) return { ...exact, exact: true };
  const strictness = ({ groups }: Calibration) =>
    Math.max(...groups.map((group) => cosineFor(group, usualShare)));
  return known.toSorted((p, q) => strictness(q) - strictness(p))[0];
}

function readOne(folder: string, file: string): KnownCalibration[] {
  try {
    const bytes = readFileSync(join(folder, file));
    const read = JSON.parse(bytes.toString()) as Calibration;
    if (!(read.groups.length > 0)) return [];
    const hash = createHash("sha256").update(bytes).digest("hex");
    return [{ ...read, exact: false, file, hash }];
  } catch {
    return [];
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
