import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "../../core/store/replace-file.ts";

/** The flow whose nodes are running now: what papers are made from. */
let running: readonly object[] | undefined;

export const setRunningFlow = (flow: readonly object[]): void => {
  running = flow;
};

/** @returns undefined until the first flow has started */
export const runningFlow = (): readonly object[] | undefined => running;

let folder: string | undefined;

/** Where the draft is kept: the data folder. */
export function keepDraftsIn(data: string): void {
  folder = data === "" ? undefined : data;
}

const file = (): string | undefined => folder && join(folder, "draft-flow.json");

/**
 * Keeps a flow that lacks nothing but its papers, so that they can be made, voted on and published before it is
 * deployed; undefined: there is none any more.
 */
export function setDraftFlow(flow: readonly object[] | undefined): void {
  const path = file();
  if (!path) return;
  if (flow) replaceFile(path, JSON.stringify(flow));
  else rmSync(path, { force: true });
}

/** The flow that waits for its papers. @returns undefined where none does, or nobody can read it */
export function draftFlow(): readonly object[] | undefined {
  const path = file();
  if (!path || !existsSync(path)) return undefined;
  try {
    const flow: unknown = JSON.parse(readFileSync(path, "utf8"));
    return Array.isArray(flow) ? (flow as object[]) : undefined;
  } catch {
    return undefined;
  }
}
