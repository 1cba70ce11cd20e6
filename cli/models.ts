import { join } from "node:path";
import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
import { createFaceEngine } from "../core/faces/engine.ts";
import {
  type FoundModels,
  findModels,
  type ModelEntry,
  modelFolders,
  modelsFolder,
  packEntries,
  pullModels,
  readCatalogue,
} from "../core/faces/models.ts";
import { sentence } from "../core/words.ts";
import { language } from "./words.ts";

const options = {
  pack: { type: "string" },
  from: { type: "string" },
  into: { type: "string" },
} as const;

const say = (key: string, params: Record<string, string | number> = {}) =>
  process.stdout.write(`${sentence(language, key, params)}\n`);

/** Where the vault looks for weights, so that a command finds the same ones. */
export const modelDirs = (): string[] =>
  modelFolders(process.env.LIMEN_MODELS, join(process.env.LIMEN_DATA ?? "data", "models"));

/**
 * `limen models list`: what each model is and whether it is here. `check`: reads every byte of a pack and holds each model
 * against its description; exit code 1 when one is missing, damaged or otherwise than described. `pull [--from FOLDER] [--into
 * FOLDER]`: shows the licences, then fetches.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const pack = values.pack ?? "core";
  const dirs = modelDirs();
  switch (positionals.length === 1 ? positionals[0] : undefined) {
    case "list":
      say("cli.models-packs", { packs: Object.keys(readCatalogue().packs).join(", "), pack });
      describe(pack, await findModels({ dirs, pack }));
      return 0;
    case "check":
      return check(await findModels({ dirs, pack }));
    case "pull":
      return pull(pack, values.into ?? process.env.LIMEN_MODELS ?? modelsFolder(), values.from);
    default:
      throw new LimenError("models-usage");
  }
}

function describe(pack: string, models: FoundModels): void {
  for (const { entry, needed } of packEntries(readCatalogue(), pack)) {
    const absent = needed ? "cli.model-absent" : "cli.model-absent-optional";
    const state = sentence(language, models.found.has(entry.id) ? "cli.model-here" : absent);
    say("cli.model-line", lineOf(entry, state));
  }
}

function lineOf({ id, job, file, source, licence, training }: ModelEntry, state: string) {
  const key = `model.${id}.training`;
  const known = sentence(language, key);
  return { id, job, file, source, licence, training: known === key ? training : known, state };
}

async function check(models: FoundModels): Promise<number> {
  const { pack, missing, damaged } = models;
  for (const path of damaged) say("cli.model-damaged", { path });
  if (missing.length > 0) {
    throw new LimenError("models-missing", { params: { models: missing.map(({ id }) => id).join(", ") } });
  }
  if (damaged.length > 0) return 1;
  const engine = createFaceEngine({ models, threads: 1 });
  try {
    await engine.start(); // loads them as a door would: what does not fit its description is refused here
  } finally {
    await engine.close();
  }
  say("cli.models-ready", { pack });
  return 0;
}

async function pull(pack: string, into: string, from: string | undefined): Promise<number> {
  describe(pack, await findModels({ dirs: [into], pack }));
  const shown = process.stderr.isTTY;
  const { pulled, kept, skipped } = await pullModels({
    into,
    pack,
    ...(from === undefined ? {} : { from }),
    onProgress: ({ model, bytes, total }) => {
      const percent = Math.floor((100 * bytes) / total);
      if (shown) process.stderr.write(`\r${sentence(language, "cli.models-fetching", { model, percent })}  `);
    },
  });
  if (shown) process.stderr.write("\n");
  for (const model of kept) say("cli.models-kept", { model });
  for (const model of pulled) say("cli.models-pulled", { model });
  for (const model of skipped) say("cli.models-skipped", { model });
  return check(await findModels({ dirs: [into], pack }));
}
