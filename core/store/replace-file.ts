import { renameSync, writeFileSync } from "node:fs";

/** Writes a file whole or not at all: whoever reads it meanwhile, or after a crash, finds the old one or the new one. */
export function replaceFile(path: string, text: string, mode = 0o600): void {
  const next = `${path}.next`;
  writeFileSync(next, text, { mode });
  renameSync(next, path);
}
