import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { wilson } from "../../core/faces/bounds.ts";
import { identityOf } from "../../core/faces/described.ts";
import {
  type AttackKind,
  type AttackRate,
  attackKinds,
  type LivenessRates,
  type LiveRate,
  livenessFile,
  readLivenessRates,
} from "../../core/faces/liveness-rates.ts";
import { type FoundModels, modelsFolder } from "../../core/faces/models.ts";
import type { FrameFacts } from "../../core/faces/types.ts";
import type { LabelledPicture } from "./pictures.ts";

/** Sets whose pictures are in colour and of living people, without saying so: a grey picture is no test of liveness. */
const colourSets = ["liveness", "asian", "deepface", "own"];

export const colourPictures = (pictures: readonly LabelledPicture[]): LabelledPicture[] =>
  pictures.filter(({ set }) => colourSets.includes(set));

/** A label as the accuracy page knows it; what nobody has said more of is one of three things. */
const kindOf = (label: string): AttackKind =>
  attackKinds.find((kind) => kind === label) ?? "print-screen-mask";

/**
 * Share of attacks taken for living faces, by kind, and of living faces taken for attacks, by set. Pictures without a face
 * are not counted. A kind without pictures has n 0 and no share.
 */
export function pictureRates(
  pictures: readonly LabelledPicture[],
  facts: readonly (FrameFacts | undefined)[],
): { attacks: AttackRate[]; live: LiveRate[] } {
  const attacks = new Map<AttackKind, [hits: number, n: number]>(attackKinds.map((kind) => [kind, [0, 0]]));
  const live = new Map<string, [hits: number, n: number]>();
  pictures.forEach(({ set, attack = "live" }, i) => {
    const found = facts[i]?.liveness;
    if (!found) return;
    const genuine = attack === "live";
    const count = genuine ? (live.get(set) ?? [0, 0]) : attacks.get(kindOf(attack))!;
    count[0] += found.live === genuine ? 0 : 1;
    count[1]++;
    if (genuine) live.set(set, count);
  });
  return {
    attacks: [...attacks].map(([kind, [hits, n]]) => ({
      kind,
      n,
      ...(n > 0 ? { apcer: fine(hits / n), bounds: wilson(hits, n).map(fine) as [number, number] } : {}),
      synthetic: false,
      of: "picture" as const,
    })),
    live: [...live].map(([kind, [hits, n]]) => ({
      kind,
      n,
      bpcer: fine(hits / n),
      bounds: wilson(hits, n).map(fine) as [number, number],
      synthetic: false,
      of: "picture" as const,
    })),
  };
}

/** Four digits are more than any of these rates has. */
export const fine = (share: number): number => Math.round(share * 1e4) / 1e4;

interface Rates {
  attacks: AttackRate[];
  live: LiveRate[];
}

/**
 * Writes what was measured of these models where the accuracy page reads it. Without `looks`, those of an earlier
 * `npm run bench -- liveness --write` stay, if it was with the same models.
 * @returns the file
 */
export function writeLivenessRates(
  { found }: FoundModels,
  of: readonly LabelledPicture[],
  {
    command,
    folder = modelsFolder(),
    looks,
    pictures,
  }: { command: string; folder?: string; looks?: Rates; pictures: Rates },
): string {
  const asked = [...found.values()].filter(({ job }) => job === "liveness");
  const models = asked.map(identityOf);
  const date = new Date().toISOString().slice(0, 10);
  const before = readLivenessRates(asked);
  const kept = <T extends { of: string }>(rates: readonly T[] = []) =>
    rates.filter((rate) => rate.of === "look");
  const from = looks ? { date, command } : before?.looks;
  const rates: LivenessRates = {
    models,
    date,
    command,
    data: [...new Set(of.map(({ set }) => set))].join(", "),
    ...(from ? { looks: from } : {}),
    attacks: [...pictures.attacks, ...(looks?.attacks ?? kept(before?.attacks))],
    live: [...pictures.live, ...(looks?.live ?? kept(before?.live))],
  };
  const file = join(folder, livenessFile(models));
  writeFileSync(file, `${JSON.stringify(rates, undefined, 2)}\n`);
  return file;
}
