import { parentPort, workerData } from "node:worker_threads";
import { errorCode, LimenError } from "../errors.ts";
import { loadPack } from "./pack.ts";
import { pipelineOf } from "./pipeline.ts";
import { turn } from "./rotation.ts";
import { searcher } from "./search.ts";
import {
  counters,
  type FromWorker,
  type ToWorker,
  type WorkerAnswer,
  type WorkerJob,
  type WorkerSeed,
} from "./worker-protocol.ts";

const port = parentPort!;
const seed = workerData as WorkerSeed;
const counts = new Int32Array(seed.counts);
const search = searcher(seed.memory, seed.slot, seed.dimensions);
let rotation = seed.rotation;

/** Only ever called between two jobs: a thread that ends inside a native call takes the process with it. */
const leave = (): never => process.exit();

const pipeline = await loadPack(seed.models).then(pipelineOf, (error: unknown) => {
  const params = error instanceof LimenError ? error.params : {};
  port.postMessage({ failed: { code: errorCode(error), params } } satisfies FromWorker);
  return leave();
});

async function analyse(job: Extract<WorkerJob, { kind: "analyse" | "look" }>) {
  Atomics.add(counts, counters.frames, 1);
  try {
    const facts = await pipeline.analyse(job.bytes, job.options);
    if (facts.embedding) {
      Atomics.add(counts, counters.embeddings, 1);
      facts.embedding = rotation ? turn(rotation, facts.embedding) : moved(facts.embedding);
    }
    return facts;
  } finally {
    job.bytes.fill(0);
  }
}

async function work(job: WorkerJob): Promise<WorkerAnswer> {
  if (job.kind === "rotation") {
    rotation = job.matrix;
    return {};
  }
  if (job.kind === "compare") {
    let nearest: WorkerAnswer["nearest"];
    for (const vector of job.vectors) {
      const found = search(vector, job.candidates);
      if (found && found.score > (nearest?.score ?? -2)) nearest = found;
      vector.fill(0);
    }
    Atomics.add(counts, counters.comparisons, job.vectors.length * job.candidates.rows.length);
    return nearest ? { nearest } : {};
  }
  const facts = await analyse(job);
  if (job.kind === "analyse" || !facts.embedding) return { facts };
  const { embedding, ...rest } = facts;
  const start = performance.now();
  const nearest = search(embedding, job.candidates);
  Atomics.add(counts, counters.comparisons, job.candidates.rows.length);
  embedding.fill(0);
  const answer = { facts: { ...rest, spent: { ...rest.spent, match: performance.now() - start } } };
  return nearest ? { ...answer, nearest } : answer;
}

/** A vector in a buffer of its own, which can be handed over; the model's own output is overwritten. */
function moved(vector: Float32Array): Float32Array {
  const copy = Float32Array.from(vector);
  vector.fill(0);
  return copy;
}

/** What is handed over with an answer, not copied: whoever has it overwrites it, and nothing is left here. */
function handedOver({ facts }: WorkerAnswer): ArrayBuffer[] {
  const parts = [facts?.cues?.sketch.data, facts?.embedding];
  return parts.flatMap((part) => (part ? [part.buffer as ArrayBuffer] : []));
}

let leaving = false;
let before: Promise<void> = Promise.resolve();

port.on("message", (message: ToWorker) => {
  if ("leave" in message) {
    leaving = true;
    before = before.then(leave);
    return;
  }
  const { id, job } = message;
  before = before.then(async () => {
    if (leaving) leave();
    let reply: FromWorker;
    try {
      reply = { id, answer: await work(job) };
    } catch (error) {
      const text = error instanceof Error ? error.message : "";
      reply = { id, error: { code: errorCode(error), message: text } };
    }
    if (leaving) leave();
    port.postMessage(reply, "answer" in reply ? handedOver(reply.answer) : []);
  });
});
port.postMessage({ ready: true });
