import { bandsOnFace } from "./flicker.ts";
import { tiltedFlat } from "./relief.ts";
import type { FrameCues } from "./sketch.ts";
import { heldUp, surroundings } from "./surroundings.ts";

/**
 * Why a look was ended as not live. `model`: the pack's models; `flat`: tilted as a flat thing does; `held`: what is round
 * the face goes with it; `screen`: the grid of a screen or print; `bands`: a screen's pulses; `repeat`: a recording.
 */
export const cueNames = ["model", "flat", "held", "screen", "bands", "repeat"] as const;
export type Cue = (typeof cueNames)[number];

/** Two frames whose peaks stand out this far: no living face of the 152 measured had one (greatest 2.15). */
export const moireLimit = 2.3;
/** Pairs of frames that must show bands. */
const leastBands = 2;

/**
 * Liveness over the frames of one look. Each check only speaks when it sees an attack; somebody who stands still gives it
 * nothing to see, so a look without a finding is not thereby proven live (a door that wants proof asks for a turn).
 */
export class LivenessWatch {
  #first: FrameCues | undefined;
  #last: FrameCues | undefined;
  #grids = 0;
  #bands = 0;

  /** Takes one frame's cues. They belong to the watch from now on. @returns what gave it away */
  take(cues: FrameCues): Cue | undefined {
    const found = this.#judge(cues);
    if (this.#last && this.#last !== this.#first) forget(this.#last);
    this.#first ??= cues;
    this.#last = cues;
    return found;
  }

  /** Overwrites what was kept. */
  close(): void {
    for (const cues of [this.#first, this.#last]) if (cues) forget(cues);
    this.#first = this.#last = undefined;
  }

  #judge(cues: FrameCues): Cue | undefined {
    if ((cues.moire ?? 0) >= moireLimit && ++this.#grids >= 2) return "screen";
    const [first, last] = [this.#first, this.#last];
    if (!first || !last) return undefined;
    const befores = first === last ? [first] : [first, last];
    if (befores.some((before) => tiltedFlat(before.landmarks, cues.landmarks))) return "flat";
    if (befores.some((before) => heldUp(surroundings(before, cues)))) return "held";
    if (bandsOnFace(last, cues) && ++this.#bands >= leastBands) return "bands";
    return undefined;
  }
}

/** Overwrites the sketch of a frame that nobody waits for any more. */
export function forget({ sketch }: FrameCues): undefined {
  sketch.data.fill(0);
}
