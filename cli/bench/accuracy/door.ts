import type { Calibration } from "../../../core/faces/calibration.ts";
import { type FrameOutcome, LookDecision } from "../../../core/faces/look.ts";
import { meanVector } from "../../../core/faces/pairs.ts";
import { type Threshold, thresholdFor } from "../../../core/faces/threshold.ts";
import type { Labelled } from "../pictures.ts";
import { shareWithBounds, table, wilson } from "../statistics.ts";
import { best, count, dealt, missed, residentsOf, strangersOf, type Tried } from "./open-set.ts";

/** What a face-match node starts with, and a camera with ten frames a second. */
const usual = { frames: 5, agreeing: 2, apartMs: 100 };
/** A look has three frames at least. */
const leastFrames = 3;
const deals = 10;

/** How looks at a door ended: refused residents by people, and strangers let in. */
interface DoorResult {
  threshold: Threshold;
  /** One picture again and again: frames of a look are at most that alike. */
  alike: Map<string, Tried>;
  /** Three to five different pictures of the person: frames of a look are at least that alike. */
  apart: Map<string, Tried>;
  letIn: number;
  strangers: number;
}

/** Why a look did not open, in groups. */
type Ended = "granted" | "not-acquired" | "not-live" | "not-known";

/**
 * What the door itself does: its own threshold for so many people and such a risk, its own decision over frames, with
 * quality refusals; not a cosine picked on these pictures. Liveness only where `live` says what the models thought of a picture.
 */
function atDoor(
  samples: readonly Labelled[],
  calibration: Calibration,
  { mated = "lfw-residents", risk, size }: { mated?: string; size: number; risk: number },
  ended?: Map<Ended, number>,
): DoorResult {
  const threshold = thresholdFor(calibration, { comparisons: size, risk });
  const residents = residentsOf(samples, mated).slice(0, size);
  const strangers = strangersOf(samples, residents);
  const result: DoorResult = { threshold, alike: new Map(), apart: new Map(), letIn: 0, strangers: 0 };
  for (let deal = 0; deal < deals; deal++) {
    const shuffled = dealt(strangers, deal);
    const fill = shuffled.slice(0, Math.max(0, size - residents.length));
    const hands = residents.map(([person, own]) => [person, dealt(own, deal)] as const);
    const gallery = [
      ...hands.map(([, own]) => meanVector(own.slice(0, 3).map(({ vector }) => vector))),
      ...fill.map(([, own]) => own[0]!.vector),
    ];
    const seen = (frame: Labelled) => outcomeOf(frame, gallery);
    for (const [place, [person, own]] of hands.entries()) {
      const frames = own.slice(3).map(seen);
      const refused = (look: readonly FrameOutcome[]) => {
        const { code, person: found } = decide(look, threshold.score);
        return code === "granted" && found === String(place) ? 0 : 1;
      };
      count(
        result.alike,
        person,
        frames.map((frame) => {
          const over = refused([frame, frame, frame]);
          const why = over ? whyNot(frame) : "granted";
          ended?.set(why, (ended.get(why) ?? 0) + 1);
          return over;
        }),
      );
      const windows = frames.slice(0, Math.max(0, frames.length - leastFrames + 1));
      count(
        result.apart,
        person,
        windows.map((_, i) => refused(frames.slice(i, i + usual.frames))),
      );
    }
    for (const [, own] of shuffled.slice(fill.length)) {
      const frame = seen(own[0]!);
      result.strangers++;
      if (decide([frame, frame, frame], threshold.score).code === "granted") result.letIn++;
    }
  }
  return result;
}

const whyNot = ({ kind }: FrameOutcome): Ended =>
  kind === "poor" ? "not-acquired" : kind === "spoof" ? "not-live" : "not-known";

function outcomeOf(
  { code, live, quality, vector }: Labelled,
  gallery: readonly Float32Array[],
): FrameOutcome {
  if (code) return { kind: "poor", code, quality };
  if (live === false) return { kind: "spoof", cue: "model", liveness: 0, quality };
  const scores = Float64Array.from(gallery, (other) => {
    let sum = 0;
    for (let i = 0; i < other.length; i++) sum += other[i]! * vector[i]!;
    return sum;
  });
  const [score, at] = best(scores);
  scores[at] = -1;
  const [runnerUp] = best(scores);
  return { kind: "compared", at: 0, liveness: 1, quality, person: String(at), template: "", score, runnerUp };
}

function decide(frames: readonly FrameOutcome[], threshold: number) {
  const decision = new LookDecision({ threshold, frames: usual.frames, agreeing: usual.agreeing });
  for (const [i, frame] of frames.entries())
    decision.take(frame.kind === "compared" ? { ...frame, at: i * usual.apartMs } : frame);
  return decision.end();
}

/** The door's own refusals and wrong openings, by gallery and risk; and once with liveness, on pictures in colour. */
export function theDoor(
  print: (line: string) => void,
  samples: readonly Labelled[],
  calibration: Calibration,
): void {
  print(
    "\nthe door itself: its own threshold and decision, three pictures enrolled, refusals for quality included " +
      "(95 % bounds over people). Frames of one look lie between `alike` and `different`",
  );
  const rows: (string | number)[][] = [
    ["gallery", "risk", "cosine", "refused, frames alike", "refused, frames different", "strangers let in"],
  ];
  for (const size of [100, 500, 1000]) {
    for (const risk of [0.003, 1e-3, 1e-4]) {
      const { alike, apart, letIn, strangers, threshold } = atDoor(samples, calibration, { size, risk });
      if (alike.size === 0) continue;
      rows.push([
        size,
        risk,
        `${threshold.score.toFixed(3)} ${threshold.measured ? "measured" : "extrapolated"}`,
        missed(alike),
        missed(apart),
        `${letIn} of ${strangers}`,
      ]);
    }
  }
  for (const line of table(rows)) print(line);
  const ended = new Map<Ended, number>();
  const colour = atDoor(samples, calibration, { mated: "asian", size: 1000, risk: 0.003 }, ended);
  if (colour.alike.size === 0) return;
  const n = [...ended.values()].reduce((sum, one) => sum + one, 0);
  const share = (what: Ended) => {
    const hits = ended.get(what) ?? 0;
    return `${what} ${shareWithBounds(hits / n, wilson(hits / deals, n / deals))}`;
  };
  print(
    `with liveness: ${colour.alike.size} people in colour among 1,000, risk 0.003, frames alike: ` +
      `${share("granted")}, ${share("not-acquired")}, ${share("not-live")}, ${share("not-known")}`,
  );
}
