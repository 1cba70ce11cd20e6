import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { decodePicture } from "../../../core/faces/picture.ts";
import { needs, newEngine, picture } from "./data.ts";
import { countInMemory } from "./memory.ts";

/** Strangers' frames: a thousand with LIMEN_STRANGERS=1000. */
const strangers = Number(process.env.LIMEN_STRANGERS ?? 30);

describe("what a look at a stranger leaves behind (RD-28)", function () {
  this.timeout(60_000 + 500 * strangers);

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
    for (let i = 0; i < strangers; i++) {
      const shot = await sharp(source)
        .resize(width + 4 * (i % 30))
        .withExif({ IFD0: { Copyright: owner } })
        .modulate({ brightness: 1 - 0.0002 * i })
        .jpeg({ quality: 92 - (i % 30) })
        .toBuffer();
      const marked = Buffer.concat([
        shot.subarray(0, 2),
        Buffer.from([0xff, 0xfe, 0, 26]),
        comment,
        shot.subarray(2),
        comment,
      ]);
      writeFileSync(join(folder, `${String(i).padStart(4, "0")}.jpg`), marked);
      if (i % Math.ceil(strangers / 3) !== 3) continue;
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
      assert.equal(embeddings, strangers + 1);
      const { sanity, ...left } = countInMemory(child.pid!, wanted);
      assert.ok(sanity! > 0, "the search does see the process's memory");
      for (const [name, count] of Object.entries(left)) assert.equal(count, 0, name);
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });
});
