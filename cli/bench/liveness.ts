import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { createFaceEngine } from "../../core/faces/engine.ts";
import { type Cue, cueNames, LivenessWatch, moireLimit } from "../../core/faces/liveness/watch.ts";
import type { AttackKind, AttackRate, LiveRate } from "../../core/faces/liveness-rates.ts";
import {
  type FrameOutcome,
  LookDecision,
  leastLiveFrames,
  leastSpanMs,
  type Verdict,
} from "../../core/faces/look.ts";
import { findModels, modelFolders } from "../../core/faces/models.ts";
import { decodePicture, type Picture } from "../../core/faces/picture.ts";
import type { FaceEngine, FrameFacts, LookCode } from "../../core/faces/types.ts";
import { colourPictures, fine, pictureRates, writeLivenessRates } from "./attacks.ts";
import { analyseAll, readPictures } from "./pictures.ts";
import { background, dice, frameOf, type Kind, type Pose, type Sitter, usualScene } from "./scenes.ts";
import { shareWithBounds, table, wilson } from "./statistics.ts";

type Print = (line: string) => void;
/** A look as `npm start` has it: the settings a face-match node starts with, and a camera with ten frames a second. */
const look = { frames: 5, agreeing: 2, apartMs: 100 };
/** An act is drawn over this long. A look that is over sooner has seen less of it. */
const actMs = 400;
/** Narrower faces are too coarse to draw from. */
const leastWidth = 120;

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
 * Presentation attacks, per kind: the pictures of the test set one by one (models and grid), then acts drawn from its
 * living faces, looked at as a door does: frame after frame until there is a verdict. The drawn ones are synthetic and say so:
 * they show that the checks do what they are for, not how often a real attack succeeds.
 * `write`: puts what was measured into `models/liveness.calibration.json`, which the accuracy page shows.
 */
export async function run(
  print: Print,
  options: { folder?: string; sitters?: number; write?: boolean } = {},
): Promise<void> {
  const folder = options.folder ?? join(process.env.LIMEN_FACES ?? "../shared/faces", "dev");
  if (!existsSync(join(folder, "MANIFEST.json"))) {
    print(`liveness: not tested, there is no ${join(folder, "MANIFEST.json")} (set LIMEN_FACES)`);
    return;
  }
  const models = await findModels({ dirs: modelFolders(process.env.LIMEN_MODELS) });
  const engine = createFaceEngine({ models });
  await engine.start();
  try {
    const sitters = await stills(print, engine, folder);
    const looks = await drawn(print, engine, sitters.slice(0, options.sitters ?? 30));
    if (!options.write) return;
    const colour = colourPictures(readPictures(folder));
    const facts = await analyseAll(engine, folder, colour, { liveness: true, evenIfPoor: true });
    const command = "npm run bench -- liveness --write";
    const file = writeLivenessRates(models, colour, {
      command,
      pictures: pictureRates(colour, facts),
      looks,
    });
    print(`written: ${file}`);
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
    if (attack === "live" && face.width >= leastWidth)
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

/** What one drawn look came to, and after how many frames. */
interface Look {
  code: LookCode;
  cue?: Cue;
  frames: number;
}

/**
 * One act before a door that knows the face: every frame scores surely, so that nothing but liveness stands between the
 * act and the door.
 */
async function lookAt(
  engine: FaceEngine,
  act: (typeof acts)[number],
  sitter: Sitter,
  seed: number,
): Promise<Look> {
  const random = dice(seed);
  const wall = background(usualScene, random);
  const side = random() < 0.5 ? -1 : 1;
  const watch = new LivenessWatch();
  const decision = new LookDecision({ threshold: 0.5, frames: look.frames, agreeing: look.agreeing });
  let verdict: Verdict | undefined;
  let frames = 0;
  for (let at = 0; at <= 2 * actMs && !verdict; at += look.apartMs) {
    // to and fro: whoever is looked at for longer comes back
    const way = side * (at <= actMs ? at / actMs : 2 - at / actMs);
    const frame = frameOf(act.kind, sitter, wall, act.pose(way), usualScene, random, act.shown?.(way));
    const facts = await engine.analyse(await jpegOf(frame), { liveness: true, cues: true });
    frames++;
    verdict = decision.take(outcomeOf(facts, watch, at));
  }
  watch.close();
  const { code } = verdict ?? decision.end();
  const { cue } = decision.evidence();
  return { code, frames, ...(cue === undefined ? {} : { cue }) };
}

/** As `FrameLook` judges a frame. */
function outcomeOf(facts: FrameFacts, watch: LivenessWatch, at: number): FrameOutcome {
  const quality = facts.quality?.score ?? 0;
  const liveness = facts.liveness?.score ?? 0;
  const cue = facts.cues && watch.take(facts.cues);
  if (facts.code) return { kind: "poor", code: facts.code, quality };
  if (!facts.liveness?.live) return { kind: "spoof", cue: "model", liveness, quality };
  if (cue) return { kind: "spoof", cue, liveness, quality };
  const landmarks = facts.faces[facts.chosen!]!.landmarks;
  return { kind: "compared", at, liveness, quality, person: "a", template: "a", score: 0.9, landmarks };
}

async function drawn(
  print: Print,
  engine: FaceEngine,
  sitters: readonly Sitter[],
): Promise<{ attacks: AttackRate[]; live: LiveRate[] }> {
  print("");
  print(
    `SYNTHETIC looks at ten frames a second, as a door decides (${look.agreeing} of at most ${look.frames} agree, ` +
      `${leastLiveFrames} living over ${leastSpanMs} ms at least), drawn from the first ${sitters.length} living pictures with a face ` +
      `of ${leastWidth} pixels, whatever the models say of them`,
  );
  const rows: (string | number)[][] = [
    ["", "n", "called an attack", "of these by models", "let in", "by", "frames"],
  ];
  const passed = new Map<AttackKind, [opened: number, n: number]>();
  const stopped: [number, number] = [0, 0];
  for (const act of acts) {
    const seen: Look[] = [];
    for (const [i, sitter] of sitters.entries()) seen.push(await lookAt(engine, act, sitter, 1000 + i));
    const found = seen.filter(({ code }) => code === "not-live");
    const opened = seen.filter(({ code }) => code === "granted").length;
    const by = (cue: Cue) => found.filter((one) => one.cue === cue).length;
    const share = (n: number) => shareWithBounds(n / seen.length, wilson(n, seen.length));
    rows.push([
      `${act.live ? "live  " : "attack"} ${act.name}`,
      seen.length,
      share(found.length),
      by("model"),
      share(opened),
      cueNames.flatMap((cue) => (by(cue) > 0 ? [`${cue} ${by(cue)}`] : [])).join(", "),
      (seen.reduce((sum, { frames }) => sum + frames, 0) / seen.length).toFixed(1),
    ]);
    const counts = act.kind === "live" ? stopped : (passed.get(act.kind) ?? [0, 0]);
    counts[0] += act.kind === "live" ? found.length : opened;
    counts[1] += seen.length;
    if (act.kind !== "live") passed.set(act.kind, counts);
  }
  for (const line of table(rows)) print(line);
  const rate = (kind: string, [hits, n]: readonly [number, number]) => ({
    kind,
    n,
    bounds: wilson(hits, n).map(fine) as [number, number],
    synthetic: true,
    of: "look" as const,
  });
  return {
    attacks: [...passed].map(([kind, counts]) => ({
      ...rate(kind, counts),
      kind,
      apcer: fine(counts[0] / counts[1]),
    })),
    live: [{ ...rate("liveness", stopped), bpcer: fine(stopped[0] / stopped[1]) }],
  };
}

/** As a camera would send it. */
export const jpegOf = ({ data, width, height }: Picture): Promise<Buffer> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 92 })
    .toBuffer();
