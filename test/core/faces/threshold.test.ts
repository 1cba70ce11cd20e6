import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Calibration,
  calibrateGroups,
  deviationOf,
  type Sample,
} from "../../../core/faces/calibration.ts";
import { identityOf } from "../../../core/faces/described.ts";
import { findModels, packEntries, readCatalogue } from "../../../core/faces/models.ts";
import { readCalibration, thresholdFor } from "../../../core/faces/threshold.ts";
import { entryOf } from "./entries.ts";
import { randomUnit, stream } from "./vectors.ts";

const catalogue = readCatalogue();
/** What a site has with everything of a pack, and with only what can be pulled. */
const packs = Object.keys(catalogue.packs).map((pack) =>
  packEntries(catalogue, pack).map(({ entry }) => entry),
);
const combinations = [...packs, packs[0]!.filter(({ url }) => url !== undefined)];

const byId = (p: { id: string }, q: { id: string }) => (p.id < q.id ? -1 : 1);

describe("the calibrations that come with the models", () => {
  for (const models of combinations) {
    const model = models.find(({ job }) => job === "embedder")!;
    const landmarks = models.some(({ job }) => job === "landmarks");
    it(`${model.id}${landmarks ? "" : " without landmarks"}: belongs to the weights, covers two groups, rises and falls as it must`, () => {
      const calibration = readCalibration(models)!;
      assert.equal(calibration.sha256, model.sha256);
      assert.equal(calibration.exact, true, "measured with exactly these models, mirrored too");
      const wanted = models.filter(({ job }) => job !== "liveness").map(identityOf);
      assert.deepEqual(calibration.models!.toSorted(byId), wanted.toSorted(byId));
      assert.match(calibration.hash, /^[0-9a-f]{64}$/);
      assert.deepEqual(
        calibration.groups.map(({ group }) => group),
        ["east-asian", "general"],
      );
      for (const { impostor, impostorThree, genuine } of calibration.groups) {
        for (const tail of [impostor, impostorThree!]) {
          tail.reached.forEach(([share, cosine], i) => {
            assert.ok(share * tail.pairs >= 30);
            if (i > 0) assert.ok(share < tail.reached[i - 1]![0] && cosine > tail.reached[i - 1]![1]);
          });
          assert.ok(tail.perDeviation > 0);
        }
        for (const curve of [genuine.below, genuine.belowThree!]) {
          curve.forEach(([, share], i) => {
            if (i > 0) assert.ok(share >= curve[i - 1]![1]);
          });
        }
      }
    });
  }

  it("of other weights is not used", () => {
    const other = packs[0]!.map((model) => (model.job === "embedder" ? { ...model, sha256: "00" } : model));
    assert.equal(readCalibration(other), undefined);
    assert.equal(readCalibration([entryOf("x", "embedder", Buffer.from("y"))]), undefined);
  });

  it("of other models around the embedder is told from its own, and the strictest counts", () => {
    const [core] = packs;
    const turned = core!.map((model) => (model.job === "detector" ? { ...model, sha256: "00" } : model));
    const found = readCalibration(turned)!;
    assert.equal(found.exact, false);
    const risk = { comparisons: 1000, risk: 0.003 };
    const own = [core!, combinations.at(-1)!].map(
      (models) => thresholdFor(readCalibration(models)!, risk).score,
    );
    assert.equal(thresholdFor(found, risk).score, Math.max(...own));
  });

  it("that does not say what it was made with, or was made without mirroring, is never taken for exact", () => {
    const folder = mkdtempSync(join(tmpdir(), "limen-calibration-"));
    const { exact: _, file, hash: __, ...whole } = readCalibration(packs[0]!)!;
    const { models: ___, ...older } = whole;
    for (const kept of [older, { ...whole, flip: false }]) {
      writeFileSync(join(folder, file), JSON.stringify(kept));
      assert.equal(readCalibration(packs[0]!, folder)!.exact, false);
    }
    writeFileSync(join(folder, file), JSON.stringify(whole));
    assert.equal(readCalibration(packs[0]!, folder)!.exact, true);
    rmSync(folder, { recursive: true });
  });
});

describe("a threshold from a risk", () => {
  const calibration = readCalibration(packs[0]!)!;

  it("is that of the strictest group, not of the average", () => {
    const both = thresholdFor(calibration, { comparisons: 1, risk: 1e-3 });
    assert.equal(both.group, "east-asian");
    const general = { ...calibration, groups: calibration.groups.filter(({ group }) => group === "general") };
    assert.ok(both.score > thresholdFor(general, { comparisons: 1, risk: 1e-3 }).score + 0.03);
  });

  it("rises with the gallery and with caution, and so do the refusals", () => {
    let before = thresholdFor(calibration, { comparisons: 1, risk: 1e-2 });
    for (const [comparisons, risk] of [
      [1, 1e-3],
      [10, 1e-3],
      [100, 1e-3],
      [100, 1e-4],
      [1000, 1e-5],
    ] as const) {
      const next = thresholdFor(calibration, { comparisons, risk });
      assert.ok(next.score > before.score);
      assert.ok(next.refused >= before.refused && next.refusedThree! >= before.refusedThree!);
      assert.ok(next.refusedThree! < next.refused);
      before = next;
    }
  });

  it("says when it promises more than was measured", () => {
    assert.equal(thresholdFor(calibration, { comparisons: 1, risk: 1e-3 }).measured, true);
    const far = thresholdFor(calibration, { comparisons: 1000, risk: 1e-4 });
    assert.equal(far.measured, false);
    assert.ok(far.leastRisk > 1e-4);
  });

  it("takes no risk that is none, and none without a calibration", () => {
    for (const risk of [0, 1, -1, Number.NaN]) {
      assert.throws(() => thresholdFor(calibration, { comparisons: 1, risk }), { code: "risk-bad" });
    }
    const empty: Calibration = { ...calibration, groups: [] };
    assert.throws(() => thresholdFor(empty, { comparisons: 1, risk: 1e-3 }), { code: "calibration-missing" });
  });
});

describe("a calibration run", () => {
  it("finds the thresholds of people whose nearness is known", () => {
    const next = stream(4);
    const samples: Sample[] = [];
    for (let person = 0; person < 150; person++) {
      const own = randomUnit(32, person);
      for (let i = 0; i < 4; i++) {
        const noise = randomUnit(32, 1000 + person * 4 + i);
        const mixed = own.map((value, k) => value + (0.3 + 0.3 * next()) * noise[k]!);
        const length = Math.hypot(...mixed);
        samples.push({
          identity: `p${person}`,
          groups: ["general"],
          vector: mixed.map((value) => value / length),
        });
      }
    }
    const [group] = calibrateGroups(samples);
    assert.equal(group!.people, 150);
    assert.equal(group!.impostor.pairs, (600 * 599) / 2 - 150 * 6);
    const calibration: Calibration = {
      model: "m",
      sha256: "s",
      date: "",
      command: "",
      data: "",
      groups: [group!],
    };
    for (const risk of [1e-2, 1e-3]) {
      const { score } = thresholdFor(calibration, { comparisons: 1, risk });
      let reached = 0;
      let pairs = 0;
      for (const [i, p] of samples.entries()) {
        for (const q of samples.slice(0, i)) {
          if (p.identity === q.identity) continue;
          pairs++;
          if (p.vector.reduce((sum, value, k) => sum + value * q.vector[k]!, 0) >= score) reached++;
        }
      }
      assert.ok(reached / pairs <= risk * 1.05, `${reached / pairs} for ${risk}`);
      assert.ok(reached / pairs >= risk / 4);
    }
  });

  it("says nothing about a group too small to", () => {
    const samples = Array.from({ length: 50 }, (_, i) => ({
      identity: `p${i >> 1}`,
      groups: ["small"],
      vector: randomUnit(16, i),
    }));
    assert.deepEqual(calibrateGroups(samples), []);
  });

  it("knows the normal distribution", () => {
    for (const [share, z] of [
      [0.5, 0],
      [0.158655254, 1],
      [0.02275013195, 2],
      [1e-3, 3.090232306],
      [1e-6, 4.753424309],
    ] as const) {
      assert.ok(Math.abs(deviationOf(share) - z) < 1e-6);
      assert.ok(Math.abs(deviationOf(1 - share) + z) < 1e-6);
    }
  });
});

describe("the models' catalogue", () => {
  it("names source, licence and training of every model, and a calibration of every embedder", async () => {
    const { models, packs } = readCatalogue();
    for (const model of models) {
      assert.match(model.sha256, /^[0-9a-f]{64}$/);
      for (const field of ["source", "licence", "training"] as const) assert.ok(model[field]);
      if (model.url)
        assert.match(model.url, /^https:\/\/raw\.githubusercontent\.com\/[^/]+\/[^/]+\/[0-9a-f]{40}\//);
      if (model.job === "embedder") assert.ok(model.calibration);
    }
    for (const { needs } of Object.values(packs)) {
      const jobs = needs.map((id) => models.find((model) => model.id === id)?.job);
      assert.deepEqual(jobs.toSorted(), ["detector", "embedder", "liveness"]);
    }
    assert.ok(packs.core!.needs.every((id) => models.find((model) => model.id === id)!.url));
    await assert.rejects(findModels({ dirs: [], pack: "none" }), { code: "pack-unknown" });
  });
});
