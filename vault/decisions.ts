import { existsSync, readFileSync, renameSync } from "node:fs";
import type { Clock } from "../core/clock.ts";
import { type Decisions, facesOf, lackingAt } from "../core/decisions/index.ts";
import type { Papers } from "../core/policy/context.ts";
import { loadPack } from "../core/policy/packs.ts";
import { dueAt } from "../core/rights/calendar.ts";
import { rightsPack } from "../core/rights/packs.ts";
import { replaceFile } from "../core/store/replace-file.ts";
import type { Site } from "./site.ts";

export interface PaperRoomDeps {
  decisions: Decisions;
  site: Site;
  clock: Clock;
  /** Faces stored on this box. */
  faces(): number;
  /** When the last incident that touched faces became known, RFC 3339. */
  incident(): string | undefined;
  /** `papers.json`: what the record says, for the flow rules in the other process. */
  file: string;
  say(line: string): void;
}

/** How the record is used on this box: what arms a face, and the file the flow rules read. */
export class PaperRoom {
  readonly #deps: PaperRoomDeps;

  /** Nothing was ever recorded: a file that is there is not ours. */
  #before: boolean;

  constructor(deps: PaperRoomDeps) {
    this.#deps = deps;
    this.#before = deps.decisions.entries.length === 0;
  }

  get papers(): Papers {
    const { decisions, faces, incident } = this.#deps;
    return decisions.papers({ faces: faces(), incident: incident() });
  }

  get faces(): { here: number; elsewhere: number } {
    return facesOf(this.#deps.decisions.entries, { faces: this.#deps.faces() });
  }

  /** Whether the face at a door of the running flow has its papers. */
  inForce(door: string): boolean {
    const { site, clock } = this.#deps;
    const pack = loadPack(site.config.pack);
    return lackingAt(door, site.material(door), this.papers, pack, clock.now().toISOString()).length === 0;
  }

  /**
   * After every change, and now and then: a number that was reached begins its days, and the file says what the record
   * does. A file that cannot be written is told and tried again: the record stands without it, and arms by itself.
   */
  settle(): void {
    const { site, clock, file, say } = this.#deps;
    if (site.configured) this.#noteReached(site.config.pack, site.config.timeZone, clock.now());
    try {
      this.#write();
    } catch (error) {
      say(`vault: ${file} could not be written (${(error as NodeJS.ErrnoException).code ?? "internal"})`);
    }
  }

  #write(): void {
    const { decisions, file, say } = this.#deps;
    if (decisions.entries.length === 0) {
      if (existsSync(file) && !isEmpty(file))
        say(
          `vault: ${file} is not on the decision record, and arms no face until it is: PUT /api/v1/papers takes it over`,
        );
      return;
    }
    const text = `${JSON.stringify(this.papers, null, 2)}\n`;
    if (existsSync(file)) {
      if (readFileSync(file, "utf8") === text) return;
      if (this.#before) renameSync(file, `${file}.before`); // somebody's own, from before the record
    }
    this.#before = false;
    replaceFile(file, text, 0o640);
  }

  #noteReached(packId: string, timeZone: string, now: Date): void {
    const { bounds } = loadPack(packId);
    const { here, elsewhere } = this.faces;
    const threshold = bounds["filing.persons"]?.default;
    if (threshold === undefined || here + elsewhere < threshold) return;
    const count = bounds["filing.working-days"]?.default ?? 30;
    const { calendar } = rightsPack(packId);
    this.#deps.decisions.noteReached(
      here + elsewhere,
      dueAt(now, { count, unit: "working-days" }, { calendar, timeZone }),
    );
  }
}

const isEmpty = (file: string): boolean => readFileSync(file, "utf8").replace(/\s/g, "") === "{}";
