import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into every process of a site that is measured (`--import`): asked by a file `<pid>.ask` in the folder
 * `LIMEN_MEMORY_PROBE` names, it throws away what nothing refers to any more, then writes what is left to `<pid>.memory`.
 * Not loaded in operation.
 */
const folder = process.env.LIMEN_MEMORY_PROBE;
if (isMainThread && folder !== undefined) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const file = (end: string): string => join(folder, `${process.pid}.${end}`);
  setInterval(() => {
    if (!existsSync(file("ask"))) return;
    rmSync(file("ask"));
    collect();
    const { external, heapUsed, rss } = process.memoryUsage();
    writeFileSync(file("memory"), JSON.stringify({ rss, live: heapUsed + external }));
  }, 100).unref();
}
