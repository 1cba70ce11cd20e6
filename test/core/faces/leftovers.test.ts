import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { decodePicture } from "../../../core/faces/picture.ts";
import { needs, newEngine, picture } from "./data.ts";

/** How often each of the byte strings is in the writable memory of a process. */
function countInMemory(pid: number, wanted: Readonly<Record<string, Buffer>>): Record<string, number> {
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

describe("what a look at a stranger leaves behind (RD-28)", function () {
  this.timeout(60_000);

  it("is nothing: no picture, no pixels, no description of it in memory", async function () {
    needs(this, "models", "faces");
    if (process.platform !== "linux") this.skip();
    const folder = mkdtempSync(join(tmpdir(), "limen-leftovers-"));
    const comment = randomBytes(24);
    const owner = randomBytes(12).toString("hex");
    const source = picture("deepface/img2.jpg");
    const { width = 0 } = await sharp(source).metadata();
    const wanted: Record<string, Buffer> = {
      comment,
      owner: Buffer.from(owner),
      sanity: Buffer.from("limen-"),
    };
    const engine = await newEngine();
    for (let i = 0; i < 30; i++) {
      const shot = await sharp(source)
        .resize(width + 4 * i)
        .withExif({ IFD0: { Copyright: owner } })
        .jpeg({ quality: 92 - i })
        .toBuffer();
      const marked = Buffer.concat([
        shot.subarray(0, 2),
        Buffer.from([0xff, 0xfe, 0, 26]),
        comment,
        shot.subarray(2),
        comment,
      ]);
      writeFileSync(join(folder, `${String(i).padStart(3, "0")}.jpg`), marked);
      if (i % 10 !== 3) continue;
      wanted[`scan ${i}`] = shot.subarray(shot.length >> 1, (shot.length >> 1) + 24);
      const pixels = Buffer.from((await decodePicture(marked)).data);
      wanted[`pixels ${i}`] = pixels.subarray(pixels.length >> 1, (pixels.length >> 1) + 24);
      const { embedding } = await engine.analyse(Buffer.from(marked), { embed: true, flip: true });
      wanted[`vector ${i}`] = Buffer.from(embedding!.buffer).subarray(64, 88);
    }
    await engine.close();
    const child = spawn(
      process.execPath,
      ["--expose-gc", join(import.meta.dirname, "leftovers.child.ts"), folder],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    try {
      const line = await new Promise<string>((resolve, reject) => {
        child.stdout.once("data", (data) => resolve(String(data)));
        child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
      });
      const { code, embeddings } = JSON.parse(line) as { code: string; embeddings: number };
      assert.equal(code, "no-match");
      assert.equal(embeddings, 31);
      const { sanity, ...left } = countInMemory(child.pid!, wanted);
      assert.ok(sanity! > 0, "the search does see the process's memory");
      for (const [name, count] of Object.entries(left)) assert.equal(count, 0, name);
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });
});
