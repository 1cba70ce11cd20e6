import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
import { type Calibration, calibrateGroups } from "../core/faces/calibration.ts";
import { createFaceEngine } from "../core/faces/engine.ts";
import { type LivenessRates, livenessFile, readLivenessRates } from "../core/faces/liveness-rates.ts";
import { type FoundModels, findModels, modelFolders, modelsFolder } from "../core/faces/models.ts";
import type { FaceEngine } from "../core/faces/types.ts";
import { sentence } from "../core/words.ts";
import { colourPictures, pictureRates } from "./bench/attacks.ts";
import { analyseAll, type LabelledPicture, readPictures, samplesOf } from "./bench/pictures.ts";
import { language } from "./words.ts";

/**
 * `limen calibrate DIR [--pack core] [--out FOLDER]`: measures an embedder's error rates on pictures of known people
 * (one sub-folder a person, or a MANIFEST.json with identities and groups) and writes the calibration file its
 * thresholds come from; where there are labelled attacks, also what the liveness models made of them. The files hold
 * rates only: no picture, vector or name.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { pack: { type: "string" }, out: { type: "string" } },
  });
  const [folder] = positionals;
  if (folder === undefined || !existsSync(folder)) throw new LimenError("calibrate-usage");
  const pack = values.pack ?? "core";
  const models = await findModels({ dirs: modelFolders(process.env.LIMEN_MODELS), pack });
  const engine = createFaceEngine({ models });
  await engine.start();
  try {
    const all = readPictures(folder);
    const pictures = all.filter(({ identity }) => identity !== undefined);
    const facts = await analyseAll(engine, folder, pictures, { embed: true, evenIfPoor: true, flip: true });
    const samples = samplesOf(pictures, facts);
    const groups = calibrateGroups(samples);
    if (groups.length === 0) throw new LimenError("calibrate-too-few");
    const { id, sha256 } = engine.embedder!;
    const people = new Set(samples.map(({ identity }) => identity)).size;
    const calibration: Calibration = {
      model: id,
      sha256,
      date: new Date().toISOString().slice(0, 10),
      command: `limen calibrate DIR --pack ${pack}`,
      data: `${samples.length} pictures of ${people} people (${[...new Set(pictures.map(({ set }) => set))].join(", ")})`,
      groups,
    };
    const out = values.out ?? modelsFolder();
    const file = join(out, `${id}.calibration.json`);
    writeFileSync(file, `${JSON.stringify(calibration, undefined, 2)}\n`);
    process.stdout.write(
      `${sentence(language, "cli.calibrated", { file, pictures: samples.length, people, groups: groups.map(({ group }) => group).join(", ") })}\n`,
    );
    if (all.some(({ attack }) => attack !== undefined)) {
      const rates = await livenessRates(engine, folder, colourPictures(all), models, pack);
      writeFileSync(join(out, livenessFile), `${JSON.stringify(rates, undefined, 2)}\n`);
      process.stdout.write(
        `${sentence(language, "cli.calibrated-liveness", { file: join(out, livenessFile) })}\n`,
      );
    }
    return 0;
  } finally {
    await engine.close();
  }
}

/** Rates of single pictures as measured now; what looks of several frames came to stays, if the models are the same. */
async function livenessRates(
  engine: FaceEngine,
  folder: string,
  pictures: readonly LabelledPicture[],
  { found }: FoundModels,
  pack: string,
): Promise<LivenessRates> {
  const facts = await analyseAll(engine, folder, pictures, { liveness: true, evenIfPoor: true });
  const models = [...found.values()]
    .filter(({ job }) => job === "liveness")
    .map(({ id, sha256 }) => ({ id, sha256 }));
  const { attacks, live } = pictureRates(pictures, facts);
  const before = readLivenessRates(models);
  const looks = <T extends { of: string }>(rates: readonly T[] = []) =>
    rates.filter(({ of }) => of === "look");
  return {
    models,
    date: new Date().toISOString().slice(0, 10),
    command: `limen calibrate DIR --pack ${pack}`,
    data: [...new Set(pictures.map(({ set }) => set))].join(", "),
    attacks: [...attacks, ...looks(before?.attacks)],
    live: [...live, ...looks(before?.live)],
  };
}
