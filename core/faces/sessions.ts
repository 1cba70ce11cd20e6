import { InferenceSession, Tensor } from "onnxruntime-node";
import { withoutPRelu } from "./graph.ts";
import { loadVerified } from "./models.ts";

/** A model a worker loads: from the catalogue, found and verified. */
export interface SessionSpec {
  id: string;
  job: string;
  path: string;
  sha256: string;
}

/** One model, one thread: its inputs by name in, its outputs by name out. */
export type Run = (
  inputs: Readonly<Record<string, { data: Float32Array; shape: readonly number[] }>>,
) => Promise<Record<string, Float32Array>>;

/** The same network with faster operators; one that is not as we know it is left to the runtime as it is. */
function faster(weights: Buffer): Uint8Array {
  try {
    return withoutPRelu(weights);
  } catch {
    return weights;
  }
}

/** Loads verified weights. One thread a session: idle pools that spin steal the cores (measured: 125 ms for 35). */
export async function openSession(spec: SessionSpec): Promise<{ inputs: readonly string[]; run: Run }> {
  const session = await InferenceSession.create(faster(await loadVerified(spec)), {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  });
  const run: Run = async (inputs) => {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { data, shape }] of Object.entries(inputs)) {
      feeds[name] = new Tensor("float32", data, shape as number[]);
    }
    const answer = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(answer).map(([name, tensor]) => [name, tensor.data as Float32Array]),
    );
  };
  return { inputs: session.inputNames, run };
}
