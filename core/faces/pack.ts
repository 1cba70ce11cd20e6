import { LimenError } from "../errors.ts";
import type {
  DetectorModel,
  EmbedderModel,
  LandmarksModel,
  LivenessModel,
  ModelEntry,
  ModelJob,
} from "./described.ts";
import { jobsWithout } from "./models.ts";
import { openSession, outputOf, type Run, type SessionSpec, unlike } from "./sessions.ts";

/** A loaded model and its description. */
export interface Loaded<M extends ModelEntry> {
  model: M;
  run: Run;
}

/** The models of a pack, each by its job. */
export interface LoadedPack {
  detector: Loaded<DetectorModel>;
  landmarks: Loaded<LandmarksModel> | undefined;
  embedder: Loaded<EmbedderModel>;
  liveness: readonly LivenessModel[];
  /** By id. */
  runs: ReadonlyMap<string, Run>;
}

/**
 * Loads every model of a pack, each held against its description.
 * @throws LimenError `pack-incomplete` without a model for each of the needed jobs, and what `openSession`
 * throws, also for what a model answers to an empty picture
 */
export async function loadPack(models: readonly SessionSpec[]): Promise<LoadedPack> {
  const undone = jobsWithout(models);
  if (undone.length > 0)
    throw new LimenError("pack-incomplete", { params: { pack: "?", jobs: undone.join(", ") } });
  const runs = new Map<string, Run>();
  for (const model of models) runs.set(model.id, await openSession(model));
  const first = <M extends ModelEntry>(job: ModelJob): Loaded<M> | undefined => {
    const model = models.find((one) => one.job === job) as M | undefined;
    return model && { model, run: runs.get(model.id)! };
  };
  const pack = {
    detector: first<DetectorModel>("detector")!,
    landmarks: first<LandmarksModel>("landmarks"),
    embedder: first<EmbedderModel>("embedder")!,
    liveness: models.filter((model) => model.job === "liveness") as LivenessModel[],
    runs,
  };
  await checkAnswers(pack);
  return pack;
}

/** Asks each model about nothing, once: what it answers has to have the size its description says. */
async function checkAnswers({ detector, landmarks, embedder, liveness, runs }: LoadedPack): Promise<void> {
  await checkDetector(detector);
  if (landmarks) await checkLength(landmarks, "/output/kind", (length) => length === 10);
  const { dimensions } = embedder.model;
  await checkLength(embedder, "/dimensions", (length) => length === dimensions);
  for (const model of liveness) {
    const { kind, live } = model.output;
    const several = kind === "logits" || kind === "probabilities";
    const run = runs.get(model.id)!;
    await checkLength({ model, run }, "/output/kind", (length) => (several ? length > 1 : length === 1));
    await checkLength({ model, run }, "/output/live", (length) => !several || live < length);
  }
}

async function checkLength(
  { model, run }: Loaded<LandmarksModel | EmbedderModel | LivenessModel>,
  field: string,
  fits: (length: number) => boolean,
): Promise<void> {
  const blank = model.input.map(({ name, side }) => [name, square(side)] as const);
  const { length } = outputOf(model, await run(Object.fromEntries(blank)));
  if (!fits(length)) throw unlike(model.id, field, length);
}

async function checkDetector({ model, run }: Loaded<DetectorModel>): Promise<void> {
  const [{ name, side } = model.input[0]!] = model.input;
  const answer = await run({ [name]: square(side) });
  const kinds = { cls: 1, obj: 1, bbox: 4, kps: 10 };
  for (const stride of [8, 16, 32]) {
    for (const [kind, numbers] of Object.entries(kinds)) {
      if (answer[`${kind}_${stride}`]?.length !== numbers * (side / stride) ** 2)
        throw unlike(model.id, "/output/kind", Object.keys(answer).join(", "));
    }
  }
}

const square = (side: number) => ({ data: new Float32Array(3 * side * side), shape: [1, 3, side, side] });
