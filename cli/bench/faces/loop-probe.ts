import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/**
 * Loaded into every process of a site that is measured (`--import`): twice a second, how long its event loop was held, as
 * lines of `<pid>.loop` in the folder `LIMEN_LOOP_PROBE` names. Not loaded in operation.
 */
const folder = process.env.LIMEN_LOOP_PROBE;
const resolution = 2;
if (isMainThread && folder !== undefined) {
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  setInterval(() => {
    const held = (ns: number) => Math.max(0, ns / 1e6 - resolution);
    const line = {
      at: Date.now(),
      p50: held(delay.percentile(50)),
      p99: held(delay.percentile(99)),
      max: held(delay.max),
    };
    delay.reset();
    appendFileSync(join(folder, `${process.pid}.loop`), `${JSON.stringify(line)}\n`);
  }, 500).unref();
}
