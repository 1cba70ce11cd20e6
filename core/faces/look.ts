import type { FrameCode, LookCode, LookEvidence } from "./types.ts";

/** How far the best person has to be before the next other one, cosine. */
export const leastMargin = 0.06;

/**
 * How far below the threshold one agreeing frame may be while the mean of all agreeing ones reaches it. With a mean of
 * two photographs strangers came no nearer than with one (LFW, FPIR 0.003: 0.453 against 0.478), while residents
 * missed fell from 9.6 % (each must reach it) to 2.9 %.
 */
export const frameSlack = 0.1;

/** What one frame of a look came to. */
export type FrameOutcome =
  | { kind: "poor"; code: FrameCode; quality?: number }
  | { kind: "spoof"; liveness: number; quality: number }
  | { kind: "same" }
  | { kind: "stale" }
  | {
      kind: "compared";
      liveness: number;
      quality: number;
      person: string;
      template: string;
      score: number;
      runnerUp?: number;
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

/**
 * Decides over the frames of one look: at least k of n live frames agree on one person and on nobody else, each clear
 * of the next other person, and the mean of their scores reaches the threshold. A frame that is not live ends the look, and nothing after it can mend that; a
 * frame of poor quality only does not count. Pure: no clock, no camera.
 */
export class LookDecision {
  readonly #threshold: number;
  readonly #frames: number;
  readonly #agreeing: number;
  readonly #votes = new Map<string, Vote>();
  readonly #sure = new Set<string>();
  #compared = 0;
  #unclear = 0;
  #same = 0;
  #bestScore: number | undefined;
  #liveness: number | undefined;
  #quality = 0;
  #lastPoor: FrameCode | undefined;
  #over: Verdict | undefined;

  constructor(options: { threshold: number; frames: number; agreeing: number }) {
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
      return undefined;
    }
    this.#liveness = Math.min(this.#liveness ?? 1, outcome.liveness);
    if (outcome.kind === "spoof") return { code: "not-live" };
    return this.#vote(outcome);
  }

  #vote(frame: Extract<FrameOutcome, { kind: "compared" }>): Verdict | undefined {
    this.#compared++;
    this.#quality += frame.quality;
    this.#bestScore = Math.max(this.#bestScore ?? -1, frame.score);
    const margin = frame.runnerUp === undefined ? 2 : frame.score - frame.runnerUp;
    if (frame.score >= this.#threshold - frameSlack) {
      if (margin < leastMargin) this.#unclear += frame.score >= this.#threshold ? 1 : 0;
      else {
        const vote = this.#count(frame, margin);
        if (this.#sure.size > 1) return { code: "no-clear-match" }; // two people in one look
        const enough = vote.frames >= this.#agreeing && vote.sum / vote.frames >= this.#threshold;
        if (enough && this.#votes.size === 1) {
          return { code: "granted", person: frame.person, template: vote.template };
        }
      }
    }
    return this.#compared >= this.#frames ? { code: this.#atEnd() } : undefined;
  }

  #count({ person, template, score }: Extract<FrameOutcome, { kind: "compared" }>, margin: number): Vote {
    const vote = this.#votes.get(person) ?? { frames: 0, sum: 0, margin: 2, template };
    vote.frames++;
    vote.sum += score;
    vote.margin = Math.min(vote.margin, margin);
    this.#votes.set(person, vote);
    if (score >= this.#threshold) this.#sure.add(person);
    return vote;
  }

  #atEnd(): LookCode {
    if (this.#unclear > 0) return "no-clear-match";
    // Too few different pictures to agree, because the camera gave the same one again and again.
    if (this.#same > 0 && this.#compared < this.#agreeing) return "camera-frozen";
    if (this.#compared > 0) return "no-match";
    return this.#lastPoor ?? "camera-silent";
  }
}

const round = (value: number): number => Math.round(value * 1e4) / 1e4;
