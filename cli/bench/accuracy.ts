import { existsSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import {
  byIdentity,
  dot,
  meanVector,
  pairScores,
  reachedBy,
  type Sample,
} from "../../core/faces/calibration.ts";
import { createFaceEngine } from "../../core/faces/engine.ts";
import { findModels, modelFolders } from "../../core/faces/models.ts";
import { readCalibration, thresholdFor } from "../../core/faces/threshold.ts";
import type { FrameFacts } from "../../core/faces/types.ts";
import { analyseAll, type LabelledPicture, readPictures, samplesOf } from "./pictures.ts";
import { bootstrap, shareWithBounds, table, wilson } from "./statistics.ts";

export interface AccuracyOptions {
  /** Folder with MANIFEST.json; from LIMEN_FACES (`dev` in it) unless given. */
  folder?: string;
  pack?: string;
}

type Print = (line: string) => void;
type Labelled = Sample & { set: string; usable: boolean };

/**
 * Measures what the installed models do on labelled pictures: 1:1, 1:N at FPIR 0.003, the product's own thresholds,
 * failure to acquire, liveness per attack. Prints figures with 95 % intervals; gives no mark.
 */
export async function run(print: Print, options: AccuracyOptions = {}): Promise<void> {
  const folder = options.folder ?? join(process.env.LIMEN_FACES ?? "../shared/faces", "dev");
  if (!existsSync(join(folder, "MANIFEST.json"))) {
    print(`accuracy: not tested, there is no ${join(folder, "MANIFEST.json")} (set LIMEN_FACES)`);
    return;
  }
  const pack = options.pack ?? "core";
  const models = await findModels({ dirs: modelFolders(process.env.LIMEN_MODELS), pack });
  const engine = createFaceEngine({ models });
  await engine.start();
  try {
    print(
      `accuracy: ${cpus()[0]?.model.trim() ?? "?"}, ${availableParallelism()} threads, node ${process.version}`,
    );
    print(`pack ${pack}: ${[...models.found.keys()].join(", ")}`);
    const pictures = readPictures(folder);
    const facts = await analyseAll(engine, folder, pictures, { embed: true, flip: true, evenIfPoor: true });
    const samples = samplesOf(pictures, facts);
    failures(print, pictures, facts);
    verification(print, samples);
    identification(print, samples);
    const calibration = readCalibration(models.found.get(engine.embedder!.id)!);
    if (calibration) {
      for (const [mode, comparisons] of [
        ["1:1", 1],
        ["1:N", 100],
        ["1:N", 1000],
      ] as const) {
        for (const risk of [1e-2, 1e-3, 1e-4]) {
          const t = thresholdFor(calibration, { comparisons, risk });
          const three =
            t.refusedThree === undefined
              ? ""
              : `, ${(100 * t.refusedThree).toFixed(1)} % with three pictures`;
          print(
            `threshold ${mode} N=${comparisons} risk ${risk}: ${t.score.toFixed(3)} (${t.group}); refused per frame ` +
              `${(100 * t.refused).toFixed(1)} % with one picture${three}; ${t.measured ? "measured" : "extrapolated"}`,
          );
        }
      }
    }
    const colour = pictures.filter(({ set }) => ["liveness", "asian", "deepface"].includes(set));
    liveness(print, colour, await analyseAll(engine, folder, colour, { liveness: true, evenIfPoor: true }));
  } finally {
    await engine.close();
  }
}

/** How many pictures a door would have asked to take again, and why. */
function failures(
  print: Print,
  pictures: readonly LabelledPicture[],
  facts: readonly (FrameFacts | undefined)[],
): void {
  print("\nfailure to acquire (single picture; several faces not counted, the set's own subject was taken)");
  const rows: (string | number)[][] = [["set", "pictures", "refused", "why"]];
  for (const set of new Set(pictures.map((picture) => picture.set))) {
    const own = facts.filter((_, i) => pictures[i]!.set === set);
    const why = new Map<string, number>();
    for (const fact of own) {
      const code = fact ? fact.code : "camera-bad-picture";
      if (code) why.set(code, (why.get(code) ?? 0) + 1);
    }
    const refused = [...why.values()].reduce((sum, n) => sum + n, 0);
    const reasons = [...why].map(([code, n]) => `${code} ${n}`).join(", ");
    rows.push([set, own.length, shareWithBounds(refused / own.length, wilson(refused, own.length)), reasons]);
  }
  for (const line of table(rows)) print(line);
}

/** 1:1: share of pairs of one person accepted where a given share of pairs of different people is. */
function verification(print: Print, samples: readonly Labelled[]): void {
  print("\n1:1, all pairs (TAR with 95 % bounds over people)");
  const rows: (string | number)[][] = [["people", "genuine", "impostor", "FAR", "cosine", "TAR"]];
  const lfw = samples.filter(({ set }) => set.startsWith("lfw"));
  const groups: [string, readonly Labelled[]][] = [
    ["LFW", lfw],
    ["LFW, east-asian among themselves", lfw.filter(({ groups }) => groups.includes("east-asian"))],
    ["asian (colour)", samples.filter(({ set }) => set === "asian")],
  ];
  for (const [name, own] of groups) {
    const { genuine, impostor } = pairScores(own);
    const people = [...byIdentity(own).values()].filter((pictures) => pictures.length > 1);
    for (const far of [1e-2, 1e-3, 1e-4, 1e-5]) {
      if (far * impostor.length < 5 || genuine.length === 0) continue;
      const cosine = reachedBy(impostor, far);
      const perPerson = people.map((pictures): [number, number] => {
        const scores = pictures.flatMap((p, i) => pictures.slice(0, i).map((q) => dot(p, q)));
        return [scores.filter((score) => score >= cosine).length, scores.length];
      });
      const hits = perPerson.reduce((sum, [h]) => sum + h, 0);
      const tar = shareWithBounds(hits / genuine.length, bootstrap(perPerson));
      rows.push([name, genuine.length, impostor.length, far, cosine.toFixed(3), tar]);
    }
  }
  for (const line of table(rows)) print(line);
}

const fpir = 0.003;

/** 1:N open set: residents are the gallery, filled up with strangers; the other strangers are the non-mated probes. */
function identification(print: Print, samples: readonly Labelled[]): void {
  print(
    `\n1:N, FNIR at FPIR ${fpir} (bounds over people; non-mated probes few, so the threshold itself is uncertain)`,
  );
  const rows: (string | number)[][] = [
    ["gallery", "pictures a template", "probe", "cosine", "FNIR", "probes", "non-mated"],
  ];
  const lfw = samples.filter(({ set }) => set.startsWith("lfw"));
  for (const usableOnly of [false, true]) {
    const pool = usableOnly ? lfw.filter(({ usable }) => usable) : lfw;
    const residents = [...byIdentity(pool.filter(({ set }) => set === "lfw-residents"))]
      .sort()
      .filter(([, own]) => own.length >= 4);
    const strangers = [...byIdentity(pool.filter(({ set }) => set === "lfw-strangers"))].sort();
    for (const size of [100, 500, 1000]) {
      for (const pictures of [1, 3]) {
        for (const frames of [1, 2]) {
          const row = openSet(residents.slice(0, size), strangers, size, pictures, frames);
          if (row)
            rows.push([
              `${size}${usableOnly ? ", quality checked" : ""}`,
              pictures,
              `${frames} frame`,
              ...row,
            ]);
        }
      }
    }
  }
  for (const line of table(rows)) print(line);
}

type People = readonly (readonly [string, readonly Float32Array[]])[];

function openSet(
  residents: People,
  strangers: People,
  size: number,
  pictures: number,
  frames: number,
): (string | number)[] | undefined {
  const fill = strangers.slice(0, Math.max(0, size - residents.length));
  const outside = strangers.slice(fill.length);
  const gallery = [
    ...residents.map(([person, own]) => ({ person, vector: meanVector(own.slice(0, pictures)) })),
    ...fill.map(([person, own]) => ({ person, vector: own[0]! })),
  ];
  if (gallery.length < size || outside.length < 300) return undefined;
  const best = (probe: Float32Array) => {
    let score = -1;
    let person = "";
    for (const row of gallery) {
      const nearness = dot(row.vector, probe);
      if (nearness > score) [score, person] = [nearness, row.person];
    }
    return { score, person };
  };
  const wrong = outside.map(([, own]) => best(own[0]!).score).sort((p, q) => q - p);
  const cosine = wrong[Math.floor(fpir * wrong.length)]!;
  const perPerson = residents.flatMap(([person, own]): [number, number][] => {
    const probes = own.slice(3);
    const fused = frames === 1 ? probes : probes.slice(1).map((probe, i) => halfway(probe, probes[i]!));
    if (fused.length === 0) return [];
    const missed = fused.filter((probe) => {
      const found = best(probe);
      return found.person !== person || found.score <= cosine;
    });
    return [[missed.length, fused.length]];
  });
  const missed = perPerson.reduce((sum, [m]) => sum + m, 0);
  const probes = perPerson.reduce((sum, [, n]) => sum + n, 0);
  return [cosine.toFixed(3), shareWithBounds(missed / probes, bootstrap(perPerson)), probes, wrong.length];
}

/** Not of unit length: its score is the mean of the two scores, which is what a look judges. */
const halfway = (p: Float32Array, q: Float32Array): Float32Array => p.map((value, i) => (value + q[i]!) / 2);

/** ISO/IEC 30107-3 words: attacks taken for live (APCER, per kind), live taken for attacks (BPCER). Not its test. */
function liveness(
  print: Print,
  pictures: readonly LabelledPicture[],
  facts: readonly (FrameFacts | undefined)[],
): void {
  print("\nliveness, single pictures (not an ISO/IEC 30107-3 test; pictures without a face are not counted)");
  const kinds = new Map<string, { n: number; live: number }>();
  pictures.forEach(({ set, attack }, i) => {
    const found = facts[i]?.liveness;
    if (!found) return;
    const kind = set === "liveness" ? (attack ?? "live") : `live, ${set} pictures`;
    const count = kinds.get(kind) ?? { n: 0, live: 0 };
    kinds.set(kind, { n: count.n + 1, live: count.live + (found.live ? 1 : 0) });
  });
  const rows: (string | number)[][] = [["kind", "n", "rate"]];
  for (const [kind, { n, live }] of kinds) {
    const genuine = kind.startsWith("live");
    const errors = genuine ? n - live : live;
    rows.push([kind, n, `${genuine ? "BPCER" : "APCER"} ${shareWithBounds(errors / n, wilson(errors, n))}`]);
  }
  for (const kind of ["3D mask", "injected video", "deepfake"]) rows.push([kind, 0, "not tested"]);
  for (const line of table(rows)) print(line);
}
