import { InferenceSession, Tensor } from "onnxruntime-node";
import { LimenError } from "../errors.ts";
import { withoutPRelu } from "./graph.ts";
import { type FoundModel, loadVerified, type ModelEntry } from "./models.ts";

/** A model a worker loads: from the catalogue, found, verified and described. */
export type SessionSpec = FoundModel;

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

/**
 * Loads verified weights and holds them against what the catalogue says of them. One thread a session: idle pools that spin steal
 * the cores (measured: 125 ms for 35).
 * @throws LimenError `model-damaged`; `model-unloadable` (params model) when the runtime cannot read it; `model-unlike` (params
 * model, field, has) when it takes or gives something else than it is described with
 */
export async function openSession(spec: SessionSpec): Promise<Run> {
  const weights = faster(await loadVerified(spec));
  const session = await InferenceSession.create(weights, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    graphOptimizationLevel: "all",
    logSeverityLevel: 3,
  }).catch((cause: unknown) => {
    throw new LimenError("model-unloadable", { status: 500, params: { model: spec.id }, cause });
  });
  checkNames(spec, session);
  return async (inputs) => {
    const feeds: Record<string, Tensor> = {};
    for (const [name, { data, shape }] of Object.entries(inputs)) {
      feeds[name] = new Tensor("float32", data, shape as number[]);
    }
    const answer = await session.run(feeds);
    return Object.fromEntries(
      Object.entries(answer).map(([name, tensor]) => [name, tensor.data as Float32Array]),
    );
  };
}

/** Does the file have the inputs and outputs its description names, with the sizes it says? */
function checkNames({ id, input, output }: SessionSpec, session: InferenceSession): void {
  const names = session.inputNames.join(", ");
  for (const [i, one] of input.entries()) {
    const { name, side } = one;
    const field = `/input/${i}`;
    const meta = session.inputMetadata.find((other) => other.name === name);
    if (!meta?.isTensor) throw unlike(id, `${field}/name`, names);
    if (meta.type !== "float32") throw unlike(id, field, meta.type);
    const has = meta.shape.join(" x ");
    const fits = (want: number, at: number) => typeof meta.shape[at] !== "number" || meta.shape[at] === want;
    if (meta.shape.length !== 4 || !fits(1, 0) || !fits(3, 1)) throw unlike(id, field, has);
    if (!fits(side, 2) || !fits(side, 3)) throw unlike(id, `${field}/side`, has);
    if (!("square" in one)) continue;
    const largeSide = one.largeSide ?? side;
    if (!fits(largeSide, 2) || !fits(largeSide, 3)) throw unlike(id, `${field}/largeSide`, has);
    if (!one.square && (typeof meta.shape[2] === "number" || typeof meta.shape[3] === "number"))
      throw unlike(id, `${field}/square`, has);
  }
  const rest = session.inputNames.filter((name) => !input.some((one) => one.name === name));
  if (rest.length > 0) throw unlike(id, "/input", rest.join(", "));
  if (output.kind === "yunet") return; // named by its kind; see what it gives
  const { name } = output;
  const unclear = name === undefined ? session.outputNames.length > 1 : !session.outputNames.includes(name);
  if (unclear) throw unlike(id, "/output/name", session.outputNames.join(", "));
}

/** What the file has instead of what its description says. */
export const unlike = (model: string, field: string, has: string | number): LimenError =>
  new LimenError("model-unlike", { status: 500, field, params: { model, field, has } });

/** The output that is meant: the one named, or the only one. */
export const outputOf = (
  { output }: Pick<ModelEntry, "output">,
  answer: Readonly<Record<string, Float32Array>>,
): Float32Array => {
  const name = output.kind === "yunet" ? undefined : output.name;
  return name === undefined ? Object.values(answer)[0]! : answer[name]!;
};
