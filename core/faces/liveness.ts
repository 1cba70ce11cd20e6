import { cropSquare, inputOf, partOf } from "./crops.ts";
import type { LivenessModel } from "./described.ts";
import type { Picture } from "./picture.ts";
import { outputOf, type Run } from "./sessions.ts";
import type { Face, Liveness } from "./types.ts";

/** A face below this is not shown to live. */
export const leastLive = 0.5;

/** How a liveness model is asked, and with whom its answer is one opinion. */
export type LivenessDescription = Pick<LivenessModel, "id" | "input" | "output" | "opinion">;

/**
 * Is a living face before the camera: every opinion there is must say so (the minimum decides). Models that are described as one
 * opinion count by their mean, as the two MiniFASNets' makers use them. Without any opinion nothing is shown to live.
 * @param models the liveness models of the pack that are there
 */
export async function livenessOf(
  open: ReadonlyMap<string, Run>,
  models: readonly LivenessDescription[],
  picture: Picture,
  face: Face,
): Promise<Liveness> {
  const each: number[] = [];
  const opinions = new Map<string, number[]>();
  for (const model of models) {
    const probability = await ask(open.get(model.id)!, model, picture, face);
    each.push(probability);
    const word = model.opinion === undefined ? `model ${model.id}` : `opinion ${model.opinion}`;
    opinions.set(word, [...(opinions.get(word) ?? []), probability]);
  }
  const heard = [...opinions.values()].map((some) => some.reduce((sum, one) => sum + one, 0) / some.length);
  const score = heard.length > 0 ? Math.min(...heard) : 0; // the least of nothing would be infinity: a living face
  return { score, live: score >= leastLive, each };
}

async function ask(run: Run, model: LivenessDescription, picture: Picture, face: Face): Promise<number> {
  const [input] = model.input;
  const pixels = cropSquare(picture, partOf(picture, face, input!.crop), input!.side);
  const feeds = inputOf(input!, pixels);
  const answer = await run(feeds).finally(() => {
    pixels.fill(0);
    for (const { data } of Object.values(feeds)) data.fill(0);
  });
  return livingIn(outputOf(model, answer), model.output);
}

/**
 * The probability of the living class. What is no probability counts as none: a network whose logits are taken for
 * probabilities must not let everybody pass.
 */
export function livingIn(output: ArrayLike<number>, { kind, live }: LivenessModel["output"]): number {
  const probability = (): number => {
    if (kind === "logits") {
      const top = Math.max(...Array.from(output));
      const parts = Array.from(output, (logit) => Math.exp(logit - top));
      return parts[live]! / parts.reduce((sum, part) => sum + part, 0);
    }
    if (kind === "probabilities") return output[live]!;
    const risen = kind === "logit" ? 1 / (1 + Math.exp(-output[0]!)) : output[0]!;
    return live === 1 ? risen : 1 - risen;
  };
  const found = probability();
  return found >= 0 && found <= 1 + 1e-3 ? Math.min(1, found) : 0;
}
