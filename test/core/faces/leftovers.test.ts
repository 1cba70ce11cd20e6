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

  it("is nothing: no picture, no pixels, no description in memory; and of one picture kept by a slip, all of it is found", async function () {
    needs(this, "models", "faces");
    if (process.platform !== "linux") this.skip();
    const folder = mkdtempSync(join(tmpdir(), "limen-leftovers-"));
    const signs = () => ({ comment: randomBytes(24), owner: randomBytes(12).toString("hex") });
    const [everybodys, slips] = [signs(), signs()];
    const source = picture("deepface/img2.jpg");
    const { width = 0 } = await sharp(source).metadata();
    const wanted: Record<string, Buffer> = { sanity: Buffer.from("limen-") };
    const engine = await newEngine();
    const sought = [...Array(strangers).keys()].filter((i) => i % Math.ceil(strangers / 4) === 3);
    /** The control: the process keeps this one, as a slip in the code would. */
    const slip = sought[0]!;
    const fileOf = (i: number) => `${String(i).padStart(4, "0")}.jpg`;
    for (let i = 0; i < strangers; i++) {
      const { comment, owner } = i === slip ? slips : everybodys;
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
      writeFileSync(join(folder, fileOf(i)), marked);
      if (!sought.includes(i)) continue;
      const name = i === slip ? "slip" : String(i);
      wanted[`${name} comment`] = comment;
      wanted[`${name} owner`] = Buffer.from(owner);
      wanted[`${name} scan`] = shot.subarray(shot.length >> 1, (shot.length >> 1) + 24);
      const pixels = Buffer.from((await decodePicture(marked)).data);
      wanted[`${name} pixels`] = pixels.subarray(pixels.length >> 1, (pixels.length >> 1) + 24);
      const { embedding } = await engine.analyse(Buffer.from(marked), { embed: true, flip: true });
      wanted[`${name} vector`] = Buffer.from(embedding!.buffer).subarray(64, 88);
    }
    await engine.close();
    assert.ok(sought.length >= 3);
    const child = spawn(
      process.execPath,
      ["--expose-gc", join(import.meta.dirname, "leftovers.child.ts"), folder, fileOf(slip)],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    try {
      const line = await new Promise<string>((resolve, reject) => {
        child.stdout.once("data", (data) => resolve(String(data)));
        child.once("exit", (code) => reject(new Error(`ended with ${code}`)));
      });
      const { code, embeddings } = JSON.parse(line) as { code: string; embeddings: number };
      assert.equal(code, "no-match");
      assert.equal(embeddings, strangers + 2, "every stranger, somebody enrolled, and the slip");
      const kept = ["comment", "owner", "scan", "pixels", "vector"].map((what) => `slip ${what}`);
      let found: string[] = [];
      // the last look is cleaned up after while this searches; what is still there after many searches was forgotten
      for (let searches = 0; searches < 15; searches++) {
        const { sanity, ...counts } = countInMemory(child.pid!, wanted);
        assert.ok(sanity! > 0, "the search does see the process's memory");
        found = Object.keys(counts).filter((name) => counts[name]! > 0);
        if (found.length <= kept.length) break;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      assert.deepEqual(found.toSorted(), kept.toSorted(), "what was kept by the slip, and nothing else");
    } finally {
      child.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });
});
