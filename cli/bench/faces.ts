import { existsSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import sharp from "sharp";
import { systemClock } from "../../core/clock.ts";
import { createFaceEngine } from "../../core/faces/engine.ts";
import { findModels, modelFolders } from "../../core/faces/models.ts";
import type { FaceEngine, Frame } from "../../core/faces/types.ts";
import { fourDoors } from "./faces/four-doors.ts";
import { search } from "./faces/search.ts";
import { comparePeers } from "./peers.ts";
import { readPictures } from "./pictures.ts";
import { percentile, table } from "./statistics.ts";

type Print = (line: string) => void;
type Cells = (string | number)[];

export interface FacesOptions {
  /** A picture of one face, in colour; from LIMEN_FACES unless given. */
  picture?: string;
  pack?: string;
  /** Frames a measurement. */
  rounds?: number;
  /** How long four doors match at once. */
  seconds?: number;
}

/** Everything a look does with a frame but comparing. */
const wholeWork = { liveness: true, cues: true, embed: true, flip: true, evenIfPoor: true };

/** How many of the first measurements are thrown away: compilers and caches warm up. */
const warmUp = 10;

/** Prints what faces cost on this machine, and beside it what else one would install, where that is installed. */
export async function run(print: Print, options: FacesOptions = {}): Promise<void> {
  const { pack = "core", rounds = 100 } = options;
  const picture =
    options.picture ?? join(process.env.LIMEN_FACES ?? "../shared/faces", "dev/deepface/img2.jpg");
  const memory = Math.round(totalmem() / 2 ** 30);
  print(
    `faces: ${cpus()[0]?.model.trim() ?? "?"}, ${availableParallelism()} threads, ${memory} GB, node ${process.version}`,
  );
  const models = await findModels({ dirs: modelFolders(process.env.LIMEN_MODELS), pack });
  if (models.missing.length > 0 || !existsSync(picture)) {
    print("pipeline: not measured, models or picture are not here (set LIMEN_MODELS and LIMEN_FACES)");
    search(print);
    return;
  }
  print(`pack ${pack}: ${[...models.found.keys()].join(", ")}`);
  const sizes = { "480p": [640, 480], "1080p": [1920, 1080], "4K": [3840, 2160] } as const;
  const frames = new Map<string, Buffer[]>();
  for (const [name, [width, height]] of Object.entries(sizes))
    frames.set(name, await scenes(picture, width, height, 8));
  for (const threads of [1, 2]) {
    const engine = createFaceEngine({ models, threads });
    await engine.start();
    await pipeline(print, engine, frames, threads, rounds);
    await looks(print, engine, frames.get("1080p")!, threads);
    if (threads === 1) {
      const ours = async (frame: Buffer) => (await engine.analyse(frame, wholeWork)).embedding;
      const compared = [...frames].map(([size, list]) => ({
        size,
        frames: list,
        rounds: Math.min(rounds, 20),
      }));
      const folder = dirname([...models.found.values()][0]!.path);
      await comparePeers(print, compared, ours, folder);
    }
    await engine.close();
  }
  search(print);
  const [shown, seconds] = [frames.get("1080p")!, options.seconds ?? 20];
  await fourDoors(print, shown.slice(0, 3), onePictureEach(dirname(dirname(picture))), shown, seconds);
}

/** Different people of a folder of test pictures, a picture each, read when it is wanted. */
function* onePictureEach(folder: string): Generator<Buffer> {
  const seen = new Set<string>();
  for (const { file, identity } of readPictures(folder)) {
    if (identity === undefined || seen.has(identity)) continue;
    seen.add(identity);
    yield readFileSync(join(folder, file));
  }
}

const times = (values: readonly number[]): Cells =>
  [0.5, 0.95, 0.99].map((share) => percentile(values.slice(warmUp), share).toFixed(2));

/** The picture filling a camera's frame, each frame a little different in size and light. */
function scenes(file: string, width: number, height: number, count: number): Promise<Buffer[]> {
  const source = readFileSync(file);
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const larger = await sharp(source)
        .resize({ width: width + 8 * i, height: height + 6 * i, fit: "cover", position: "top" })
        .toBuffer();
      return sharp(larger)
        .extract({ left: 4 * i, top: 2 * i, width, height })
        .modulate({ brightness: 1 - 0.01 * i })
        .jpeg({ quality: 85 })
        .toBuffer();
    }),
  );
}

async function pipeline(
  print: Print,
  engine: FaceEngine,
  frames: ReadonlyMap<string, readonly Buffer[]>,
  threads: number,
  rounds: number,
): Promise<void> {
  print(
    `\none frame, decode to vector, liveness included, ${threads} worker(s), one frame at a time (ms; load ${loadavg()[0]!.toFixed(1)})`,
  );
  const rows: Cells[] = [["size", "stage", "p50", "p95", "p99", "CPU a frame"]];
  for (const [size, list] of frames) {
    const total: number[] = [];
    const stages = new Map<string, number[]>();
    let cpu = process.cpuUsage();
    for (let i = 0; i < rounds + warmUp; i++) {
      if (i === warmUp) cpu = process.cpuUsage();
      const frame = Buffer.from(list[i % list.length]!);
      const start = performance.now();
      const { spent, code } = await engine.analyse(frame, wholeWork);
      total.push(performance.now() - start);
      if (code && i === 0) print(`${size}: ${code}`);
      for (const [stage, ms] of Object.entries(spent)) stages.set(stage, [...(stages.get(stage) ?? []), ms]);
    }
    if (threads === 1) for (const [stage, values] of stages) rows.push([size, stage, ...times(values)]);
    const { system, user } = process.cpuUsage(cpu);
    rows.push([size, "END TO END", ...times(total), ((user + system) / 1000 / rounds).toFixed(1)]);
    if (threads > 1)
      rows.push([size, `${threads} at once, frames a second`, await throughput(engine, list, threads)]);
  }
  for (const line of table(rows)) print(line);
}

/** Every worker with a frame in hand all the time. */
async function throughput(engine: FaceEngine, frames: readonly Buffer[], threads: number): Promise<string> {
  const many = 60;
  const start = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < many) await engine.analyse(Buffer.from(frames[next++ % frames.length]!), wholeWork);
  };
  await Promise.all(Array.from({ length: threads }, lane));
  return ((1000 * many) / (performance.now() - start)).toFixed(1);
}

/** A camera with so many frames a second. */
async function* camera(frames: readonly Buffer[], perSecond: number): AsyncGenerator<Frame> {
  for (let i = 0; ; i++) {
    await new Promise((resolve) => setTimeout(resolve, 1000 / perSecond));
    yield { jpeg: Buffer.from(frames[i % frames.length]!), at: systemClock.monotonic() };
  }
}

async function looks(
  print: Print,
  engine: FaceEngine,
  frames: readonly Buffer[],
  threads: number,
): Promise<void> {
  const { vectors } = await engine.enrol(frames.slice(0, 3).map((frame) => Buffer.from(frame)));
  engine.gallery.put("template", "person", vectors);
  const settings = { risk: 1e-3, frames: 5, agreeing: 2, seconds: 4 };
  const look = () => engine.look({ frames: camera(frames, 10), allowed: () => true, mode: "1:N", settings });
  const codes = new Map<string, number>();
  for (const doors of [1, 4]) {
    const delay = monitorEventLoopDelay({ resolution: 5 });
    const total: number[] = [];
    delay.enable();
    for (let i = 0; i < 12; i++) {
      const results = await Promise.all(Array.from({ length: doors }, look));
      for (const { code, spent } of results) {
        codes.set(code, (codes.get(code) ?? 0) + 1);
        total.push(spent.decision ?? spent.total);
      }
    }
    delay.disable();
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(total, share).toFixed(0));
    print(
      `look at 10 frames/s 1080p, ${doors} door(s) at once, ${threads} worker(s): first usable frame to decision ` +
        `p50 ${p50} p95 ${p95} p99 ${p99} ms; event loop held p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ` +
        `max ${(delay.max / 1e6).toFixed(1)} ms (timer of 5 ms included)`,
    );
  }
  print(`codes: ${[...codes].map(([code, n]) => `${code} ${n}`).join(", ")}`);
  engine.gallery.drop("template");
}
