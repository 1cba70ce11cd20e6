import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodePicture } from "../../../core/faces/picture.ts";
import { arriving, newEngine, picture, settings } from "./data.ts";

/**
 * Looks at every picture of a folder, as frames of somebody unknown, then waits to be looked through.
 * One of them, named in the second argument, it keeps as a slip in the code would: so that the search is seen to find one.
 */
const [folder, kept] = process.argv.slice(2) as [string, string];
const engine = await newEngine();
const { vectors } = await engine.enrol([picture("asian/ChinaTarget_102/102_1.jpg")]);
engine.gallery.put("template", "person", vectors);
const slip: unknown[] = [];

async function* frames() {
  for (const name of readdirSync(folder).sort()) {
    const jpeg = readFileSync(join(folder, name));
    if (name === kept) {
      slip.push(Buffer.from(jpeg), await decodePicture(jpeg));
      slip.push(await engine.analyse(Buffer.from(jpeg), { embed: true, flip: true }));
    }
    for await (const frame of arriving([jpeg])) yield frame;
    jpeg.fill(0);
  }
}
const many = { ...settings, frames: 10_000, seconds: 1000 };
const { code } = await engine.look({ frames: frames(), allowed: () => true, mode: "1:N", settings: many });
globalThis.gc?.();
console.log(JSON.stringify({ code, ...engine.counts }));
setInterval(() => slip.length, 1000); // what was kept stays reachable
