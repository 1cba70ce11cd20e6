import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Context } from "mocha";
import sharp from "sharp";
import { createFaceEngine, type FaceEngineOptions } from "../../../core/faces/engine.ts";
import { findModels } from "../../../core/faces/models.ts";
import type { Frame } from "../../../core/faces/types.ts";

const shared = resolve(import.meta.dirname, "../../../../shared");
export const modelsDir = process.env.LIMEN_MODELS ?? join(shared, "models");
const facesDir = join(process.env.LIMEN_FACES ?? join(shared, "faces"), "dev");

/** Skips, by name, a test whose pictures or models are not on this machine. */
export function needs(test: Context, ...what: ("models" | "faces")[]): void {
  if (what.includes("models") && !existsSync(join(modelsDir, "yunet_n_dynamic.onnx"))) test.skip();
  if (what.includes("faces") && !existsSync(join(facesDir, "MANIFEST.json"))) test.skip();
}

export const picture = (file: string): Buffer => readFileSync(join(facesDir, file));
export const picturePath = (file: string): string => join(facesDir, file);
export const facesFolder = facesDir;

interface Manifest {
  sets: { name: string; files: { file: string; identity?: string; attack?: string }[] }[];
}
export const setOf = (name: string): { file: string; identity?: string; attack?: string }[] =>
  (JSON.parse(picture("MANIFEST.json").toString()) as Manifest).sets.find((set) => set.name === name)!.files;

export async function newEngine(options: Partial<FaceEngineOptions> & { pack?: string } = {}) {
  const models = await findModels({ dirs: [modelsDir], pack: options.pack ?? "core" });
  const engine = createFaceEngine({ models, threads: 1, ...options });
  await engine.start();
  return engine;
}

/**
 * What a camera would give of somebody who moves a little: the same picture at slightly different sizes and light, so
 * that no two frames have the same pixels.
 */
export async function moving(file: string, count: number): Promise<Buffer[]> {
  const source = picture(file);
  const { width = 0, height = 0 } = await sharp(source).metadata();
  return Promise.all(
    Array.from({ length: count }, (_, i) =>
      sharp(source)
        .resize(Math.round(width * (1 + 0.02 * i)), Math.round(height * (1 + 0.02 * i)))
        .modulate({ brightness: 1 - 0.01 * i })
        .jpeg({ quality: 95 - i })
        .toBuffer(),
    ),
  );
}

/**
 * Frames arriving one after another, as those of a camera with ten a second: nobody waits for them, their times are
 * written ahead.
 */
export async function* arriving(pictures: readonly Buffer[], apartMs = 100): AsyncGenerator<Frame> {
  for (const [i, jpeg] of pictures.entries()) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    yield { jpeg: Buffer.from(jpeg), at: Number(process.hrtime.bigint() / 1000n) / 1000 + i * apartMs };
  }
}

export const settings = { risk: 1e-3, frames: 5, agreeing: 2, seconds: 4 };
