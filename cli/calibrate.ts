import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
import { type Calibration, calibrateGroups, fewestPairs, pairScores } from "../core/faces/calibration.ts";
import { createFaceEngine } from "../core/faces/engine.ts";
import { type FoundModels, findModels, modelsFolder } from "../core/faces/models.ts";
import { describedBy } from "../core/faces/threshold.ts";
import { sentence } from "../core/words.ts";
import { colourPictures, pictureRates, writeLivenessRates } from "./bench/attacks.ts";
import { analyseAll, readPictures, samplesOf } from "./bench/pictures.ts";
import { modelDirs } from "./models.ts";
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
  const [folder = ""] = positionals;
  if (positionals.length !== 1 || !statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new LimenError("calibrate-usage");
  const pack = values.pack ?? "core";
  const command = `limen calibrate DIR --pack ${pack}`;
  const models = await findModels({ dirs: modelDirs(), pack });
  const engine = createFaceEngine({ models });
  await engine.start();
  try {
    const all = readPictures(folder);
    const pictures = all.filter(({ identity }) => identity !== undefined);
    const facts = await analyseAll(engine, folder, pictures, { embed: true, evenIfPoor: true, flip: true });
    const samples = samplesOf(pictures, facts);
    const groups = calibrateGroups(samples);
    const { id, sha256 } = engine.embedder!;
    const people = new Set(samples.map(({ identity }) => identity)).size;
    if (groups.length === 0) {
      const { genuine, impostor } = pairScores(samples);
      const pairs = { same: genuine.length, different: impostor.length, wanted: fewestPairs };
      const params = { pictures: pictures.length, used: samples.length, people, ...pairs };
      throw new LimenError("calibrate-too-few", { params });
    }
    const calibration: Calibration = {
      model: id,
      sha256,
      models: describedBy([...models.found.values()]),
      flip: true,
      date: new Date().toISOString().slice(0, 10),
      command,
      data: `${samples.length} pictures of ${people} people (${[...new Set(pictures.map(({ set }) => set))].join(", ")})`,
      groups,
    };
    const out = values.out ?? modelsFolder();
    mkdirSync(out, { recursive: true });
    const name = fileOf(id, models);
    const file = join(out, name);
    writeFileSync(file, `${JSON.stringify(calibration, undefined, 2)}\n`);
    process.stdout.write(
      `${sentence(language, "cli.calibrated", { file, pictures: samples.length, people, groups: groups.map(({ group }) => group).join(", ") })}\n`,
    );
    if (![models.found.get(id)?.calibration].flat().includes(name))
      process.stdout.write(`${sentence(language, "cli.calibrated-name-it", { model: id, file: name })}\n`);
    if (all.some(({ attack }) => attack !== undefined)) {
      const colour = colourPictures(all);
      const seen = await analyseAll(engine, folder, colour, { liveness: true, evenIfPoor: true });
      const rates = { command, folder: out, pictures: pictureRates(colour, seen) };
      const written = writeLivenessRates(models, colour, rates);
      process.stdout.write(`${sentence(language, "cli.calibrated-liveness", { file: written })}\n`);
    }
    return 0;
  } finally {
    await engine.close();
  }
}

/** One file for the pack as it is meant, another for the pack without landmarks: its cosines are others. */
const fileOf = (embedder: string, { found }: FoundModels): string =>
  [...found.values()].some(({ job }) => job === "landmarks")
    ? `${embedder}.calibration.json`
    : `${embedder}.without-landmarks.calibration.json`;
