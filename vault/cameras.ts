import type { Clock } from "../core/clock.ts";
import { LimenError } from "../core/errors.ts";
import { type CameraState, openCamera, type Subscribe } from "../core/faces/cameras/index.ts";
import { PrintMemory } from "../core/faces/liveness/repeats.ts";
import type { Challenge, Frame, LookHint } from "../core/faces/types.ts";
import type { CameraConfig } from "./protocol/site.ts";

type Camera = ReturnType<typeof openCamera>;

interface Taker {
  what: "look" | "enrolment";
  end: AbortController;
}

export interface CameraRoomOptions {
  clock: Clock;
  subscribe?: Subscribe;
  /** A camera began or ended to serve a look or an enrolment, or whoever is looked at is told something. */
  onLook(camera: string, running: boolean, told?: LookNews): void;
}

/** `what` at the beginning and the end, the rest in between; `hint: null`: what was wrong is mended. */
export interface LookNews {
  what?: Taker["what"];
  ask?: Challenge;
  hint?: LookHint | null;
}

/** The cameras of the deployed flow. A picture is in memory while a look runs, and nowhere else. */
export class CameraRoom {
  readonly #options: CameraRoomOptions;
  readonly #asked = new Map<string, Challenge>();
  readonly #hints = new Map<string, LookHint>();
  readonly #prints = new Map<string, PrintMemory>();
  /** Who takes pictures of a camera now. An enrolment gives way to a look, and never begins during one. */
  readonly #takers = new Map<string, Set<Taker>>();
  #cameras = new Map<string, { text: string; camera: Camera; maxAgeMs: number }>();

  constructor(options: CameraRoomOptions) {
    this.#options = options;
  }

  /**
   * Opens what is new or changed, closes what is gone, leaves the rest running.
   * @throws LimenError `camera-url-bad` before anything is changed
   */
  configure(configs: readonly CameraConfig[]): void {
    const next = new Map(
      configs.map((config) => {
        const text = JSON.stringify(config);
        const running = this.#cameras.get(config.id);
        const opened = { text, camera: running?.text === text ? running.camera : this.#open(config) };
        return [config.id, { ...opened, maxAgeMs: config.maxAgeMs }];
      }),
    );
    for (const [id, { camera }] of this.#cameras) if (next.get(id)?.camera !== camera) camera.stop();
    for (const [id, { camera }] of next) if (this.#cameras.get(id)?.camera !== camera) camera.start();
    this.#cameras = next;
    for (const id of this.#prints.keys()) if (!next.has(id)) this.#prints.delete(id);
  }

  /** Shows at the door what whoever stands there is asked to do, until the look there ends. */
  ask(id: string, challenge: Challenge): void {
    this.#asked.set(id, challenge);
    this.#hints.delete(id);
    this.#options.onLook(id, true, { ask: challenge });
  }

  /** Says at the door what is wrong with the newest picture, or that nothing is any more. */
  hint(id: string, hint: LookHint | undefined): void {
    if (hint === undefined) this.#hints.delete(id);
    else this.#hints.set(id, hint);
    this.#options.onLook(id, true, { hint: hint ?? null });
  }

  hinted(id: string): LookHint | undefined {
    return this.#hints.get(id);
  }

  asked(id: string): Challenge | undefined {
    return this.#asked.get(id);
  }

  /** What this camera showed during earlier looks: the same pictures again are a recording. */
  prints(id: string): PrintMemory {
    const known = this.#prints.get(id) ?? new PrintMemory();
    this.#prints.set(id, known);
    return known;
  }

  /**
   * Frames for one look or one enrolment, until the signal ends it. A camera gives each frame once, so the two never share
   * one: whoever stands at the door comes first.
   * @throws LimenError `unknown-camera`; for an enrolment `face-busy`, also when a look begins meanwhile
   */
  async *frames(
    id: string,
    signal: AbortSignal,
    what: Taker["what"] = "look",
  ): AsyncGenerator<Frame, void, undefined> {
    const { camera } = this.#get(id);
    const takers = this.#takers.get(id) ?? new Set();
    const own: Taker = { what, end: new AbortController() };
    if (what === "enrolment" && takers.size > 0) throw new LimenError("face-busy", { status: 503 });
    for (const other of takers) if (other.what === "enrolment") other.end.abort();
    takers.add(own);
    this.#takers.set(id, takers);
    this.#options.onLook(id, true, { what });
    try {
      yield* camera.frames(AbortSignal.any([signal, own.end.signal]));
      if (own.end.signal.aborted) throw new LimenError("face-busy", { status: 503 });
    } finally {
      takers.delete(own);
      if (takers.size === 0) {
        this.#takers.delete(id);
        this.#asked.delete(id);
        this.#hints.delete(id);
        this.#options.onLook(id, false, { what });
      }
    }
  }

  /** Oldest frame this camera's looks may use, ms. */
  maxAgeMs(id: string): number {
    return this.#get(id).maxAgeMs;
  }

  /**
   * A picture from a door's own screen.
   * @returns whether a look is waiting for pictures; otherwise it was not kept
   * @throws LimenError `unknown-camera`, or `camera-takes-no-frames` when it is no door screen
   */
  push(id: string, picture: Buffer): boolean {
    const { camera } = this.#get(id);
    if (!camera.push) throw new LimenError("camera-takes-no-frames", { field: "/camera", status: 409 });
    return camera.push(Buffer.from(picture)); // the request's own buffer is overwritten when it is answered
  }

  state(id: string): CameraState {
    return this.#get(id).camera.state;
  }

  /** Pictures that came from it since it was opened, looked at or not. */
  received(id: string): number {
    return this.#get(id).camera.received;
  }

  /** @returns each camera's state, the age of its newest frame, and the code of what last went wrong with it */
  states(): { id: string; state: CameraState; ageMs?: number; problem?: string }[] {
    return [...this.#cameras].map(([id, { camera }]) => ({
      id,
      state: camera.state,
      ...(camera.ageMs === undefined ? {} : { ageMs: camera.ageMs }),
      ...(camera.problem === undefined ? {} : { problem: camera.problem }),
    }));
  }

  close(): void {
    for (const { camera } of this.#cameras.values()) camera.stop();
    this.#cameras.clear();
  }

  #get(id: string) {
    const camera = this.#cameras.get(id);
    if (!camera) throw new LimenError("unknown-camera", { field: "/camera", status: 404 });
    return camera;
  }

  #open({ id, kind, url, topic, user, password }: CameraConfig): Camera {
    const { clock, subscribe } = this.#options;
    return openCamera(
      {
        id,
        kind,
        ...(url === undefined ? {} : { url }),
        ...(topic === undefined ? {} : { topic }),
        ...(user === undefined ? {} : { user }),
        ...(password === undefined ? {} : { password }),
      },
      { clock, ...(subscribe ? { subscribe } : {}) },
    );
  }
}
