import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import sharp from "sharp";
import { percentile, table } from "./statistics.ts";

type Print = (line: string) => void;
type Cells = (string | number)[];

/** Does with one JPEG what a door would: decode, find the face, describe it (and judge that it lives, where it can). */
type Describe = (jpeg: Buffer) => Promise<boolean>;

interface Peer {
  name: string;
  does: string;
  /** @throws when it is not installed */
  open(): Promise<Describe>;
}

/** Where the other libraries were installed: `npm i` in a folder of its own, named by LIMEN_PEERS. */
const folder = process.env.LIMEN_PEERS ?? process.cwd();
const find = createRequire(join(folder, "package.json"));

/** The little we use of TensorFlow.js; its packages are not among ours, so there is nothing to import types from. */
interface Tensors {
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tensor3d(data: Uint8Array, shape: [number, number, number], type: "int32"): { dispose(): void };
}

async function tensorOf(tf: Tensors, jpeg: Buffer): Promise<{ dispose(): void }> {
  const { data, info } = await sharp(jpeg).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return tf.tensor3d(data, [info.height, info.width, 3], "int32");
}

/** TensorFlow.js on its WebAssembly backend: its native one does not build on current Node. */
async function tensorflow(): Promise<Tensors> {
  const wasm = find("@tensorflow/tfjs-backend-wasm") as { setWasmPaths(path: string): void };
  wasm.setWasmPaths(`${dirname(find.resolve("@tensorflow/tfjs-backend-wasm"))}/`);
  const tf = find("@tensorflow/tfjs") as Tensors;
  await tf.setBackend("wasm");
  await tf.ready();
  return tf;
}

/** A folder's files over loopback HTTP: the only way this backend reads its models. */
async function served(models: string): Promise<string> {
  const server = createServer((request, answer) => {
    readFile(join(models, basename(request.url ?? ""))).then(
      (bytes) => answer.end(bytes),
      () => answer.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const peers: readonly Peer[] = [
  {
    name: "@vladmandic/human",
    does: "detect, mesh, describe, antispoof, liveness",
    async open() {
      const tf = await tensorflow();
      const file = join(dirname(find.resolve("@vladmandic/human")), "human.node-wasm.js");
      const { Human } = find(file) as { Human: new (config: object) => HumanLike };
      const on = { enabled: true };
      const off = { enabled: false };
      const human = new Human({
        backend: "wasm",
        wasmPath: `${dirname(find.resolve("@tensorflow/tfjs-backend-wasm"))}/`,
        modelBasePath: await served(join(dirname(file), "../models")),
        cacheSensitivity: 0,
        face: {
          enabled: true,
          detector: { rotation: true, maxDetected: 1 },
          mesh: on,
          description: on,
          antispoof: on,
          liveness: on,
          iris: off,
          emotion: off,
        },
        ...{ body: off, hand: off, object: off, gesture: off, segmentation: off },
      });
      await human.load();
      return async (jpeg) => {
        const input = await tensorOf(human.tf ?? tf, jpeg);
        const { face } = await human.detect(input);
        input.dispose();
        return (face[0]?.embedding?.length ?? 0) > 0;
      };
    },
  },
  {
    name: "@vladmandic/face-api",
    does: "detect (SSD), landmarks, describe; no liveness",
    async open() {
      const tf = await tensorflow();
      const file = find.resolve("@vladmandic/face-api/dist/face-api.node-wasm.js");
      const api = find(file) as FaceApiLike;
      const nets = [api.nets.ssdMobilenetv1, api.nets.faceLandmark68Net, api.nets.faceRecognitionNet];
      for (const net of nets) await net.loadFromDisk(join(dirname(file), "../model"));
      return async (jpeg) => {
        const input = await tensorOf(tf, jpeg);
        const found = await api.detectSingleFace(input).withFaceLandmarks().withFaceDescriptor();
        input.dispose();
        return found !== undefined;
      };
    },
  },
];

interface HumanLike {
  tf?: Tensors;
  load(): Promise<void>;
  detect(input: unknown): Promise<{ face: { embedding?: number[] }[] }>;
}

interface FaceApiLike {
  nets: Record<
    "ssdMobilenetv1" | "faceLandmark68Net" | "faceRecognitionNet",
    { loadFromDisk(path: string): Promise<void> }
  >;
  detectSingleFace(input: unknown): {
    withFaceLandmarks(): { withFaceDescriptor(): Promise<unknown> };
  };
}

/** Times other libraries on the same pictures in this process; says which are not installed. */
export async function comparePeers(
  print: Print,
  frames: readonly Buffer[],
  ours: Describe,
  rounds: number,
): Promise<void> {
  print("\nthe same pictures (480p), decode to description, side by side (ms)");
  const rows: Cells[] = [["who", "does", "p50", "p95", "p99", "faces found"]];
  const limen: Peer = {
    name: "limen",
    does: "detect, describe twice, liveness",
    open: () => Promise.resolve(ours),
  };
  for (const { name, does, open } of [limen, ...peers]) {
    try {
      rows.push([name, does, ...(await timed(await open(), frames, rounds))]);
    } catch (error) {
      const absent = (error as { code?: string }).code === "MODULE_NOT_FOUND";
      const why = absent
        ? "not installed (LIMEN_PEERS names a folder that has it)"
        : `failed: ${String(error).slice(0, 80)}`;
      rows.push([name, why]);
    }
  }
  for (const line of table(rows)) print(line);
}

async function timed(describe: Describe, frames: readonly Buffer[], rounds: number): Promise<Cells> {
  const times: number[] = [];
  let found = 0;
  for (let i = 0; i < rounds + 3; i++) {
    const start = performance.now();
    const one = await describe(Buffer.from(frames[i % frames.length]!));
    if (i < 3) continue;
    times.push(performance.now() - start);
    found += one ? 1 : 0;
  }
  const shares = [0.5, 0.95, 0.99].map((share) => percentile(times, share).toFixed(1));
  return [...shares, `${found} of ${times.length}`];
}
