import { closeSync, openSync, readFileSync, readSync } from "node:fs";

/** How often each of the byte strings is in the writable memory of a process (Linux). */
export function countInMemory(pid: number, wanted: Readonly<Record<string, Buffer>>): Record<string, number> {
  const counts = Object.fromEntries(Object.keys(wanted).map((name) => [name, 0]));
  const memory = openSync(`/proc/${pid}/mem`, "r");
  for (const line of readFileSync(`/proc/${pid}/maps`, "utf8").split("\n")) {
    const range = /^([0-9a-f]+)-([0-9a-f]+) rw/.exec(line);
    if (!range) continue;
    const from = Number.parseInt(range[1]!, 16);
    const length = Number.parseInt(range[2]!, 16) - from;
    if (length > 2 ** 30) continue; // reserved for growing, not used
    const bytes = Buffer.alloc(length);
    try {
      readSync(memory, bytes, 0, length, from);
    } catch {
      continue; // a guard page
    }
    for (const [name, want] of Object.entries(wanted)) {
      for (let at = bytes.indexOf(want); at >= 0; at = bytes.indexOf(want, at + 1)) counts[name]!++;
    }
  }
  closeSync(memory);
  return counts;
}
