import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { createFaceEngine } from "../../core/faces/engine.ts";
import { type Cue, LivenessWatch, moireLimit } from "../../core/faces/liveness/watch.ts";
import { findModels, modelFolders } from "../../core/faces/models.ts";
import { decodePicture, type Picture } from "../../core/faces/picture.ts";
import type { FaceEngine } from "../../core/faces/types.ts";
import { readPictures } from "./pictures.ts";
import { background, dice, frameOf, type Kind, type Pose, type Sitter, usualScene } from "./scenes.ts";
import { shareWithBounds, table, wilson } from "./statistics.ts";

type Print = (line: string) => void;
const framesOfAct = 5;

/** How things move over an act: `at` from 0 to 1. Distances in face widths, so half a face at most. */
const acts: readonly {
  name: string;
  kind: Kind;
  live: boolean;
  pose(at: number): Pose;
  shown?(at: number): Pose;
}[] = [
  { name: "person standing still", kind: "live", live: true, pose: (at) => pose(0.004 * at, 0, 0) },
  { name: "person swaying", kind: "live", live: true, pose: (at) => pose(0.3 * at, 0.05 * at, 8 * at) },
  {
    name: "person coming nearer",
    kind: "live",
    live: true,
    pose: (at) => ({ ...pose(0.1 * at, 0, 0), scale: 1 + 0.25 * at }),
  },
  { name: "person turning the head", kind: "live", live: true, pose: (at) => pose(0.08 * at, 0, 30 * at) },
  {
    name: "print held up, moved",
    kind: "print",
    live: false,
    pose: (at) => pose(0.25 * at, 0.06 * at, 5 * at),
  },
  { name: "print tilted to and fro", kind: "print", live: false, pose: (at) => pose(0.02 * at, 0, 42 * at) },
  { name: "print held quite still", kind: "print", live: false, pose: (at) => pose(0.004 * at, 0, 0) },
  {
    name: "screen held up, moved",
    kind: "screen",
    live: false,
    pose: (at) => pose(0.2 * at, 0.05 * at, 3 * at),
  },
  { name: "screen held quite still", kind: "screen", live: false, pose: (at) => pose(0.004 * at, 0, 0) },
  {
    name: "video of a person on a screen",
    kind: "video-on-screen",
    live: false,
    pose: (at) => pose(0.03 * at, 0.01 * at, 0),
    shown: (at) => pose(0.05 * at, 0, 10 * at),
  },
  {
    name: "picture that fills the view, moved",
    kind: "picture-fills-view",
    live: false,
    pose: (at) => pose(0.2 * at, 0.05 * at, 4 * at),
  },
];

const pose = (x: number, y: number, turn: number): Pose => ({ x, y, scale: 1, turn });

/**
 * Presentation attacks, per kind: the pictures of the test set one by one (models and grid), then acts over five frames
 * drawn from its living faces. The drawn ones are synthetic and say so: they show that the checks do what they are for, not
 * how often a real attack succeeds.
 */
export async function run(print: Print, options: { folder?: string; sitters?: number } = {}): Promise<void> {
  const folder = options.folder ?? join(process.env.LIMEN_FACES ?? "../shared/faces", "dev");
  if (!existsSync(join(folder, "MANIFEST.json"))) {
    print(`liveness: not tested, there is no ${join(folder, "MANIFEST.json")} (set LIMEN_FACES)`);
    return;
  }
  const engine = createFaceEngine({
    models: await findModels({ dirs: modelFolders(process.env.LIMEN_MODELS) }),
  });
  await engine.start();
  try {
    const sitters = await stills(print, engine, folder);
    await drawn(print, engine, sitters.slice(0, options.sitters ?? 30));
  } finally {
    await engine.close();
  }
}

async function stills(print: Print, engine: FaceEngine, folder: string): Promise<Sitter[]> {
  const seen = { live: [0, 0, 0, 0], spoof: [0, 0, 0, 0] };
  const sitters: Sitter[] = [];
  for (const { file, attack } of readPictures(folder).filter(({ set }) => set === "liveness")) {
    const facts = await engine
      .analyse(readFileSync(join(folder, file)), { liveness: true, cues: true })
      .catch(() => undefined);
    if (!facts?.liveness || facts.code) continue;
    const face = facts.faces[facts.chosen!]!;
    const model = !facts.liveness.live;
    const grid = (facts.cues?.moire ?? 0) >= moireLimit;
    const row = attack === "live" ? seen.live : seen.spoof;
    for (const [i, hit] of [true, model, grid, model || grid].entries()) if (hit) row[i]!++;
    const room = facts.liveness.score > 0.9 && face.width >= 120;
    if (attack === "live" && room)
      sitters.push({ picture: await decodePicture(readFileSync(join(folder, file))), face });
  }
  const share = (row: number[], i: number) => shareWithBounds(row[i]! / row[0]!, wilson(row[i]!, row[0]!));
  print(
    "single pictures (CelebA-Spoof subset; the kinds of attack are not told apart in it): called an attack",
  );
  for (const line of table([
    ["", "n", "models", "grid", "either"],
    ["living", seen.live[0]!, share(seen.live, 1), share(seen.live, 2), share(seen.live, 3)],
    ["attacks", seen.spoof[0]!, share(seen.spoof, 1), share(seen.spoof, 2), share(seen.spoof, 3)],
  ]))
    print(line);
  return sitters;
}

async function drawn(print: Print, engine: FaceEngine, sitters: readonly Sitter[]): Promise<void> {
  print("");
  print(
    `SYNTHETIC acts of ${framesOfAct} frames, drawn from ${sitters.length} of the living pictures: called an attack`,
  );
  const rows: (string | number)[][] = [["", "n", "several frames", "models", "either", "by"]];
  for (const act of acts) {
    const by = new Map<Cue, number>();
    const counts = { acts: 0, watch: 0, model: 0, either: 0 };
    for (const [i, sitter] of sitters.entries()) {
      const random = dice(1000 + i);
      const wall = background(usualScene, random);
      const side = random() < 0.5 ? -1 : 1;
      const watch = new LivenessWatch();
      let cue: Cue | undefined;
      let model = false;
      let faces = 0;
      for (let k = 0; k < framesOfAct; k++) {
        const at = (side * k) / (framesOfAct - 1);
        const frame = frameOf(act.kind, sitter, wall, act.pose(at), usualScene, random, act.shown?.(at));
        const facts = await engine.analyse(await jpegOf(frame), { liveness: true, cues: true });
        if (facts.code || !facts.cues) continue;
        faces++;
        model ||= !facts.liveness!.live;
        cue ??= watch.take(facts.cues);
      }
      watch.close();
      if (faces < 2) continue;
      counts.acts++;
      if (cue) {
        counts.watch++;
        by.set(cue, (by.get(cue) ?? 0) + 1);
      }
      if (model) counts.model++;
      if (cue || model) counts.either++;
    }
    const share = (n: number) => shareWithBounds(n / counts.acts, wilson(n, counts.acts));
    rows.push([
      `${act.live ? "live  " : "attack"} ${act.name}`,
      counts.acts,
      share(counts.watch),
      share(counts.model),
      share(counts.either),
      [...by].map(([name, n]) => `${name} ${n}`).join(", "),
    ]);
  }
  for (const line of table(rows)) print(line);
}

/** As a camera would send it. */
export const jpegOf = ({ data, width, height }: Picture): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
