import { wilson } from "../../core/faces/bounds.ts";
import {
  type AttackKind,
  type AttackRate,
  attackKinds,
  type LiveRate,
} from "../../core/faces/liveness-rates.ts";
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

const fine = (share: number): number => Math.round(share * 1e4) / 1e4;
