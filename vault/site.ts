import { isDeepStrictEqual } from "node:util";
import { LimenError } from "../core/errors.ts";
import { loadPack } from "../core/policy/packs.ts";
import { type ProcessorView, withProcessors } from "../core/rights/index.ts";
import type { Request } from "./protocol/index.ts";
import type { CameraConfig, DoorConfig, Off, SiteConfig } from "./protocol/site.ts";

type DeclaredDoor = Request<"configure">["doors"][number];
export type Door = DeclaredDoor & Required<Pick<DeclaredDoor, "seconds" | "emergencies">>;
export type DeclaredLook = Request<"configure">["looks"][number];
/** `released`: the lock is, and nothing says that the door has opened. */
export type DoorState = "closed" | "open" | "released" | "unknown";

/** Papers that are missing keep faces off, door by door, and no card from opening. */
export const isLawful = (findings: readonly { rule: string }[]): boolean =>
  findings.every(({ rule }) => rule === "notice-in-force");

/** What the vault itself adds to the findings of a flow that a second person has to agree to. */
export const secondPerson = "second-person";

/** Pictures no camera at a door took: the door's own screen, or a program on this box that plays some. */
function isPlayed({ kind, url }: CameraConfig): boolean {
  if (kind === "screen") return true;
  if (kind === "mqtt" || kind === "v4l2" || !url || !URL.canParse(url)) return false;
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/i.test(new URL(url).hostname);
}

/**
 * What the deployed flow says there is, as the vault holds it. Nothing is armed until a lawful flow has been declared:
 * a fresh vault opens no door and compares no face.
 */
export class Site {
  #site: SiteConfig | undefined;
  #doors = new Map<string, Door>();
  #cameras = new Map<string, CameraConfig>();
  #looks: Request<"configure">["looks"] = [];
  #notices: Request<"configure">["notices"] = [];
  #lawful = false;
  /** What contacts said last. */
  readonly #states = new Map<string, "closed" | "open">();
  /** Until when a lock is released, monotonic ms. */
  readonly #released = new Map<string, number>();
  /** Ids of the rules the running flow was refused by, each once. */
  #rules: readonly string[] = [];
  flowHash: string | undefined;
  readonly #allow: { faces(): boolean; papers(door: string): boolean };

  /**
   * @param allow.faces is there nothing outside the flow that keeps faces off (a restore that is not finished)?
   * @param allow.papers are the papers of a real door's face in force?
   */
  constructor(allow: { faces(): boolean; papers(door: string): boolean }) {
    this.#allow = allow;
  }

  configure({ site, doors, cameras, looks = [], flow, notices }: Request<"configure">): void {
    for (const { id, door } of cameras) {
      if (!doors.some((known) => known.id === door)) {
        throw new LimenError("unknown-door", { field: `/cameras/${id}/door`, status: 422 });
      }
    }
    this.#site = site;
    this.#doors = new Map(
      doors.map((door) => [
        door.id,
        { ...door, seconds: door.seconds ?? [], emergencies: door.emergencies ?? [] },
      ]),
    );
    this.#cameras = new Map(cameras.map((camera) => [camera.id, camera]));
    this.#looks = looks;
    this.#lawful = isLawful(flow.findings);
    this.#rules = [...new Set(flow.findings.map(({ rule }) => rule))].sort();
    this.#notices = notices;
    this.flowHash = flow.hash;
  }

  /** @throws LimenError `not-configured` before a flow was declared */
  get config(): SiteConfig {
    if (!this.#site) throw new LimenError("not-configured", { status: 409 });
    return this.#site;
  }

  /** Longest an emergency may last, days: the policy pack's. */
  get emergencyDays(): number {
    return loadPack(this.config.pack).bounds["emergency.days"]?.max ?? 0;
  }

  get configured(): boolean {
    return this.#site !== undefined;
  }

  /** What residents would agree to: the flow's notices, with those who work on the data in the site's name. */
  noticesWith(processors: readonly ProcessorView[]): Request<"configure">["notices"] {
    return this.#notices.map((notice) => withProcessors(notice, processors));
  }

  get doors(): Door[] {
    return [...this.#doors.values()];
  }

  get cameras(): CameraConfig[] {
    return [...this.#cameras.values()];
  }

  /** @throws LimenError `unknown-door` */
  door(id: string): Door {
    const door = this.#doors.get(id);
    if (!door) throw new LimenError("unknown-door", { field: "/door", status: 404 });
    return door;
  }

  /** @throws LimenError `unknown-camera`, or `camera-not-of-door`: a camera only ever serves its own door (RD-38) */
  camera(id: string, door: string): CameraConfig {
    const camera = this.#cameras.get(id);
    if (!camera) throw new LimenError("unknown-camera", { field: "/camera", status: 404 });
    if (camera.door !== door) throw new LimenError("camera-not-of-door", { field: "/camera", status: 409 });
    return camera;
  }

  /**
   * A look is what the deployed flow says it is: the notice, the papers and the promised risk are of that one.
   * @throws LimenError `look-not-declared` when this node declared none at this door and camera, or another one
   */
  requireDeclared({ node, door, camera, settings }: DeclaredLook): void {
    const declared = this.#looks.find((look) => look.node === node);
    const same =
      declared?.door === door && declared.camera === camera && isDeepStrictEqual(declared.settings, settings);
    if (!same) throw new LimenError("look-not-declared", { field: "/settings", status: 409 });
  }

  /** How the doors of this flow look at faces. */
  get looks(): readonly DeclaredLook[] {
    return this.#looks;
  }

  /** Tickets are honoured while the deployed flow breaks no rule. */
  get relaysArmed(): boolean {
    return this.#lawful;
  }

  /** Fingerprint of what the running flow says a face at this door is for (`materialHash`); undefined: it has none. */
  material(door: string): string | undefined {
    return this.#notices.find(({ doors }) => doors.includes(door))?.material;
  }

  /**
   * A demonstration arms faces at simulated doors only, none of whose cameras is real, whatever the flow was judged to be;
   * everywhere else the decision record must have their papers.
   */
  faceArmed(door: DoorConfig): boolean {
    if (!this.#lawful || !this.#allow.faces()) return false;
    if (!this.config.demonstration) return this.#allow.papers(door.id);
    return door.simulated && this.cameras.every((camera) => camera.door !== door.id || isPlayed(camera));
  }

  /**
   * What of the running flow is off because of the flow itself, for whoever wonders why no door opens. Faces count only where
   * the flow has some: one door whose papers lack is enough. @returns undefined when nothing is, or before a flow was declared
   */
  get off(): Off | undefined {
    if (!this.configured || this.#rules.length === 0) return undefined;
    const faces = this.doors.some((door) => door.ways.includes("face") && !this.faceArmed(door));
    const relays = !this.#lawful;
    if (!relays && !faces) return undefined;
    const rules = this.#rules.filter((rule) => rule !== secondPerson);
    return { relays, faces, why: rules.length > 0 ? "flow-refused" : "second-person", rules };
  }

  /** @param now monotonic ms: a release ends by itself */
  state(door: string, now: number): DoorState {
    const leaf = this.#states.get(door);
    if (leaf === "open") return leaf;
    return now < (this.#released.get(door) ?? Number.NEGATIVE_INFINITY) ? "released" : (leaf ?? "unknown");
  }

  /** What a door's contact says, or an event that it must have seen. */
  moved(door: string, state: "closed" | "open"): void {
    // one that shut after it was open has used its release up
    if (state === "closed" && this.#states.get(door) === "open") this.#released.delete(door);
    this.#states.set(door, state);
  }

  /** The lock is released, at least until then: monotonic ms. */
  released(door: string, until: number): void {
    this.#released.set(door, Math.max(until, this.#released.get(door) ?? until));
  }
}
