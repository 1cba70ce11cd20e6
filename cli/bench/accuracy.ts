import { existsSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { calibrateGroups } from "../../core/faces/calibration.ts";
import { createFaceEngine } from "../../core/faces/engine.ts";
import { findModels, modelFolders } from "../../core/faces/models.ts";
import { byIdentity, dot, pairScores, reachedBy } from "../../core/faces/pairs.ts";
import { readCalibration, thresholdFor } from "../../core/faces/threshold.ts";
import type { FrameFacts } from "../../core/faces/types.ts";
import { theDoor } from "./accuracy/door.ts";
import { fpir, fusions, missed, type OpenSetResult, openSet, peopleOf } from "./accuracy/open-set.ts";
import { colourPictures, pictureRates } from "./attacks.ts";
import { analyseAll, type Labelled, type LabelledPicture, readPictures, samplesOf } from "./pictures.ts";
import { overPeople, shareWithBounds, table, wilson } from "./statistics.ts";

export interface AccuracyOptions {
  /** Folder with MANIFEST.json; from LIMEN_FACES (`dev` in it) unless given. */
  folder?: string;
  pack?: string;
}

type Print = (line: string) => void;

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
    const colour = colourPictures(pictures);
    const alive = await analyseAll(engine, folder, colour, { liveness: true, evenIfPoor: true });
    const live = new Map(colour.map(({ file }, i) => [file, alive[i]?.liveness?.live] as const));
    const samples = samplesOf(pictures, facts).map((sample) => {
      const lives = live.get(sample.file);
      return lives === undefined ? sample : { ...sample, live: lives };
    });
    failures(print, pictures, facts);
    verification(print, samples);
    identification(print, samples);
    labels(print, samples);
    if (options.pack === undefined) await beside(print, folder, pictures);
    const calibration = readCalibration([...models.found.values()]);
    if (calibration) {
      const { date, exact, file, hash } = calibration;
      print(
        `\ncalibration ${file} (${date}, SHA-256 ${hash.slice(0, 16)}…): ` +
          (exact ? "measured with exactly these models" : "NOT measured for this combination of models"),
      );
      theDoor(print, samples, calibration);
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
    liveness(print, colour, alive);
  } finally {
    await engine.close();
  }
}

/** What mirroring the face, and the second embedder where it is here, change. */
async function beside(print: Print, folder: string, pictures: readonly LabelledPicture[]): Promise<void> {
  const labelled = pictures.filter(({ identity }) => identity !== undefined);
  for (const [pack, flip] of [
    ["core", false],
    ["duo", true],
  ] as const) {
    const models = await findModels({ dirs: modelFolders(process.env.LIMEN_MODELS), pack });
    print(`\n== pack ${pack}, ${flip ? "face mirrored too" : "face not mirrored"}`);
    if (models.missing.length > 0) {
      print(`not tested, missing: ${models.missing.map(({ id }) => id).join(", ")}`);
      continue;
    }
    const engine = createFaceEngine({ models });
    await engine.start();
    const facts = await analyseAll(engine, folder, labelled, { embed: true, flip, evenIfPoor: true });
    await engine.close();
    const samples = samplesOf(labelled, facts);
    verification(print, samples);
    const found = openSet(samples, { size: 1000, pictures: 3, fusion: "mean" });
    if (found)
      print(
        `1:N, 1,000, three pictures: FNIR ${missed(found.one)} one frame, ${missed(found.two)} two frames`,
      );
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
      const tar = shareWithBounds(hits / genuine.length, overPeople(perPerson));
      rows.push([name, genuine.length, impostor.length, far, cosine.toFixed(3), tar]);
    }
  }
  for (const line of table(rows)) print(line);
}

/** Share of pairs of two people beyond which one in ten sets of this size would have a pair by chance. */
const oddShare = 0.1;
/** Longest list of pairs to look at. */
const mostPairs = 20;

/**
 * Pairs of two people that are nearer than chance has them: one person under two names, one photograph twice, or siblings.
 * Prints them, and the figures without the second of each: what a wrong label costs. Nobody is left out above.
 */
function labels(print: Print, samples: readonly Labelled[]): void {
  const [all] = calibrateGroups(samples.map((sample) => ({ ...sample, groups: ["all"] })));
  if (!all) return;
  const set = { model: "", sha256: "", date: "", command: "", data: "", groups: [all] };
  const { score } = thresholdFor(set, { comparisons: all.impostor.pairs, risk: oddShare });
  const odd: { cosine: number; p: Labelled; q: Labelled }[] = [];
  for (const [i, p] of samples.entries()) {
    for (const q of samples.slice(0, i)) {
      if (p.identity === q.identity) continue;
      const cosine = dot(p.vector, q.vector);
      if (cosine >= score) odd.push({ cosine, p, q });
    }
  }
  print(`\nlabels that may be wrong: pairs of two people at ${score.toFixed(3)} or nearer: ${odd.length}`);
  for (const { cosine, p, q } of odd.sort((a, b) => b.cosine - a.cosine).slice(0, mostPairs))
    print(`  ${cosine.toFixed(3)}  ${p.file}  ${q.file}`);
  if (odd.length === 0) return;
  const out = new Set(odd.map(({ p }) => p.identity));
  const rest = samples.filter(({ identity }) => !out.has(identity));
  print(`without the second of each (${out.size} people):`);
  verification(print, rest);
  const found = openSet(rest, { size: 1000, pictures: 3, fusion: "mean" });
  if (found)
    print(`1:N, 1,000, three pictures: FNIR ${missed(found.one)} one frame, ${missed(found.two)} two frames`);
}

/** 1:N open set, by gallery, pictures a template and frames; and what other ways of joining three pictures would give. */
function identification(print: Print, samples: readonly Labelled[]): void {
  print(`\n1:N, FNIR at FPIR ${fpir}, ten deals of pictures and strangers (95 % bounds over people)`);
  const ea = peopleOf(samples, "east-asian");
  const rest = new Set(samples.map(({ identity }) => identity).filter((person) => !ea.has(person)));
  const head = ["one frame", "two frames", "east-asian, one", "others, one", "cosine", "non-mated"];
  const cells = ({ cosine, one, outside, two }: OpenSetResult) => [
    missed(one),
    missed(two),
    missed(one, ea),
    missed(one, rest),
    cosine.toFixed(3),
    outside,
  ];
  const rows: (string | number)[][] = [["gallery", "pictures a template", ...head]];
  for (const usableOnly of [false, true]) {
    const pool = usableOnly ? samples.filter(({ usable }) => usable) : samples;
    for (const size of [100, 500, 1000]) {
      for (const pictures of [1, 3] as const) {
        const found = openSet(pool, { size, pictures, fusion: "mean" });
        if (found) rows.push([`${size}${usableOnly ? ", quality checked" : ""}`, pictures, ...cells(found)]);
      }
    }
  }
  for (const line of table(rows)) print(line);
  print("\nways of joining three pictures, gallery of 1,000 (as-norm: the cosine is a normalised score)");
  const ways: (string | number)[][] = [["way", ...head]];
  for (const fusion of fusions) {
    const found = openSet(samples, { size: 1000, pictures: 3, fusion });
    if (found) ways.push([fusion, ...cells(found)]);
  }
  for (const line of table(ways)) print(line);
}

/** ISO/IEC 30107-3 words: attacks taken for live (APCER, per kind), live taken for attacks (BPCER). Not its test. */
function liveness(
  print: Print,
  pictures: readonly LabelledPicture[],
  facts: readonly (FrameFacts | undefined)[],
): void {
  print("\nliveness, single pictures (not an ISO/IEC 30107-3 test; pictures without a face are not counted)");
  const { attacks, live } = pictureRates(pictures, facts);
  const rows: (string | number)[][] = [["kind", "n", "rate"]];
  for (const { bounds, bpcer, kind, n } of live)
    rows.push([`live, ${kind} pictures`, n, `BPCER ${shareWithBounds(bpcer, bounds)}`]);
  for (const { apcer, bounds, kind, n } of attacks)
    rows.push([kind, n, apcer === undefined ? "not tested" : `APCER ${shareWithBounds(apcer, bounds!)}`]);
  for (const line of table(rows)) print(line);
}
