import { systemClock } from "../core/clock.ts";
import { errorCode, LimenError } from "../core/errors.ts";
import { createFaceEngine } from "../core/faces/engine.ts";
import { type FoundModel, findModels, type ModelCatalogue, pullModels } from "../core/faces/models.ts";
import { type KnownCalibration, readCalibration } from "../core/faces/threshold.ts";
import type { EmbedderIdentity, FaceEngine, FaceGallery } from "../core/faces/types.ts";
import { OneByOne } from "../core/one-by-one.ts";

/** Before the first look into the folders. */
const notLookedYet = ["not-looked-yet"] as const;

/** Wrong openings per look at the setting a face-match node starts with. */
export const usualRisk = 1e-4;

export interface FaceRoomOptions {
  /** Folders searched for weights, in order. */
  dirs: readonly string[];
  /** Where a download puts them; one of `dirs`. */
  into: string;
  download: boolean;
  /** Which models: a pack of `models.json`. */
  pack: string;
  threads: number;
  /**
   * Brings the engine what it compares with: the rotation, then every template. Called once an engine.
   * @returns people whose template another model made
   */
  furnish(engine: FaceEngine, embedder: EmbedderIdentity): readonly string[];
  /** Compares those templates with one another that an older release never did. Called after `furnish`, before any look. */
  judge(engine: FaceEngine, embedder: EmbedderIdentity): Promise<unknown>;
  /** Has this person any template at all? */
  enrolled(person: string): boolean;
  /** Thresholds come from this from now on; undefined: from nothing, no face opens. Called once an engine. */
  onCalibration(calibration: KnownCalibration | undefined): void;
  /** Readiness or progress changed. */
  onChange(): void;
  /** A line for the installer's console; never personal. */
  log(line: string): void;
  fetch?: typeof globalThis.fetch;
  /** From `models/models.json` unless given. */
  catalogue?: ModelCatalogue;
}

/**
 * The face engine, and what is true while there is none: weights may be on their way, or never come. Everything but face
 * works without it (design section 12).
 */
export class FaceRoom {
  readonly #options: FaceRoomOptions;
  readonly #end = new AbortController();
  readonly #joining = new OneByOne();
  #engine: FaceEngine | undefined;
  #missing: readonly string[] = notLookedYet;
  #problem: string | undefined;
  #fetched: number | undefined;
  #toldAt = 0;
  #starting: Promise<void> | undefined;
  #calibration: KnownCalibration | undefined;
  #models: readonly FoundModel[] = [];
  #outdated: ReadonlySet<string> = new Set();

  constructor(options: FaceRoomOptions) {
    this.#options = options;
  }

  /** There is an engine, ready or not: no model is missing. */
  get furnished(): boolean {
    return this.#engine !== undefined;
  }

  /** Can a look find somebody? Without a calibration there is no threshold, so none can. */
  get ready(): boolean {
    return (this.#engine?.ready ?? false) && this.#calibration !== undefined;
  }

  /** The models are here, but nobody measured them: no threshold can be had. */
  get uncalibrated(): boolean {
    return this.#engine !== undefined && this.#calibration === undefined;
  }

  /** Ids of models that are not there. */
  get missing(): readonly string[] {
    return this.#engine ? [] : this.#missing;
  }

  /** The code of what keeps faces off, when something went wrong. */
  get problem(): string | undefined {
    if (this.ready) return undefined;
    return this.#problem ?? (this.uncalibrated ? "calibration-missing" : undefined);
  }

  /** Share of the download or the loading that is done, 0 to 1; undefined when nothing is under way. */
  get progress(): number | undefined {
    return this.#engine ? this.#engine.progress : this.#fetched;
  }

  /** Error rates that came with the embedder in use. */
  get calibration(): KnownCalibration | undefined {
    return this.#calibration;
  }

  /** The models in use. */
  get models(): readonly FoundModel[] {
    return this.#models;
  }

  get enrolled(): number {
    return this.#engine?.gallery.templates ?? 0;
  }

  get pack(): string {
    return this.#options.pack;
  }

  /** How many people have a template of another pack and none of this one: they are not compared until they enrol again. */
  get outdated(): number {
    if (!this.#engine || this.#outdated.size === 0) return 0;
    const present = this.#engine.gallery.people();
    return [...this.#outdated].filter((person) => !present.has(person) && this.#options.enrolled(person))
      .length;
  }

  /** @throws LimenError `models-missing` while there is none */
  get engine(): FaceEngine {
    if (this.#engine) return this.#engine;
    throw new LimenError("models-missing", { status: 503, params: { models: this.#missing.join(", ") } });
  }

  get gallery(): FaceGallery {
    return this.engine.gallery;
  }

  /** Forgets a template in memory, if there is any memory yet. */
  drop(template: string): void {
    this.#engine?.gallery.drop(template);
  }

  /** Comparing a new face with the others and putting it among them, one at a time: of two at once neither would see the other. */
  joining<T>(work: () => Promise<T>): Promise<T> {
    return this.#joining.run(work);
  }

  /** Finds the weights, or fetches them in the background, then starts the engine. Never rejects. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { dirs, download, log, onChange, pack } = this.#options;
    try {
      if (await this.#begin()) return;
      if (download) {
        log(`faces: fetching ${this.#missing.join(", ")}; cards work meanwhile`);
        await this.#fetch();
        if (await this.#begin()) return;
      }
    } catch (error) {
      if (!this.#end.signal.aborted) log(`faces: off (${reason(error)})`);
      this.#problem = errorCode(error);
    }
    this.#fetched = undefined;
    onChange();
    if (this.#end.signal.aborted) return;
    if (this.#missing === notLookedYet) return; // the catalogue or the pack is at fault: nothing to fetch would mend that
    if (this.#missing.length === 0) {
      log("faces: every model is here, but they could not be loaded; cards work meanwhile");
      return;
    }
    const how = pack === "core" ? "" : ` --pack ${pack} --from FOLDER`;
    log(
      `faces: pack ${pack} lacks ${this.#missing.join(", ")} in ${dirs.join(", ")}; run: npm run limen -- models pull${how}`,
    );
  }

  async close(): Promise<void> {
    this.#end.abort();
    await this.#starting; // a worker that is ended while it loads a model takes the process with it
    await this.#engine?.close();
  }

  async #begin(): Promise<boolean> {
    const { catalogue, dirs, pack, threads, furnish, judge, onChange, log } = this.#options;
    const models = await findModels({ dirs, pack, ...(catalogue ? { catalogue } : {}) });
    for (const path of models.damaged) log(`faces: ${path} is not what it says it is; it is not used`);
    this.#missing = models.missing.map(({ id }) => id);
    if (this.#missing.length > 0 || this.#end.signal.aborted) return false;
    const engine = createFaceEngine({ models, threads, clock: systemClock, onChange });
    this.#models = [...models.found.values()];
    this.#calibration = readCalibration(this.#models);
    this.#tellCalibration();
    this.#outdated = new Set(furnish(engine, engine.embedder!));
    this.#engine = engine;
    await judge(engine, engine.embedder!);
    await engine.start();
    onChange();
    return true;
  }

  #tellCalibration(): void {
    const { log, onCalibration, pack } = this.#options;
    if (!this.#calibration) {
      log(
        `faces: no calibration of exactly these weights, so no face opens; run: npm run limen -- calibrate FOLDER --pack ${pack}`,
      );
    } else if (!this.#calibration.exact) {
      log(
        `faces: not measured for this combination of models; thresholds are those of ${this.#calibration.file}`,
      );
    }
    onCalibration(this.#calibration);
  }

  async #fetch(): Promise<void> {
    const { into, onChange, fetch, pack, catalogue, log } = this.#options;
    await pullModels({
      into,
      pack,
      signal: this.#end.signal,
      ...(fetch ? { fetch } : {}),
      ...(catalogue ? { catalogue } : {}),
      onFetch: ({ id, licence, source, training }) =>
        log(`faces: ${id}: licence ${licence}; learned from ${training}; source ${source}`),
      onProgress: ({ bytes, total }) => {
        this.#fetched = bytes / total;
        const now = systemClock.monotonic();
        if (now - this.#toldAt < 250) return; // four times a second is progress enough
        this.#toldAt = now;
        onChange();
      },
    });
  }
}

const reason = (error: unknown): string => {
  const params = error instanceof LimenError ? Object.values(error.params).join(" ") : "";
  return `${errorCode(error)}${params ? `: ${params}` : ""}`;
};
