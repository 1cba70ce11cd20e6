import { join } from "node:path";
import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
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

/**
 * `limen models list`: what each model is and whether it is here. `check`: reads every byte of a pack; exit code 1
 * when one is missing or damaged. `pull [--from FOLDER] [--into FOLDER]`: shows the licences, then fetches.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options });
  const pack = values.pack ?? "core";
  const dirs = modelFolders(process.env.LIMEN_MODELS, join(process.env.LIMEN_DATA ?? "data", "models"));
  switch (positionals.length === 1 ? positionals[0] : undefined) {
    case "list":
      describe(pack, await findModels({ dirs, pack }));
      return 0;
    case "check":
      return check(await findModels({ dirs, pack }));
    case "pull":
      await pull(pack, values.into ?? process.env.LIMEN_MODELS ?? modelsFolder(), values.from);
      return 0;
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

function check({ pack, missing, damaged }: FoundModels): number {
  for (const path of damaged) say("cli.model-damaged", { path });
  if (missing.length > 0) {
    throw new LimenError("models-missing", { params: { models: missing.map(({ id }) => id).join(", ") } });
  }
  if (damaged.length > 0) return 1;
  say("cli.models-ready", { pack });
  return 0;
}

async function pull(pack: string, into: string, from: string | undefined): Promise<void> {
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
  check(await findModels({ dirs: [into], pack }));
}
