import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import sharp from "sharp";
import type { FaceCounts } from "../../core/faces/types.ts";
import { moving, needs, picture } from "../core/faces/data.ts";
import { estate, lookOf, openRig, type Rig, tokenFor } from "./rig.ts";

const enrolWith = ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`);
const probe = "asian/ChinaTarget_102/102_12.jpg";
/** Frames a camera without an act. */
const withoutAct = 10_000;
const overTheSocket = 1000;
/** Frames of somebody who is enrolled, small enough to be quick and large enough to be known. */
const side = 320;

/** One part of the stream that ffmpeg writes. */
const part = (jpeg: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`--frame\r\nContent-type: image/jpeg\r\nContent-length: ${jpeg.length}\r\n\r\n`),
    jpeg,
    Buffer.from("\r\n"),
  ]);

const settings = { mode: "1:N", risk: 1e-2, frames: 8, agreeing: 2, seconds: 4 } as const;

describe("cameras before a vault where somebody has agreed and is enrolled (RD-27)", () => {
  const folder = mkdtempSync(join(tmpdir(), "limen-without-act-"));
  const path = process.env.PATH;
  let rig: Rig;
  let frames: Buffer[];
  let acts = 0;

  before(async function () {
    needs(this, "models", "faces");
    if (process.platform === "win32") this.skip(); // the camera's ffmpeg is a shell script here
    frames = await Promise.all(
      (await moving(probe, 5)).map((jpeg) => sharp(jpeg).resize(side).jpeg({ quality: 90 }).toBuffer()),
    );
    standInForFfmpeg();
    rig = await openRig();
    await rig.client.call(
      "configure",
      estate({
        cameras: [
          { id: "screen", door: "main-gate", kind: "screen", maxAgeMs: 2000 },
          { id: "street", door: "unit-1", kind: "rtsp", url: "rtsp://127.0.0.1:9/a", maxAgeMs: 2000 },
        ],
        looks: [lookOf("n1", settings, "screen"), { ...lookOf("n2", settings, "street"), door: "unit-1" }],
      }),
    );
    await enrolSomebody();
  });
  after(async () => {
    process.env.PATH = path;
    await rig?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A camera that runs all the time: ten thousand frames as fast as they are read, then ten a second once `go` is there. */
  function standInForFfmpeg(): void {
    writeFileSync(
      join(folder, "many"),
      Buffer.concat(Array.from({ length: 100 }, () => frames.map(part)).flat()),
    );
    for (const [i, frame] of frames.entries()) writeFileSync(join(folder, `frame${i}`), part(frame));
    const script = `#!/bin/sh
for i in $(seq ${withoutAct / (100 * 5)}); do cat ${folder}/many; done
while [ ! -e ${folder}/go ]; do sleep 0.1; done
while :; do for i in 0 1 2 3 4; do cat ${folder}/frame$i || exit; sleep 0.1; done; done
`;
    writeFileSync(join(folder, "ffmpeg"), script);
    chmodSync(join(folder, "ffmpeg"), 0o755);
    process.env.PATH = `${folder}${delimiter}${path}`;
  }

  async function enrolSomebody(): Promise<void> {
    const auth = await tokenFor(rig);
    const { id: person } = await rig.client.call("person.create", {
      auth,
      name: "A",
      birthDate: "1980-05-01",
    });
    const { id: notice } = await rig.client.call("notice.current", { method: "face", language: "zh-CN" });
    await rig.client.call("consent.give", {
      auth,
      person,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate", "unit-1"],
      notice,
      givenBy: "self",
      channel: "desk",
    });
    await until(async () => (await rig.client.call("health", {})).faces.ready);
    await rig.client.call("face.enrol", { auth, person }, enrolWith.map(picture));
  }

  async function until(done: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await done())) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  const counts = (): FaceCounts => ({ ...rig.vault.services.faces.engine.counts });

  const act = (node: string, camera: string, door: string) =>
    rig.client.call("match", {
      door,
      node,
      camera,
      act: { kind: "screen", id: `act-${acts++}` },
      settings,
    });

  const nothingMore = (before: FaceCounts): void => {
    const { comparisons, embeddings, frames: looked, looks } = counts();
    assert.deepEqual(
      { comparisons, embeddings, looked, looks },
      {
        comparisons: before.comparisons,
        embeddings: before.embeddings,
        looked: before.frames,
        looks: before.looks,
      },
    );
  };

  it(`describes and compares nobody in ${withoutAct} frames sent by a door's screen`, async () => {
    const before = counts();
    assert.equal(rig.vault.services.faces.gallery.templates, 1);
    let wanted = 0;
    // A thousand over the socket; the others at the camera itself, where the socket's frames come out.
    for (let sent = 0; sent < overTheSocket; sent += 100) {
      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, i) =>
          rig.client.call("frame", { camera: "screen" }, [Buffer.from(frames[i % 5]!)]),
        ),
      );
      wanted += answers.filter((answer) => answer.wanted).length;
    }
    for (let sent = overTheSocket; sent < withoutAct; sent++) {
      wanted += rig.vault.services.cameras.push("screen", frames[sent % 5]!) ? 1 : 0;
    }
    assert.equal(wanted, 0);
    nothingMore(before);
  });

  it(`nor in ${withoutAct} frames of a camera that runs all the time`, async () => {
    const before = counts();
    await until(() => rig.vault.services.cameras.received("street") >= withoutAct);
    nothingMore(before);
  });

  it("and does both, for the same frames, once somebody presses", async () => {
    const before = counts();
    const seen = act("n1", "screen", "main-gate");
    let over = false;
    void seen.finally(() => {
      over = true;
    });
    for (let i = 0; !over; i++) {
      await rig.client.call("frame", { camera: "screen" }, [Buffer.from(frames[i % 5]!)]);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    await seen;
    const screen = counts();
    assert.ok(screen.embeddings > before.embeddings && screen.comparisons > before.comparisons);
    writeFileSync(join(folder, "go"), "");
    await act("n2", "street", "unit-1");
    const street = counts();
    assert.ok(street.embeddings > screen.embeddings && street.comparisons > screen.comparisons);
  });
});
