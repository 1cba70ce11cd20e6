import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
import { type Calibration, calibrateGroups } from "../core/faces/calibration.ts";
import { createFaceEngine } from "../core/faces/engine.ts";
import { findModels, modelFolders, modelsFolder } from "../core/faces/models.ts";
import { sentence } from "../core/words.ts";
import { analyseAll, readPictures, samplesOf } from "./bench/pictures.ts";
import { language } from "./words.ts";

/**
 * `limen calibrate DIR [--pack core] [--out FOLDER]`: measures an embedder's error rates on pictures of known people
 * (one sub-folder a person, or a MANIFEST.json with identities and groups) and writes the calibration file its
 * thresholds come from. The file holds rates only: no picture, vector or name.
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
    const pictures = readPictures(folder).filter(({ identity }) => identity !== undefined);
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
    const file = join(values.out ?? modelsFolder(), `${id}.calibration.json`);
    writeFileSync(file, `${JSON.stringify(calibration, undefined, 2)}\n`);
    process.stdout.write(
      `${sentence(language, "cli.calibrated", { file, pictures: samples.length, people, groups: groups.map(({ group }) => group).join(", ") })}\n`,
    );
    return 0;
  } finally {
    await engine.close();
  }
}
