import { createHash } from "node:crypto";
import { type ModelEntry, type ModelJob, parseEntry } from "../../../core/faces/described.ts";
import { readCatalogue } from "../../../core/faces/models.ts";

/** How a shipped model of that job is fed and read. */
const like: Readonly<Record<ModelJob, string>> = {
  detector: "yunet-n",
  landmarks: "landmarks-0009",
  embedder: "mobilefacenet-foamliu",
  liveness: "minifas-128",
};

/** A catalogue's entry for a file of these bytes, described as a shipped model of that job is. */
export function entryOf(id: string, job: ModelJob, weights: Buffer, more: object = {}): ModelEntry {
  const { input, output } = readCatalogue().models.find((model) => model.id === like[job])!;
  const entry = {
    id,
    job,
    file: `${id}.onnx`,
    bytes: weights.length,
    sha256: createHash("sha256").update(weights).digest("hex"),
    source: `somewhere: ${id}`,
    licence: "MIT",
    training: "none",
    ...(job === "embedder" ? { dimensions: 128 } : {}),
    input,
    output,
  };
  return parseEntry({ ...entry, ...more });
}
