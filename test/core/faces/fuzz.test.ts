import assert from "node:assert/strict";
import sharp from "sharp";
import { errorCode } from "../../../core/errors.ts";
import { decodePicture, pictureLimits, readHeader } from "../../../core/faces/picture.ts";
import { stripped } from "../../../core/faces/strip.ts";
import type { FaceEngine } from "../../../core/faces/types.ts";
import { moving, needs, newEngine } from "./data.ts";
import { stream } from "./vectors.ts";

/** A few thousand here; ten thousand and more with LIMEN_FUZZ=10000. */
const rounds = Number(process.env.LIMEN_FUZZ ?? 1500);

async function seeds(): Promise<Buffer[]> {
  const [face] = await moving("deepface/img1.jpg", 1);
  const small = sharp(face).resize(96, 96);
  return [
    await small.jpeg().toBuffer(),
    await small.jpeg({ progressive: true }).toBuffer(),
    await small.png().toBuffer(),
    await small.png({ palette: true }).toBuffer(),
    await small.withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    Buffer.from(
      "GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,",
      "latin1",
    ),
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="99999" height="99999"/>'),
    Buffer.from("RIFF\x24\x00\x00\x00WEBPVP8 ", "latin1"),
    Buffer.from("%PDF-1.4\n"),
  ];
}

function mutated(seed: Buffer, next: () => number): Buffer {
  const bytes = Buffer.from(seed);
  const kind = Math.floor(next() * 5);
  if (kind === 0) return bytes.subarray(0, Math.floor(next() * bytes.length));
  if (kind === 1)
    return Buffer.concat([bytes, Buffer.alloc(Math.floor(next() * 5000), Math.floor(next() * 256))]);
  const times = kind === 2 ? 1 : 1 + Math.floor(next() * 40);
  for (let i = 0; i < times; i++) {
    // Heads decide more than bodies: half of the changes go there.
    const at = Math.floor(next() * (next() < 0.5 ? Math.min(200, bytes.length) : bytes.length));
    bytes[at] = Math.floor(next() * 256);
  }
  if (kind === 4) bytes.copyWithin(Math.floor(next() * bytes.length), Math.floor(next() * bytes.length));
  return bytes;
}

describe("pictures meant to do harm", function () {
  this.timeout(600_000);
  let engine: FaceEngine;

  before(async function () {
    needs(this, "models", "faces");
    engine = await newEngine();
  });
  after(() => engine?.close());

  const codeOf = (bytes: Buffer): Promise<string> =>
    engine.analyse(bytes).then(
      ({ code }) => code ?? "usable",
      (error: unknown) => errorCode(error),
    );

  it(`are refused clearly, ${rounds} of them, and no worker is lost`, async () => {
    const next = stream(20_260_101);
    const all = await seeds();
    const answers = new Map<string, number>();
    for (let i = 0; i < rounds; i += 4) {
      const batch = [0, 1, 2, 3].map(() => codeOf(mutated(all[Math.floor(next() * all.length)]!, next)));
      for (const code of await Promise.all(batch)) answers.set(code, (answers.get(code) ?? 0) + 1);
    }
    const known = new Set([
      "camera-bad-picture",
      "no-face",
      "two-faces",
      "usable",
      "face-too-small",
      "face-blurred",
      "face-turned",
      "face-too-dark",
      "face-too-bright",
    ]);
    for (const code of answers.keys()) assert.ok(known.has(code), code);
    assert.ok((answers.get("camera-bad-picture") ?? 0) > rounds / 3);
    assert.equal(engine.counts.workersLost, 0);
    assert.equal(engine.counts.embeddings, 0);
  });

  it("do not unpack: a picture of few bytes and many pixels is refused by its header", async () => {
    const bomb = await sharp({
      create: { width: 9000, height: 9000, channels: 3, background: "red" },
      limitInputPixels: false,
    })
      .png({ compressionLevel: 9 })
      .toBuffer();
    assert.ok(bomb.length < 500_000);
    assert.equal(await codeOf(bomb), "camera-bad-picture");
    const lying = await sharp({ create: { width: 64, height: 64, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    lying.writeUInt32BE(60_000, 16);
    assert.equal(await codeOf(lying), "camera-bad-picture");
    assert.equal(await codeOf(Buffer.alloc(pictureLimits.bytes + 1, 0xff)), "camera-bad-picture");
  });

  it("of other formats never reach a decoder", () => {
    for (const text of ["GIF89a", "<svg/>", "RIFF....WEBPVP8 ", "II*\0", "BM", "\0\0\0\x20ftypheic", ""]) {
      assert.throws(() => readHeader(Buffer.from(text.padEnd(64, "\0"), "latin1")), {
        code: "camera-bad-picture",
      });
    }
  });

  it("lying on their side are turned upright by their EXIF orientation, each of the eight ways", async () => {
    const [upright] = await moving("deepface/img1.jpg", 1);
    const small = await sharp(upright).resize(96, 128, { fit: "fill" }).png().toBuffer();
    for (const format of ["jpeg", "png"] as const) {
      for (let orientation = 1; orientation <= 8; orientation++) {
        const picture = await sharp(small).withMetadata({ orientation })[format]({ quality: 95 }).toBuffer();
        const want = await sharp(picture)
          .autoOrient()
          .removeAlpha()
          .raw()
          .toBuffer({ resolveWithObject: true });
        const got = await decodePicture(picture);
        assert.deepEqual([got.width, got.height], [want.info.width, want.info.height]);
        assert.ok(Buffer.from(got.data).equals(want.data), `${format} ${orientation}`);
      }
    }
  });

  it("carry nothing but their pixels to the decoder", async () => {
    const [upright] = await moving("deepface/img1.jpg", 1);
    const secret = "31.2304 N 121.4737 E";
    for (const format of ["jpeg", "png"] as const) {
      const loaded = await sharp(upright)
        .withExif({ IFD0: { Copyright: secret } })
        .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${secret}</x:xmpmeta>`)
        .withIccProfile("p3")
        [format]()
        .toBuffer();
      assert.ok(loaded.includes(secret));
      const { bytes } = stripped(loaded, format);
      assert.equal(Buffer.from(bytes).includes(secret), false);
      const left = await sharp(bytes).metadata();
      assert.deepEqual(
        [left.exif, left.xmp, left.icc, left.format],
        [undefined, undefined, undefined, format],
      );
    }
  });
});
