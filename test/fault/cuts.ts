import assert from "node:assert/strict";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DiskModel, randomFrom } from "./disk-model.ts";
import { type DiskEvent, record } from "./trace.ts";

export interface Recording {
  /** Where the writer's files lay. */
  root: string;
  events: DiskEvent[];
}

/** Runs a writer of this folder and records what it did to the disk. @param weaken with SQLite's NORMAL */
export function recorded(folder: string, writer: string, weaken: boolean): Recording {
  const root = join(folder, weaken ? "weak" : "full");
  mkdirSync(root);
  const module = join(import.meta.dirname, writer);
  const events = record(module, [root, ...(weaken ? ["weaken"] : [])], root, join(folder, "trace"));
  assert.ok(events.filter(({ kind }) => kind === "sync").length > 100);
  assert.ok(events.filter(({ kind }) => kind === "said").length > 100);
  return { root, events };
}

/**
 * Cuts the power at random moments and opens twice what is left.
 * @param check throws when something is broken that the lines said until then had promised
 * @returns what went wrong at each cut where something did
 */
export function cutOften<Line>(
  folder: string,
  { root, events }: Recording,
  { cuts, seed }: { cuts: number; seed: number },
  check: (folder: string, said: readonly Line[]) => void,
): string[] {
  const random = randomFrom(seed);
  const moments = Array.from({ length: cuts }, () => Math.floor(random() * (events.length + 1)));
  const model = new DiskModel(root);
  const said: string[] = [];
  const broken: string[] = [];
  let at = 0;
  for (const moment of moments.sort((a, b) => a - b)) {
    for (; at < moment; at++) {
      const event = events[at]!;
      model.apply(event);
      if (event.kind === "said") said.push(event.text);
    }
    const target = join(folder, "cut");
    model.cut(target, random);
    const lines = said
      .join("")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
    for (const time of ["first", "second"]) {
      try {
        check(target, lines);
      } catch (error) {
        broken.push(`seed ${seed}, cut at ${moment} of ${events.length}, ${time} open: ${String(error)}`);
        break;
      }
    }
    rmSync(target, { recursive: true });
  }
  return broken;
}
