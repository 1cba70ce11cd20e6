import { turnedBy } from "./liveness/relief.ts";
import type { Cue } from "./liveness/watch.ts";
import type { Challenge, FrameCode, LookCode, LookEvidence } from "./types.ts";

/** How far the best person has to be before the next other one, cosine. */
export const leastMargin = 0.06;

/**
 * How far below the threshold one agreeing frame may be while the mean of all agreeing ones reaches it. With a mean of
 * two photographs strangers came no nearer than with one (LFW, FPIR 0.003: 0.453 against 0.478), while residents
 * missed fell from 9.6 % (each must reach it) to 2.9 %.
 */
export const frameSlack = 0.1;

/**
 * Living frames before anybody is let in, and how long they span at least (arrival of the first to that of the last, ms),
 * however few have to agree. The checks over several frames need pairs of frames and time for something to move; with two
 * frames they had one pair. At ten frames a second three span 200 ms, and press to decision stays below 400 ms at p95;
 * a quicker camera gives more frames in that time, not less time.
 */
export const leastLiveFrames = 3;
export const leastSpanMs = 150;

/** Degrees a head has to turn when it is asked to, by its relief. */
export const leastTurn = 15;
/** How far below the threshold a turned face may be: it is still compared, so that nobody else can turn in its place. */
const turnSlack = 0.15;

/** What one frame of a look came to. */
export type FrameOutcome =
  | { kind: "poor"; code: FrameCode; quality?: number }
  | { kind: "spoof"; cue: Cue; liveness: number; quality: number }
  | { kind: "same" }
  | { kind: "stale" }
  | {
      kind: "compared";
      /** When it arrived, ms of a monotonic clock. */
      at: number;
      liveness: number;
      quality: number;
      person: string;
      template: string;
      score: number;
      runnerUp?: number;
      /** Five points, for a challenge. */
      landmarks?: readonly number[];
    };

export interface Verdict {
  code: LookCode;
  person?: string;
  template?: string;
}

interface Vote {
  frames: number;
  sum: number;
  margin: number;
  template: string;
}

/** Recognised, and now asked to turn from how the head was then. */
interface Asked {
  person: string;
  from: readonly number[];
}

/**
 * Decides over the frames of one look: at least k of n live frames agree on one person and on nobody else, each clear
 * of the next other person, and the mean of their scores reaches the threshold; and there were enough live frames over
 * long enough to tell a living face (`leastLiveFrames`, `leastSpanMs`). A frame that is not live ends the look, and nothing
 * after it can mend that; a frame of poor quality only does not count. Pure: no clock, no camera.
 */
export class LookDecision {
  readonly #threshold: number;
  readonly #frames: number;
  readonly #agreeing: number;
  readonly #votes = new Map<string, Vote>();
  readonly #sure = new Set<string>();
  #compared = 0;
  #firstAt = 0;
  #lastAt = 0;
  #unclear = 0;
  #same = 0;
  #poor = 0;
  #bestScore: number | undefined;
  #liveness: number | undefined;
  #quality = 0;
  #lastPoor: FrameCode | undefined;
  #over: Verdict | undefined;
  readonly #challenge: Challenge | undefined;
  #asked: Asked | undefined;
  #turned = 0;
  #cue: Cue | undefined;

  constructor(options: { threshold: number; frames: number; agreeing: number; challenge?: Challenge }) {
    this.#challenge = options.challenge;
    this.#threshold = options.threshold;
    this.#frames = options.frames;
    this.#agreeing = Math.max(1, options.agreeing);
  }

  /** Takes one frame. @returns the verdict once there is one; later frames change nothing */
  take(outcome: FrameOutcome): Verdict | undefined {
    if (this.#over) return this.#over;
    this.#over = this.#judge(outcome);
    return this.#over;
  }

  /** Somebody was recognised and now has to do what the challenge asks. */
  get asked(): boolean {
    return this.#asked !== undefined;
  }

  /** The verdict when no more frames come: never `granted`. */
  end(): Verdict {
    this.#over ??= { code: this.#atEnd() };
    return this.#over;
  }

  evidence(person?: string): LookEvidence {
    const vote = person === undefined ? undefined : this.#votes.get(person);
    const score = vote ? vote.sum / vote.frames : this.#bestScore;
    return {
      threshold: round(this.#threshold),
      frames: this.#compared,
      agreeing: vote?.frames ?? Math.max(0, ...[...this.#votes.values()].map(({ frames }) => frames)),
      ...(score === undefined ? {} : { score: round(score) }),
      ...(vote && vote.margin < 2 ? { margin: round(vote.margin) } : {}),
      ...(this.#liveness === undefined ? {} : { liveness: round(this.#liveness) }),
      ...(this.#cue === undefined ? {} : { cue: this.#cue }),
      ...(this.#asked ? { turned: Math.round(this.#turned) } : {}),
      ...(this.#compared > 0 ? { quality: round(this.#quality / this.#compared) } : {}),
    };
  }

  #judge(outcome: FrameOutcome): Verdict | undefined {
    if (outcome.kind === "stale") return undefined;
    if (outcome.kind === "same") {
      this.#same++;
      return undefined;
    }
    if (outcome.kind === "poor") {
      this.#lastPoor = outcome.code;
      this.#poor++;
      return undefined;
    }
    this.#liveness = Math.min(this.#liveness ?? 1, outcome.liveness);
    if (outcome.kind === "spoof") {
      this.#cue = outcome.cue;
      return { code: "not-live" };
    }
    return this.#asked ? this.#turning(outcome, this.#asked) : this.#vote(outcome);
  }

  /**
   * Waits for the turn. A flat picture cannot make it, because it is measured by the nose against eyes and mouth; nobody
   * else can make it in the recognised person's place, because the turned face is compared as well. A turn to the wrong side
   * ends the look: who plays a recording back gets it right half of the time at most.
   */
  #turning(frame: Extract<FrameOutcome, { kind: "compared" }>, asked: Asked): Verdict | undefined {
    const { person, score, landmarks } = frame;
    if (person !== asked.person) return score >= this.#threshold ? { code: "no-clear-match" } : undefined;
    if (!landmarks || score < this.#threshold - turnSlack) return undefined;
    const left = turnedBy(asked.from, landmarks);
    this.#turned = this.#challenge === "turn-left" ? left : -left;
    if (this.#turned <= -leastTurn) return { code: "challenge-failed" };
    if (this.#turned < leastTurn) return undefined;
    return { code: "granted", person, template: this.#votes.get(person)!.template };
  }

  #vote(frame: Extract<FrameOutcome, { kind: "compared" }>): Verdict | undefined {
    if (this.#compared === 0) this.#firstAt = frame.at;
    this.#lastAt = frame.at;
    this.#compared++;
    this.#quality += frame.quality;
    this.#bestScore = Math.max(this.#bestScore ?? -1, frame.score);
    const margin = frame.runnerUp === undefined ? 2 : frame.score - frame.runnerUp;
    if (frame.score >= this.#threshold - frameSlack) {
      if (margin < leastMargin) this.#unclear += frame.score >= this.#threshold ? 1 : 0;
      else this.#count(frame, margin);
    }
    if (this.#sure.size > 1) return { code: "no-clear-match" }; // two people in one look
    const agreed = this.#agreed();
    if (agreed && this.#seenLong()) {
      const [person, { template }] = agreed;
      if (!this.#challenge) return { code: "granted", person, template };
      if (frame.landmarks && frame.person === person) this.#asked = { person, from: frame.landmarks };
    }
    // Whoever is agreed on only has to be seen for long enough; that ends with the look's time.
    return this.#compared >= this.#frames && !agreed ? { code: this.#atEnd() } : undefined;
  }

  /** The one person enough frames agree on, if there is one. */
  #agreed(): [person: string, vote: Vote] | undefined {
    const [only, ...others] = this.#votes;
    if (!only || others.length > 0) return undefined;
    const [, { frames, sum }] = only;
    return frames >= this.#agreeing && sum / frames >= this.#threshold ? only : undefined;
  }

  /** Were there enough live frames, over long enough, for the checks over several of them to see anything? */
  #seenLong(): boolean {
    return this.#compared >= leastLiveFrames && this.#lastAt - this.#firstAt >= leastSpanMs;
  }

  #count({ person, template, score }: Extract<FrameOutcome, { kind: "compared" }>, margin: number): void {
    const vote = this.#votes.get(person) ?? { frames: 0, sum: 0, margin: 2, template };
    vote.frames++;
    vote.sum += score;
    vote.margin = Math.min(vote.margin, margin);
    this.#votes.set(person, vote);
    if (score >= this.#threshold) this.#sure.add(person);
  }

  #atEnd(): LookCode {
    if (this.#asked) return "challenge-failed";
    // Somebody was recognised, but the camera gave too little to see that it is a living face.
    if (this.#agreed()) return this.#same > 0 ? "camera-frozen" : (this.#lastPoor ?? "camera-silent");
    if (this.#unclear > 0) return "no-clear-match";
    // Too few different pictures to agree, because the camera gave the same one again and again.
    if (this.#same > 0 && this.#compared + this.#poor < this.#agreeing) return "camera-frozen";
    if (this.#compared > 0) return "no-match";
    return this.#lastPoor ?? "camera-silent";
  }
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
