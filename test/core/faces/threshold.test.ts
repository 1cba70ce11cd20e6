import assert from "node:assert/strict";
import {
  type Calibration,
  calibrateGroups,
  deviationOf,
  type Sample,
} from "../../../core/faces/calibration.ts";
import { findModels, readCatalogue } from "../../../core/faces/models.ts";
import { readCalibration, thresholdFor } from "../../../core/faces/threshold.ts";
import { randomUnit, stream } from "./vectors.ts";

const embedders = readCatalogue().models.filter(({ job }) => job === "embedder");

describe("the calibrations that come with the models", () => {
  for (const model of embedders) {
    it(`${model.id}: belongs to the weights, covers two groups, rises and falls as it must`, () => {
      const calibration = readCalibration(model)!;
      assert.equal(calibration.sha256, model.sha256);
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
    assert.equal(readCalibration({ ...embedders[0]!, sha256: "00" }), undefined);
    assert.equal(readCalibration({ id: "x", sha256: "y" }), undefined);
  });
});

describe("a threshold from a risk", () => {
  const calibration = readCalibration(embedders[0]!)!;

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
      for (const field of ["source", "licence", "training", "input", "output"] as const)
        assert.ok(model[field]);
      if (model.url)
        assert.match(model.url, /^https:\/\/raw\.githubusercontent\.com\/[^/]+\/[^/]+\/[0-9a-f]{40}\//);
      if (model.job === "embedder") assert.ok(model.calibration && model.dimensions);
    }
    for (const { needs } of Object.values(packs)) {
      const jobs = needs.map((id) => models.find((model) => model.id === id)?.job);
      assert.deepEqual(jobs.toSorted(), ["detector", "embedder", "liveness"]);
    }
    assert.ok(packs.core!.needs.every((id) => models.find((model) => model.id === id)!.url));
    await assert.rejects(findModels({ dirs: [], pack: "none" }), { code: "pack-unknown" });
  });
});
