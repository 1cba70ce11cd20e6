import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { arriving, newEngine, picture, settings } from "./data.ts";

/** Looks at every picture of a folder, as frames of somebody unknown, then waits to be looked through. */
const folder = process.argv[2]!;
const engine = await newEngine();
const { vectors } = await engine.enrol([picture("asian/ChinaTarget_102/102_1.jpg")]);
engine.gallery.put("template", "person", vectors);

async function* frames() {
  for (const name of readdirSync(folder).sort()) {
    const jpeg = readFileSync(join(folder, name));
    for await (const frame of arriving([jpeg])) yield frame;
    jpeg.fill(0);
  }
}
const many = { ...settings, frames: 10_000, seconds: 1000 };
const { code } = await engine.look({ frames: frames(), allowed: () => true, mode: "1:N", settings: many });
globalThis.gc?.();
console.log(JSON.stringify({ code, ...engine.counts }));
setInterval(() => undefined, 1000);
