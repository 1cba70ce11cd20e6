import assert from "node:assert/strict";
import type { FaceEngine, LookRequest } from "../../../core/faces/types.ts";
import { arriving, modelsDir, moving, needs, newEngine, picture, setOf, settings } from "./data.ts";

/** Colour pictures of one person: three to enrol with, one to come back with. */
const resident = {
  enrol: ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`),
  probe: "asian/ChinaTarget_102/102_12.jpg",
};
const stranger = "deepface/img1.jpg";

describe("a look at a face", () => {
  let engine: FaceEngine & { killWorker(): void };
  let everyone: Set<string>;

  before(async function () {
    needs(this, "models", "faces");
    engine = await newEngine();
    const { vectors, used } = await engine.enrol(resident.enrol.map(picture));
    assert.equal(used, 3);
    engine.gallery.put("template_a", "person_a", vectors);
    everyone = new Set(["person_a"]);
  });
  after(() => engine?.close());

  const look = (pictures: readonly Buffer[], more: Partial<LookRequest> = {}) =>
    engine.look({ frames: arriving(pictures), allowed: everyone, mode: "1:N", settings, ...more });

  it("knows an enrolled person again", async () => {
    const result = await look(await moving(resident.probe, 4));
    assert.equal(result.code, "granted");
    assert.equal(result.person, "person_a");
    assert.equal(result.template, "template_a");
    assert.equal(result.evidence.agreeing, 3, "two have to agree, three have to live");
    assert.ok(result.evidence.score! >= result.evidence.threshold!);
    assert.ok(result.evidence.liveness! >= 0.5);
  });

  it("knows the person again in 1:1, and nobody else by that person's name", async () => {
    const own = await look(await moving(resident.probe, 4), { mode: "1:1", person: "person_a" });
    assert.equal(own.code, "granted");
    const other = await look(await moving(stranger, 6), { mode: "1:1", person: "person_a" });
    assert.equal(other.code, "no-match");
    const nobody = await look(await moving(resident.probe, 4), { mode: "1:1" });
    assert.equal(nobody.code, "nobody-enrolled");
  });

  it("does not know a stranger", async () => {
    const result = await look(await moving(stranger, 6));
    assert.equal(result.code, "no-match");
    assert.equal(result.person, undefined);
    assert.ok(result.evidence.score! < result.evidence.threshold!);
  });

  it("does not compare with somebody who has withdrawn: no row, no embedding, no look (RD-26)", async () => {
    const before = engine.counts;
    const result = await look(await moving(resident.probe, 4), { allowed: () => false });
    assert.equal(result.code, "nobody-enrolled");
    assert.equal(engine.counts.embeddings, before.embeddings);
    assert.equal(engine.counts.comparisons, before.comparisons);
  });

  it("refuses somebody who withdraws while being looked at", async () => {
    const frames = await moving(resident.probe, 4);
    let asked = 0;
    // Allowed at the start and for the first frame, then no more.
    const result = await look(frames, { allowed: () => ++asked <= 2 });
    assert.notEqual(result.code, "granted");
  });

  it("says that nobody is there, and that two are", async () => {
    const wall = await import("sharp").then(({ default: sharp }) =>
      Promise.all(
        [90, 120, 150].map((r) =>
          sharp({ create: { width: 640, height: 480, channels: 3, background: { r, g: 140, b: 120 } } })
            .jpeg()
            .toBuffer(),
        ),
      ),
    );
    assert.equal((await look(wall)).code, "no-face");
    assert.equal((await look(await moving("deepface/couple.jpg", 3))).code, "two-faces");
  });

  it("says that a face is too bright where it is burnt out, and describes none that is", async () => {
    const { default: sharp } = await import("sharp");
    const at = (brightness: number) => sharp(picture(resident.probe)).linear(brightness, 0).png().toBuffer();
    const [usual, burnt] = await Promise.all([at(1), at(3)]);
    const seen = await engine.analyse(usual, { embed: true });
    assert.ok(seen.code === undefined && seen.quality!.burnt < 0.1);
    const { code, embedding, quality } = await engine.analyse(burnt, { embed: true });
    assert.deepEqual([code, embedding], ["face-too-bright", undefined]);
    assert.ok(quality!.burnt > 0.35);
  });

  it("says meanwhile what can be mended, each time it changes, and nothing more once somebody is asked to turn", async () => {
    const [couple, own] = [await moving("deepface/couple.jpg", 2), await moving(resident.probe, 4)];
    const hints: (string | undefined)[] = [];
    const onHint = (hint?: string) => void hints.push(hint);
    const { code } = await look([...couple, ...own], { onHint });
    assert.equal(code, "granted");
    assert.deepEqual(hints, ["two-faces", undefined], "once for two pictures, and when it was mended");
    hints.length = 0;
    await look([...own, ...couple], { onHint, challenge: "turn-left" });
    assert.deepEqual(hints, []);
  });

  it("looks only at the marked part of the picture", async () => {
    const frames = await moving("deepface/couple.jpg", 3);
    const right = await look(frames, {
      settings: { ...settings, zone: { x: 0.5, y: 0, width: 0.5, height: 1 } },
    });
    assert.equal(right.code, "no-match");
    const top = await look(frames, {
      settings: { ...settings, zone: { x: 0, y: 0, width: 1, height: 0.1 } },
    });
    assert.equal(top.code, "no-face");
  });

  it("ends with a picture that is not live, whatever comes after it", async () => {
    const spoofs = setOf("liveness").filter(({ file }) => file.startsWith("liveness/spoof/"));
    let tried = 0;
    for (const { file } of spoofs) {
      const facts = await engine.analyse(picture(file), { liveness: true });
      if (facts.code || facts.liveness!.live) continue;
      const before = engine.counts;
      const result = await look([picture(file), ...(await moving(resident.probe, 4))]);
      assert.equal(result.code, "not-live", file);
      assert.equal(engine.counts.embeddings, before.embeddings, "nothing is described that does not live");
      if (++tried === 3) break;
    }
    assert.equal(tried, 3);
  });

  it("notices a picture that stands still", async () => {
    const [frame] = await moving(resident.probe, 1);
    const result = await look(new Array(5).fill(frame));
    assert.equal(result.code, "camera-frozen");
  });

  it("does not use stale frames, nor ones from the future, nor one twice", async () => {
    const frames = await moving(resident.probe, 4);
    const now = Number(process.hrtime.bigint() / 1000n) / 1000;
    async function* at(times: readonly number[]) {
      for (const [i, time] of times.entries())
        yield await Promise.resolve({ jpeg: Buffer.from(frames[i]!), at: time });
    }
    const stale = { frames: at([now - 9000, now - 8000, now - 7000, now - 6000]) };
    assert.equal((await look([], stale)).code, "camera-silent");
    const early = { frames: at([now + 60_000, now + 70_000, now + 80_000, now + 90_000]) };
    assert.equal((await look([], early)).code, "camera-silent");
    const same = { frames: at([now, now, now, now]) };
    assert.notEqual((await look([], same)).code, "granted");
  });

  it("says that a camera gives nothing, or nothing that can be read", async () => {
    const never: LookRequest["frames"] = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const silent = await look([], { frames: never, settings: { ...settings, seconds: 0.2 } });
    assert.equal(silent.code, "camera-silent");
    const bad = await look([Buffer.from("GIF89a"), Buffer.from("<svg/>"), Buffer.alloc(4000, 7)]);
    assert.equal(bad.code, "camera-bad-picture");
  });

  it("lets the newest act win", async () => {
    const frames = await moving(resident.probe, 4);
    const never: LookRequest["frames"] = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const older = look([], { frames: never, key: "door-1" });
    const newer = look(frames, { key: "door-1" });
    assert.equal((await older).code, "face-busy");
    assert.equal((await newer).code, "granted");
  });

  it("bounds how many looks run at once", async () => {
    const never: LookRequest["frames"] = {
      [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }),
    };
    const stop = new AbortController();
    const looks = Array.from({ length: 9 }, () => look([], { frames: never, signal: stop.signal }));
    const first = await Promise.race(looks);
    assert.equal(first.code, "face-busy");
    stop.abort();
    await Promise.all(looks);
  });

  it("fails closed when its worker dies, and works again at once", async () => {
    const frames = await moving(resident.probe, 4);
    async function* killing() {
      for await (const [i, frame] of (async function* () {
        let n = 0;
        for await (const one of arriving(frames)) yield [n++, one] as const;
      })()) {
        if (i === 1) setTimeout(() => engine.killWorker(), 5);
        yield frame;
      }
    }
    const lost = await look([], { frames: killing(), settings: { ...settings, agreeing: 4 } });
    assert.equal(lost.code, "worker-lost");
    assert.ok(engine.counts.workersLost >= 1);
    const again = await look(frames);
    assert.equal(again.code, "granted");
  });

  it("overwrites every picture it was given, used or not", async () => {
    const given = [picture(resident.probe), Buffer.from("no picture at all")];
    for (const frame of given) await engine.analyse(frame).catch(() => undefined);
    const enrolled = [picture(stranger), picture("deepface/couple.jpg")];
    await engine.enrol(enrolled);
    const refused = [Buffer.from("nothing"), picture("deepface/couple.jpg")];
    await assert.rejects(engine.enrol(refused));
    for (const frame of [...given, ...enrolled, ...refused]) assert.ok(frame.every((byte) => byte === 0));
  });

  it("refuses to enrol two different people as one, and leaves out one odd picture", async () => {
    await assert.rejects(engine.enrol([picture(resident.enrol[0]!), picture(stranger)]), {
      code: "faces-differ",
    });
    const { used, frames } = await engine.enrol([...resident.enrol, stranger].map(picture));
    assert.deepEqual([used, frames], [3, 4]);
    await assert.rejects(engine.enrol([]), { code: "too-few-frames" });
    await assert.rejects(engine.enrol([picture("deepface/couple.jpg")]), { code: "two-faces" });
  });

  it("enrols nobody from pictures that are not of somebody living, where they have to be", async () => {
    const spoofs: string[] = [];
    for (const { file } of setOf("liveness").filter(({ file }) => file.startsWith("liveness/spoof/"))) {
      const { code, liveness } = await engine.analyse(picture(file), { liveness: true });
      if (!code && !liveness!.live) spoofs.push(file);
      if (spoofs.length === 2) break;
    }
    const [one] = spoofs;
    await assert.rejects(engine.enrol([picture(one!)], { living: true }), { code: "not-live" });
    const mixed = [picture(resident.enrol[0]!), ...spoofs.map(picture)];
    await assert.rejects(engine.enrol(mixed, { living: true }), { code: "not-live" });
    assert.equal((await engine.enrol([picture(one!)])).used, 1, "staff may enrol from a photograph");
    const { used } = await engine.enrol(resident.enrol.map(picture), { living: true });
    assert.ok(used >= 2);
  });

  it("counts the same picture once, and looks for a face only where the camera's zone is", async () => {
    const again = [resident.enrol[0]!, resident.enrol[0]!, resident.enrol[1]!].map(picture);
    assert.equal((await engine.enrol(again)).used, 2);
    const zone = { x: 0, y: 0, width: 0.05, height: 0.05 };
    await assert.rejects(engine.enrol(resident.enrol.map(picture), { zone }), { code: "no-face" });
  });

  it("finds how near the nearest other person is, without saying who", async () => {
    const { vectors } = await engine.enrol([picture(resident.probe)]);
    const near = await engine.nearest(
      vectors.map((v) => v.slice()),
      "person_b",
    );
    assert.ok(near!.score > 0.4);
    assert.equal(near!.template, "template_a");
    assert.equal(await engine.nearest(vectors, "person_a"), undefined);
  });
});

describe("a face engine without a calibration of its models", () => {
  it("says so as the code of a look, and finds nobody", async function () {
    needs(this, "models", "faces");
    const { createFaceEngine } = await import("../../../core/faces/engine.ts");
    const { findModels } = await import("../../../core/faces/models.ts");
    const models = await findModels({ dirs: [modelsDir] });
    const found = new Map(
      [...models.found].map(([id, { calibration: _, ...model }]) => [id, model] as const),
    );
    const engine = createFaceEngine({ models: { ...models, found }, threads: 1 });
    await engine.start();
    const { vectors } = await engine.enrol(resident.enrol.map(picture));
    engine.gallery.put("template_a", "person_a", vectors);
    const frames = arriving(await moving(resident.probe, 4));
    const { code } = await engine.look({ frames, allowed: () => true, mode: "1:N", settings });
    assert.equal(code, "calibration-missing");
    await engine.close();
  });
});

describe("a face engine without its models", () => {
  it("says what is missing and never opens", async () => {
    const { createFaceEngine } = await import("../../../core/faces/engine.ts");
    const { findModels } = await import("../../../core/faces/models.ts");
    const engine = createFaceEngine({ models: await findModels({ dirs: [] }) });
    assert.equal(engine.ready, false);
    assert.deepEqual(engine.missing, ["yunet-n", "mobilefacenet-foamliu", "minifas-128"]);
    await assert.rejects(engine.start(), { code: "models-missing" });
    const result = await engine.look({ frames: arriving([]), allowed: () => true, mode: "1:N", settings });
    assert.equal(result.code, "models-missing");
  });
});
