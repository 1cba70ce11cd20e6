import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { identityOf, type ModelIdentity, sameModel } from "./described.ts";
import { type ModelEntry, modelsFolder } from "./models.ts";

/** Kinds of attack the accuracy page has words for, in the order it shows them (ISO/IEC 30107-3 calls them species). */
export const attackKinds = [
  "print",
  "screen",
  "video-on-screen",
  "print-screen-mask",
  "picture-fills-view",
  "paper-mask",
  "mask-3d",
  "injected-video",
  "deepfake",
] as const;
export type AttackKind = (typeof attackKinds)[number];

/** What one kind of attack came to: how many were shown, and the share taken for a living face. */
export interface AttackRate {
  kind: AttackKind;
  n: number;
  /** 0 to 1; absent when n is 0: "not tested" is not 0. */
  apcer?: number;
  /** 95 %. */
  bounds?: [low: number, high: number];
  /** Made from pictures by a program, not shown to a camera. */
  synthetic: boolean;
  /** A single picture, or the frames of a whole look. */
  of: "picture" | "look";
}

/** Living faces taken for attacks, by where the pictures come from. */
export interface LiveRate {
  kind: string;
  n: number;
  bpcer: number;
  bounds: [low: number, high: number];
  synthetic: boolean;
  of: "picture" | "look";
}

/** What the liveness check did on labelled pictures. Rates only. */
export interface LivenessRates {
  /** The models that were asked together: the weights that were measured, and how they were fed. */
  models: ModelIdentity[];
  date: string;
  command: string;
  data: string;
  /** When and how the rates of whole looks were measured, where that was another run. */
  looks?: { date: string; command: string };
  attacks: AttackRate[];
  live: LiveRate[];
}

/** Files in the folder of the models' catalogue: one for each set of liveness models that was measured. */
const livenessFiles = /^liveness(\..+)?\.calibration\.json$/;

/** Name of the file for these models: the plain one where several are asked together, as a whole pack has them. */
export const livenessFile = (models: readonly { id: string }[]): string =>
  models.length > 1 ? "liveness.calibration.json" : `liveness.${models[0]?.id ?? "none"}.calibration.json`;

/**
 * The rates that were measured with exactly these models.
 * @returns undefined when there is no such file or it is of other weights: then nothing is known, and the page says so
 */
export function readLivenessRates(
  models: readonly Pick<ModelEntry, "id" | "sha256" | "input" | "output">[],
  folder = modelsFolder(),
): LivenessRates | undefined {
  const known = models.map(identityOf);
  for (const file of readdirSync(folder)
    .filter((name) => livenessFiles.test(name))
    .sort()) {
    try {
      const rates = JSON.parse(readFileSync(join(folder, file), "utf8")) as LivenessRates;
      const same = rates.models.length === known.length;
      if (same && known.every((one) => rates.models.some((other) => sameModel(other, one)))) return rates;
    } catch {
      // a file that cannot be read tells nothing
    }
  }
  return undefined;
}

/** Share of single pictures of living faces that these models took for an attack, over all sets measured; undefined: not tested. */
export function livingRefused(rates: LivenessRates | undefined): number | undefined {
  const pictures = rates?.live.filter(({ of }) => of === "picture") ?? [];
  const n = pictures.reduce((sum, one) => sum + one.n, 0);
  return n === 0 ? undefined : pictures.reduce((sum, one) => sum + one.bpcer * one.n, 0) / n;
}
