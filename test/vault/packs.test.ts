import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot, readConfig } from "../../vault/config.ts";
import { needs, picture } from "../core/faces/data.ts";
import { actOf, sitterFrom } from "../core/faces/liveness/acting.ts";
import { estate, openRig, type Rig, tokenFor } from "./rig.ts";

const own = ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`);

/** One data folder, opened with one pack after the other, as when an installer changes `LIMEN_PACK`. */
describe("the pack of face models a site chose", () => {
  let data: string;
  let rig: Rig | undefined;
  let auth: string;
  let person: string;
  let frames: Buffer[];
  let acts = 0;

  const open = async (pack: string): Promise<void> => {
    await rig?.close();
    rig = await openRig({ data, env: { LIMEN_PACK: pack } });
    await rig.client.call("configure", estate());
    auth = await tokenFor(rig);
    while (!(await rig.client.call("health", {})).faces.ready) await new Promise((r) => setTimeout(r, 50));
  };
  const faces = async () => (await rig!.client.call("health", {})).faces;
  const look = async () => {
    let running = true;
    const seen = rig!.client
      .call("match", {
        door: "main-gate",
        node: "n1",
        camera: "main-camera",
        act: { kind: "screen", id: `pack-${acts++}` },
        settings: { mode: "1:N", risk: 1e-3, frames: 5, agreeing: 2, seconds: 4.5 },
      })
      .finally(() => {
        running = false;
      });
    for (let i = 0; running; i++) {
      await rig!.client.call("frame", { camera: "main-camera" }, [Buffer.from(frames[i % frames.length]!)]);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return await seen;
  };
  const enrol = () => rig!.client.call("face.enrol", { auth, person }, own.map(picture));

  before(async function () {
    needs(this, "models", "faces");
    data = mkdtempSync(join(tmpdir(), "limen-packs-"));
    await open("core");
    ({ id: person } = await rig!.client.call("person.create", {
      auth,
      name: "王小明",
      birthDate: "1980-05-01",
    }));
    const { id: notice } = await rig!.client.call("notice.current", { method: "face", language: "zh-CN" });
    await rig!.client.call("consent.give", {
      auth,
      person,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate"],
      notice,
      givenBy: "self",
      channel: "desk",
    });
    await enrol();
    const sitter = await sitterFrom(rig!.vault.services.faces.engine, own[1]!);
    frames = await actOf(
      "live",
      sitter,
      [0, 0.02, 0.04, 0.06].map((x) => ({ x })),
    );
  });
  after(async () => {
    await rig?.close();
    if (data) rmSync(data, { recursive: true, force: true });
  });

  it("is core unless another is named", async () => {
    const { pack, enrolled, outdated } = await faces();
    assert.deepEqual([pack, enrolled, outdated], ["core", 1, 0]);
    const { code, evidence } = await look();
    assert.equal(code, undefined);
    assert.ok(evidence!.score! >= evidence!.threshold!);
  });

  it("says before it is deployed what a risk costs here, and what it cannot promise", async () => {
    const cost = (risk: number, people?: number) =>
      rig!.client.call("face.threshold", {
        door: "main-gate",
        risk,
        mode: "1:N",
        ...(people === undefined ? {} : { people }),
      });
    const here = await cost(1e-3);
    assert.deepEqual([here.pack, here.people, here.enrolled], ["core", 1, 1]);
    assert.equal(
      (await look()).evidence!.threshold,
      Math.round(here.score * 1e4) / 1e4,
      "the one that is applied",
    );
    const [strict, crowd] = [await cost(1e-5), await cost(1e-3, 1000)];
    assert.ok(strict.score > here.score && strict.refused >= here.refused);
    assert.ok(crowd.score > here.score && crowd.refused >= here.refused);
    assert.equal(here.measured, true);
    assert.equal((await cost(1e-6, 1000)).measured, false);
    const one = await rig!.client.call("face.threshold", { risk: 1e-3, mode: "1:1", people: 5000 });
    assert.equal(one.people, 1);
  });

  it("never compares across packs: whoever enrolled with another one is asked to enrol again", async () => {
    const { threshold } = (await look()).evidence!;
    await open("duo");
    const { pack, enrolled, outdated } = await faces();
    assert.deepEqual([pack, enrolled, outdated], ["duo", 0, 1]);
    assert.ok(rig!.lines.some((line) => line.includes("1 people have to enrol again")));
    const before = rig!.vault.services.faces.engine.counts.comparisons;
    assert.equal((await look()).code, "nobody-enrolled");
    assert.equal(rig!.vault.services.faces.engine.counts.comparisons, before);
    const { template } = await enrol();
    assert.deepEqual(rig!.vault.services.templates.of(person), [template], "the former template is gone");
    const renewed = await look();
    assert.equal(renewed.code, undefined);
    assert.notEqual(renewed.evidence!.threshold, threshold, "the threshold is the new model's own");
    assert.equal((await faces()).outdated, 0);
  });

  it("asks for it again on the way back, and forgets nobody's erasure", async () => {
    await open("core");
    assert.deepEqual([(await faces()).enrolled, (await faces()).outdated], [0, 1]);
    await rig!.client.call("face.remove", { auth, person });
    assert.equal((await faces()).outdated, 0);
  });
});

describe("a pack that cannot be had", () => {
  it("is refused by name where there is none of it", () => {
    assert.throws(
      () => readConfig({ LIMEN_PACK: "best" }, projectRoot),
      /LIMEN_PACK must be one of: core, duo/,
    );
  });

  it("leaves faces off and says which files it lacks and how to get them", async () => {
    const rig = await openRig({ env: { LIMEN_PACK: "duo", LIMEN_MODELS: "/nonexistent" } });
    try {
      await rig.client.call("configure", estate());
      const told = () => rig.lines.find((line) => line.includes("pack duo lacks"));
      while (!told()) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.match(told()!, /faceduo-384.*models pull --pack duo --from FOLDER/);
      const { faces } = await rig.client.call("health", {});
      assert.deepEqual([faces.ready, faces.pack], [false, "duo"]);
      assert.ok(faces.missing.includes("faceduo-384"));
    } finally {
      await rig.close();
    }
  });
});
