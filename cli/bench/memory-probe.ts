import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into every process of a site that is measured (`--import`): on SIGUSR2 it throws away what nothing refers to any
 * more, then writes what is left to `<pid>.memory` in the folder `LIMEN_MEMORY_PROBE` names. Not loaded in operation.
 */
const folder = process.env.LIMEN_MEMORY_PROBE;
if (isMainThread && folder !== undefined) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  process.on("SIGUSR2", () => {
    collect();
    collect();
    const { external, heapUsed, rss } = process.memoryUsage();
    writeFileSync(
      join(folder, `${process.pid}.memory`),
      JSON.stringify({ at: Date.now(), rss, live: heapUsed + external }),
    );
  });
}
