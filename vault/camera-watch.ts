import type { Clock } from "../core/clock.ts";
import type { CameraRoom } from "./cameras.ts";

/** A camera may be away this long before anybody is told: it is being begun anew meanwhile. */
const graceMs = 5000;

export interface CameraWatchOptions {
  cameras: Pick<CameraRoom, "states">;
  clock: Clock;
  /** Does an alarm of this camera stand from before this start? */
  silent?(camera: string): boolean;
  /** A camera gives no new picture any more, or does again. @param detail the camera's id and what it does */
  tell(camera: string, kind: "camera-silent" | "camera-back", detail: string): void;
}

/** Notices which cameras went silent or stand still, and which came back: once each time. */
export class CameraWatch {
  readonly #options: CameraWatchOptions;
  /** Seen well, or told of, since the start. */
  readonly #met = new Set<string>();
  readonly #sick = new Map<string, { since: number; told: boolean }>();

  constructor(options: CameraWatchOptions) {
    this.#options = options;
  }

  /** To be called about once a second. */
  look(): void {
    const { cameras, clock, tell } = this.#options;
    const states = cameras.states();
    for (const { id, state, problem } of states) {
      const known = this.#sick.get(id);
      if (state === "silent" || state === "frozen") {
        const sick = known ?? { since: clock.monotonic(), told: false };
        this.#sick.set(id, sick);
        if (sick.told || clock.monotonic() - sick.since < graceMs) continue;
        sick.told = true;
        this.#met.add(id);
        tell(id, "camera-silent", `${id} ${state}`);
      } else if (known && problem === undefined) {
        // one that nobody asked since it failed may still be away
        this.#sick.delete(id);
        if (known.told) tell(id, "camera-back", id);
      }
      if (state === "live" && !this.#met.has(id)) {
        this.#met.add(id);
        if (this.#options.silent?.(id)) tell(id, "camera-back", id);
      }
    }
    for (const id of this.#sick.keys()) if (!states.some((state) => state.id === id)) this.#sick.delete(id);
  }
}
