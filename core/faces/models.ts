import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { LimenError } from "../errors.ts";
import { Closed, faultOf, Type } from "../schema.ts";
import { type ModelEntry, type ModelJob, parseEntry } from "./described.ts";

export type { ModelEntry, ModelJob } from "./described.ts";

export interface ModelCatalogue {
  packs: Record<string, { needs: string[]; optional: string[] }>;
  models: ModelEntry[];
}

/** A model whose bytes on disk were just read and have the right checksum. */
export type FoundModel = ModelEntry & { path: string };

export interface FoundModels {
  pack: string;
  /** Verified files by model id: everything of the pack, needed and optional, that is there. */
  found: ReadonlyMap<string, FoundModel>;
  /** Needed models that are not there. */
  missing: readonly ModelEntry[];
  /** Files of the right name whose bytes are not the right ones: never loaded. */
  damaged: readonly string[];
}

/** Months after which somebody has to look again. */
const reviewMonths = 36;

/**
 * Is a model so old, or withdrawn, that nobody should be enrolled with it any more? Those enrolled stay as they are
 * (A0-19): a model is renewed by a release, or by a `models.json` of one's own.
 */
export function isOutOfDate(
  { reviewed, withdrawn }: { reviewed?: string; withdrawn?: boolean },
  now: Date,
): boolean {
  if (withdrawn) return true;
  if (reviewed === undefined) return false;
  const until = new Date(reviewed);
  until.setUTCMonth(until.getUTCMonth() + reviewMonths);
  return now > until;
}

/**
 * Folder of `models.json` and the calibration files: `LIMEN_CATALOGUE` for a site with packs of its own, which an update leaves
 * alone; else beside the project's root, from source and from `dist/`.
 */
export function modelsFolder(): string {
  const own = process.env.LIMEN_CATALOGUE;
  if (own) return own;
  for (let folder = import.meta.dirname; ; ) {
    if (existsSync(join(folder, "models", "models.json"))) return join(folder, "models");
    const up = dirname(folder);
    if (up === folder) throw new LimenError("models-catalogue-missing", { status: 500 });
    folder = up;
  }
}

/**
 * What models there are. The entries are checked when their pack is asked for: a slip in one pack is no other's concern.
 * @throws LimenError `models-catalogue-missing`, `models-catalogue-bad` (params why) when it cannot be read as JSON with packs and models
 */
export function readCatalogue(folder = modelsFolder()): ModelCatalogue {
  const bad = (why: string) => new LimenError("models-catalogue-bad", { status: 500, params: { why } });
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(join(folder, "models.json"), "utf8"));
  } catch (error) {
    throw bad(error instanceof SyntaxError ? error.message : "?");
  }
  const fault = faultOf(Catalogue, read);
  if (fault) throw bad(`${fault.field}: ${fault.allowed}`);
  return read as ModelCatalogue;
}

const Ids = Type.Array(Type.String());
const Catalogue = Type.Object({
  packs: Type.Record(
    Type.String(),
    Closed({ needs: Ids, optional: Type.Unsafe<string[]>({ ...Ids, default: [] }) }),
  ),
  models: Type.Array(Type.Object({ id: Type.String() })),
});

/** The folders to search, first one first: `LIMEN_MODELS`, the project's `models/`, then what the caller adds. */
export const modelFolders = (environment: string | undefined, ...more: string[]): string[] =>
  [environment, modelsFolder(), ...more].filter(
    (folder) => folder !== undefined && folder !== "",
  ) as string[];

const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");

/** What a pack must need: found, described and shown to live, or no face may open. */
const neededJobs: readonly ModelJob[] = ["detector", "embedder", "liveness"];

/** The needed jobs that none of these models does. */
export const jobsWithout = (models: readonly { job: string }[]): ModelJob[] =>
  neededJobs.filter((job) => !models.some((model) => model.job === job));

/** What a pack has one of at most: of two, which was meant would be a guess. */
const singleJobs: readonly ModelJob[] = ["detector", "landmarks", "embedder"];

/**
 * The pack's entries, checked, needed ones first.
 * @throws LimenError `pack-unknown`; `pack-model-unknown` (params pack, model); `pack-incomplete` (params pack, jobs) when what it
 * needs leaves a job undone; `pack-doubled` (params pack, job); what `parseEntry` throws
 */
export function packEntries(
  catalogue: ModelCatalogue,
  pack: string,
): { entry: ModelEntry; needed: boolean }[] {
  const list = Object.hasOwn(catalogue.packs, pack) ? catalogue.packs[pack] : undefined;
  if (!list) throw new LimenError("pack-unknown");
  const entry = (id: string): ModelEntry => {
    const found = catalogue.models.find((model) => model.id === id);
    if (!found) throw new LimenError("pack-model-unknown", { params: { pack, model: id } });
    return parseEntry(found);
  };
  const needs = list.needs.map(entry);
  const undone = jobsWithout(needs);
  if (undone.length > 0)
    throw new LimenError("pack-incomplete", { params: { pack, jobs: undone.join(", ") } });
  const all = [
    ...needs.map((found) => ({ entry: found, needed: true })),
    ...list.optional.map((id) => ({ entry: entry(id), needed: false })),
  ];
  for (const job of singleJobs) {
    if (all.filter(({ entry }) => entry.job === job).length > 1)
      throw new LimenError("pack-doubled", { params: { pack, job } });
  }
  return all;
}

/**
 * Finds a pack's weights and checks every byte of them. A file with other bytes is listed as damaged and the search
 * goes on in the next folder.
 */
export async function findModels(options: {
  dirs: readonly string[];
  pack?: string;
  catalogue?: ModelCatalogue;
}): Promise<FoundModels> {
  const catalogue = options.catalogue ?? readCatalogue();
  const pack = options.pack ?? "core";
  const found = new Map<string, FoundModel>();
  const missing: ModelEntry[] = [];
  const damaged: string[] = [];
  for (const { entry, needed } of packEntries(catalogue, pack)) {
    for (const folder of options.dirs) {
      const path = join(folder, entry.file);
      const bytes = await readFile(path).catch(() => undefined);
      if (!bytes) continue;
      if (sha256(bytes) !== entry.sha256) {
        damaged.push(path);
        continue;
      }
      found.set(entry.id, { ...entry, path });
      break;
    }
    if (needed && !found.has(entry.id)) missing.push(entry);
  }
  return { pack, found, missing, damaged };
}

/** Reads verified weights for loading: checked again, because the file may have changed since it was found. */
export async function loadVerified(model: { path: string; sha256: string; id: string }): Promise<Buffer> {
  const bytes = await readFile(model.path);
  if (sha256(bytes) !== model.sha256) {
    throw new LimenError("model-damaged", { status: 500, params: { model: model.id } });
  }
  return bytes;
}

export interface PullOptions {
  /** Where the files go; made if absent. */
  into: string;
  pack?: string;
  /** A folder to copy from instead of the network. */
  from?: string;
  catalogue?: ModelCatalogue;
  fetch?: typeof globalThis.fetch;
  signal?: AbortSignal;
  /** Called with each model before its first byte is asked for: its licence is shown by then. */
  onFetch?: (entry: ModelEntry) => void;
  onProgress?: (progress: { model: string; bytes: number; total: number }) => void;
}

export interface Pulled {
  pulled: string[];
  /** Already there with the right bytes. */
  kept: string[];
  /** Optional models with no public single file, not in `from` either. */
  skipped: string[];
}

/**
 * Fetches what is missing of a pack from each model's named source (or copies it from `from`), checks it, and only
 * then puts it in place by renaming.
 * @throws LimenError `model-unavailable` (params model, file, source), `model-damaged` (params model)
 */
export async function pullModels(options: PullOptions): Promise<Pulled> {
  const catalogue = options.catalogue ?? readCatalogue();
  const entries = packEntries(catalogue, options.pack ?? "core");
  const pack = options.pack ?? "core";
  const have = await findModels({ dirs: [options.into], pack, catalogue });
  const result: Pulled = { pulled: [], kept: [], skipped: [] };
  await mkdir(options.into, { recursive: true });
  for (const { entry, needed } of entries) {
    if (have.found.has(entry.id)) {
      result.kept.push(entry.id);
      continue;
    }
    const bytes = options.from ? await copied(entry, options.from) : await fetched(entry, options);
    if (!bytes) {
      if (needed) throw unavailable(entry);
      result.skipped.push(entry.id);
      continue;
    }
    if (sha256(bytes) !== entry.sha256) {
      throw new LimenError("model-damaged", { status: 502, params: { model: entry.id } });
    }
    await putInPlace(join(options.into, entry.file), bytes);
    result.pulled.push(entry.id);
  }
  return result;
}

const unavailable = (entry: ModelEntry, cause?: unknown): LimenError =>
  new LimenError("model-unavailable", {
    status: 502,
    params: { model: entry.id, file: entry.file, source: entry.source },
    cause,
  });

const copied = (entry: ModelEntry, folder: string): Promise<Buffer | undefined> =>
  readFile(join(folder, entry.file)).catch(() => undefined);

async function fetched(entry: ModelEntry, options: PullOptions): Promise<Buffer | undefined> {
  if (!entry.url) return undefined;
  options.onFetch?.(entry);
  try {
    const answer = await (options.fetch ?? globalThis.fetch)(entry.url, {
      redirect: "error", // the source is named; nothing else may stand in for it
      ...(options.signal ? { signal: options.signal } : {}),
    });
    if (!answer.ok || !answer.body) throw new Error(`status ${answer.status}`);
    const parts: Uint8Array[] = [];
    let bytes = 0;
    for await (const part of answer.body as AsyncIterable<Uint8Array>) {
      bytes += part.length;
      if (bytes > entry.bytes) throw new Error("longer than it should be");
      parts.push(part);
      options.onProgress?.({ model: entry.id, bytes, total: entry.bytes });
    }
    return Buffer.concat(parts);
  } catch (error) {
    throw unavailable(entry, error);
  }
}

async function putInPlace(path: string, bytes: Buffer): Promise<void> {
  const part = `${path}.part`;
  const file = await open(part, "w", 0o644);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } catch (error) {
    await file.close();
    await rm(part, { force: true });
    throw error;
  }
  await file.close();
  await rename(part, path);
}
