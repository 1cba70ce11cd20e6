import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { loadavg } from "node:os";
import { basename, dirname, join } from "node:path";
import sharp from "sharp";
import { dot } from "../../core/faces/pairs.ts";
import { openOpenCv } from "./faces/opencv.ts";
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

/** What one frame came to and cost: wall and processor time, ms. */
interface Took {
  ms: number;
  cpu: number;
  found: boolean;
}

interface Running {
  name: string;
  does: string;
  frame(jpeg: Buffer): Promise<Took>;
  close?(): void;
}

/** What is compared: the same frames of one size. */
export interface Comparison {
  size: string;
  frames: readonly Buffer[];
  rounds: number;
}

/**
 * Times other libraries on the same pictures, a few frames each in turn, so that a busy machine is busy for all of them;
 * says which are not here.
 * @param ours what Limen makes of a frame; @param models the folder OpenCV reads the same models from
 */
export async function comparePeers(
  print: Print,
  comparisons: readonly Comparison[],
  ours: (jpeg: Buffer) => Promise<Float32Array | undefined>,
  models: string,
): Promise<void> {
  const running: Running[] = [
    {
      name: "limen",
      does: "detect, landmarks, liveness x3, describe twice, quality",
      frame: inProcess(async (jpeg) => (await ours(jpeg)) !== undefined),
    },
  ];
  print(`\nside by side on the same pictures, decode to description, in turns (load ${load()})`);
  const opened: [string, () => Promise<Running>][] = [
    ["OpenCV (C++), same models", () => openCv(print, models, comparisons[0]!.frames[0]!, ours)],
    ...peers.map((peer): [string, () => Promise<Running>] => [
      peer.name,
      async () => ({ name: peer.name, does: peer.does, frame: inProcess(await peer.open()) }),
    ]),
  ];
  for (const [name, open] of opened) {
    try {
      running.push(await open());
    } catch (error) {
      const absent = (error as { code?: string }).code === "MODULE_NOT_FOUND";
      print(
        `${name}: not measured, ${absent ? "not installed (LIMEN_PEERS names a folder that has it)" : String(error).slice(0, 160)}`,
      );
    }
  }
  const rows: Cells[] = [["size", "who", "does", "p50", "p95", "p99", "CPU a frame", "faces found"]];
  for (const comparison of comparisons) rows.push(...(await inTurns(running, comparison)));
  for (const line of table(rows)) print(line);
  for (const { close } of running) close?.();
}

const load = (): string => loadavg()[0]!.toFixed(1);
const block = 5;

async function inTurns(running: readonly Running[], { size, frames, rounds }: Comparison): Promise<Cells[]> {
  const took = new Map<string, Took[]>(running.map(({ name }) => [name, []]));
  for (const { frame } of running) for (let i = 0; i < 3; i++) await frame(Buffer.from(frames[i]!));
  for (let done = 0; done < rounds; done += block) {
    for (const { frame, name } of running) {
      for (let i = 0; i < block; i++)
        took.get(name)!.push(await frame(Buffer.from(frames[(done + i) % frames.length]!)));
    }
  }
  return running.map(({ does, name }) => {
    const all = took.get(name)!;
    const shares = [0.5, 0.95, 0.99].map((share) =>
      percentile(
        all.map(({ ms }) => ms),
        share,
      ).toFixed(1),
    );
    const cpu = all.reduce((sum, one) => sum + one.cpu, 0) / all.length;
    const found = all.filter((one) => one.found).length;
    return [size, name, does, ...shares, cpu.toFixed(1), `${found} of ${all.length}`];
  });
}

function inProcess(describe: Describe): Running["frame"] {
  return async (jpeg) => {
    const before = process.cpuUsage();
    const start = performance.now();
    const found = await describe(jpeg);
    const ms = performance.now() - start;
    const { system, user } = process.cpuUsage(before);
    return { ms, cpu: (user + system) / 1000, found };
  };
}

/** Says, too, how alike its vector of a frame is to ours: it is the same work only if it comes to the same. */
async function openCv(
  print: Print,
  models: string,
  frame: Buffer,
  ours: (jpeg: Buffer) => Promise<Float32Array | undefined>,
): Promise<Running> {
  const { close, describe, version } = await openOpenCv(models);
  const [theirs, mine] = [await describe(frame), await ours(Buffer.from(frame))];
  if (mine)
    print(
      `OpenCV ${version}: its description of a frame and ours, cosine ${dot(mine, Float32Array.from(theirs.vector)).toFixed(4)}`,
    );
  return {
    name: `OpenCV ${version} (C++), same models, 1 thread`,
    does: "detect, landmarks, liveness x3, describe twice",
    frame: describe,
    close,
  };
}
