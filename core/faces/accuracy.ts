import { wilson } from "./bounds.ts";
import type { Calibration, GroupCalibration } from "./calibration.ts";
import type { Bounds } from "./pair-bounds.ts";
import { type AgeBand, ageBands, isTechnical, type TallyRow } from "./tally.ts";
import { shareAt, type Threshold, thresholdFor } from "./threshold.ts";

/** Fewer than this say nothing, and might say something about somebody (RD-36). */
export const fewest = 30;
/** Reasons rarer than this are told together. */
const fewestOfAReason = 5;
/** Share of strangers' looks that may find somebody, at which searches are compared everywhere (FRTE). */
export const usualFpir = 0.003;

/** A share with its 95 % bounds and of how many. */
export interface Rate {
  share: number;
  low: number;
  high: number;
  n: number;
}

export interface GroupRates {
  group: string;
  people: number;
  /** Honest tries refused at the threshold: one picture enrolled, or three. */
  one: Rate;
  three?: Rate;
}

/** What a threshold costs and promises, group by group, from the calibration that came with the model. */
export interface Expected {
  threshold: Threshold;
  /** Share of looks of strangers that may find somebody. */
  risk: number;
  /** People's faces compared with one another that would be taken for each other, where enough pairs were measured. */
  falseMatch?: Rate;
  groups: GroupRates[];
}

/** @param comparisons faces a look is compared with */
export function expectedAt(calibration: Calibration, comparisons: number, risk: number): Expected {
  const threshold = thresholdFor(calibration, { comparisons: Math.max(1, comparisons), risk });
  const strictest = calibration.groups.find(({ group }) => group === threshold.group)!;
  const falseMatch = falseMatchAt(strictest, threshold.score);
  return {
    threshold,
    risk,
    ...(falseMatch ? { falseMatch } : {}),
    groups: calibration.groups.map(({ group, people, genuine }) => {
      const rate = (below: [number, number][], bounds: Bounds | undefined, n: number): Rate => ({
        share: shareAt(below, threshold.score),
        ...boundsAt(bounds, threshold.score),
        n,
      });
      return {
        group,
        people,
        one: rate(genuine.below, genuine.bounds, genuine.pairs),
        ...(genuine.belowThree
          ? { three: rate(genuine.belowThree, genuine.boundsThree, genuine.triesThree ?? 0) }
          : {}),
      };
    }),
  };
}

/** Only between measured points: what lies beyond them is a promise, not a measurement. */
function falseMatchAt({ impostor }: GroupCalibration, cosine: number): Rate | undefined {
  const { reached, bounds, pairs } = impostor;
  if (!bounds || cosine > reached.at(-1)![1] || cosine < reached[0]![1]) return undefined;
  const rising = reached.map(([share, at]): [number, number] => [at, share]);
  return { share: shareAt(rising, cosine), ...boundsAt(bounds, cosine), n: pairs };
}

function boundsAt(bounds: Bounds | undefined, cosine: number): { low: number; high: number } {
  if (!bounds) return { low: 0, high: 1 };
  const of = (place: 1 | 2) => bounds.map((point): [number, number] => [point[0], point[place]]);
  return { low: shareAt(of(1), cosine), high: shareAt(of(2), cosine) };
}

/** What was counted at one door. Absent: fewer than 30 looks. */
export interface Operation {
  /** Those that came as far as a picture of the door: what the camera or the box spoiled is not among them. */
  looks: number;
  /** Of all looks, how many found nobody, for whatever reason. */
  refused: Rate;
  /** No picture of a face that could be used. */
  notAcquired: Rate;
  notLive: Rate;
  /** Commonest first; rare ones together as `other`. */
  reasons: { code: string; n: number }[];
  /** Another look at the same door within a minute of one that failed, and of these, how many found somebody. */
  again: number;
  againGranted: number;
  /** Let in by card, code or pass within a minute of a look that failed. */
  otherWay: number;
}

const notAcquired = new Set([
  "no-face",
  "two-faces",
  "face-too-small",
  "face-blurred",
  "face-turned",
  "face-too-dark",
  "face-too-bright",
]);

/** Tries that the camera, the models or the box spoiled. They are about no face, so they are told from five on. */
export interface Technical {
  n: number;
  reasons: Reason[];
}

/** How looks or enrolments ended, by code. */
const endsOf = (rows: readonly TallyRow[], kind: "look" | "enrol"): Reason[] =>
  rows.flatMap(({ what, n }) =>
    what.startsWith(`${kind} `) ? [{ code: what.slice(kind.length + 1), n }] : [],
  );

const facesOnly = (ends: readonly Reason[]): Reason[] => ends.filter(({ code }) => !isTechnical(code));

/** @param door undefined: enrolments */
export function technicalAt(rows: readonly TallyRow[], door?: string): Technical | undefined {
  const ends =
    door === undefined
      ? endsOf(rows, "enrol")
      : endsOf(
          rows.filter((row) => row.door === door),
          "look",
        );
  const failed = ends.filter(({ code }) => isTechnical(code));
  const n = failed.reduce((total, one) => total + one.n, 0);
  return n < fewestOfAReason ? undefined : { n, reasons: failed.toSorted((p, q) => q.n - p.n) };
}

/** @param rows of any doors */
export function operationAt(rows: readonly TallyRow[], door: string): Operation | undefined {
  const own = rows.filter((row) => row.door === door);
  const codes = facesOnly(endsOf(own, "look"));
  const sum = (of: (code: string) => boolean) =>
    codes.reduce((total, { code, n }) => total + (of(code) ? n : 0), 0);
  const looks = sum(() => true);
  if (looks < fewest) return undefined;
  const count = (what: string) => own.find((row) => row.what === what)?.n ?? 0;
  return {
    looks,
    refused: rate(
      sum((code) => code !== "granted"),
      looks,
    ),
    notAcquired: rate(
      sum((code) => notAcquired.has(code)),
      looks,
    ),
    notLive: rate(
      sum((code) => code === "not-live"),
      looks,
    ),
    reasons: together(codes.filter(({ code }) => code !== "granted")),
    again: count("again"),
    againGranted: count("again-granted"),
    otherWay: count("other-way"),
  };
}

/** Failures to enrol; absent: fewer than 30 tries. */
export function enrolments(rows: readonly TallyRow[]): { failed: Rate; reasons: Reason[] } | undefined {
  const codes = facesOnly(endsOf(rows, "enrol"));
  const tries = codes.reduce((total, { n }) => total + n, 0);
  if (tries < fewest) return undefined;
  const failed = codes.filter(({ code }) => code !== "ok");
  return {
    failed: rate(
      failed.reduce((total, { n }) => total + n, 0),
      tries,
    ),
    reasons: together(failed),
  };
}

/**
 * By age, of those who stated it; a part that is absent had fewer than 30 tries, or was kept back so that those who had
 * could not be found by subtracting the others from all.
 */
export function byAge(rows: readonly TallyRow[]): { band: AgeBand; enrol?: Rate; verify?: Rate }[] {
  const [enrols, verifies] = [ageRates(rows, "enrol"), ageRates(rows, "verify")];
  return ageBands.map((band) => {
    const [enrol, verify] = [enrols.get(band), verifies.get(band)];
    return { band, ...(enrol ? { enrol } : {}), ...(verify ? { verify } : {}) };
  });
}

/** What is kept back is together nobody, or many enough. */
function ageRates(rows: readonly TallyRow[], kind: "enrol" | "verify"): Map<AgeBand, Rate> {
  const bands = ageBands.map((band) => {
    const count = (end: string) => rows.find(({ what }) => what === `${kind}-age ${band} ${end}`)?.n ?? 0;
    const failed = count("failed");
    return { band, failed, tries: failed + count("ok") };
  });
  const told = bands.filter(({ tries }) => tries >= fewest).sort((p, q) => q.tries - p.tries);
  let kept = bands.reduce((sum, { tries }) => sum + (tries < fewest ? tries : 0), 0);
  while (kept > 0 && kept < fewest && told.length > 0) kept += told.pop()!.tries;
  return new Map(told.map(({ band, failed, tries }) => [band, rate(failed, tries)]));
}

export interface Reason {
  code: string;
  n: number;
}

/** Rare reasons in one heap that is itself not rare, or nobody could not be told from somebody by subtracting. */
function together(reasons: readonly Reason[]): Reason[] {
  const falling = reasons.toSorted((p, q) => q.n - p.n);
  const common = falling.filter(({ n }) => n >= fewestOfAReason);
  let other = falling.slice(common.length).reduce((total, { n }) => total + n, 0);
  while (other > 0 && other < fewestOfAReason && common.length > 0) other += common.pop()!.n;
  return other > 0 ? [...common, { code: "other", n: other }] : common;
}

function rate(hits: number, n: number): Rate {
  const [low, high] = wilson(hits, n);
  return { share: hits / n, low, high, n };
}
