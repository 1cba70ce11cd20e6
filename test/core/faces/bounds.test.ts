import assert from "node:assert/strict";
import { openSet } from "../../../cli/bench/accuracy/open-set.ts";
import type { Labelled } from "../../../cli/bench/pictures.ts";
import { growth } from "../../../cli/bench/statistics.ts";
import { overPeople, wilson } from "../../../core/faces/bounds.ts";
import { calibrateGroups } from "../../../core/faces/calibration.ts";
import { randomUnit, stream } from "./vectors.ts";

describe("bounds over people", () => {
  it("hold the share, and are wider where one person's tries err together", () => {
    const spread = Array.from({ length: 100 }, (_, i) => [i % 10 === 0 ? 1 : 0, 1] as const);
    const together = Array.from({ length: 10 }, (_, i) => [i === 0 ? 10 : 0, 10] as const);
    const [low, high] = overPeople(spread);
    assert.ok(low > 0 && low < 0.1 && high > 0.1 && high < 0.2);
    const wide = overPeople(together);
    assert.ok(wide[1] - wide[0] > high - low);
  });

  it("never say that none of few is none of all", () => {
    const none = Array.from({ length: 20 }, () => [0, 50] as const);
    assert.deepEqual(overPeople(none), wilson(0, 20)); // twenty people, not a thousand tries
    const all = Array.from({ length: 20 }, () => [50, 50] as const);
    assert.deepEqual(overPeople(all), wilson(20, 20));
  });

  it("come with every measured share of a calibration", () => {
    const next = stream(7);
    const samples = Array.from({ length: 60 }, (_, person) => {
      const face = randomUnit(32, person + 1);
      return Array.from({ length: 5 }, () => {
        const seen = face.map((value) => value + (next() - 0.5) * 0.3);
        const length = Math.hypot(...seen);
        return {
          identity: `p${person}`,
          groups: ["general"],
          vector: Float32Array.from(seen, (value) => value / length),
        };
      });
    }).flat();
    const [group] = calibrateGroups(samples);
    for (const [i, [cosine, low, high]] of group!.impostor.bounds!.entries()) {
      const [share, at] = group!.impostor.reached[i]!;
      assert.equal(cosine, at);
      assert.ok(low <= share * 1.01 && share <= high * 1.01 && high < 1);
    }
    for (const [i, [, low, high]] of group!.genuine.bounds!.entries()) {
      const share = group!.genuine.below[i]![1];
      assert.ok(low <= share + 1e-4 && share <= high + 1e-4);
    }
    assert.equal(group!.genuine.triesThree, 120); // two later pictures each
  });
});

describe("the open set", () => {
  it("misses nobody whose pictures are alike, and everybody whose are not", () => {
    let seed = 1;
    const person = (set: string, n: number, alike: boolean): Labelled[] => {
      const face = randomUnit(64, seed++);
      return Array.from({ length: n }, () => ({
        identity: `${set}${seed++}`,
        groups: ["general"],
        set,
        file: "",
        usable: true,
        quality: 1,
        vector: alike ? face : randomUnit(64, seed++),
      })).map((one, _, all) => ({ ...one, identity: all[0]!.identity }));
    };
    const strangers = Array.from({ length: 700 }, () => person("lfw-strangers", 1, true)).flat();
    const residents = (alike: boolean) =>
      Array.from({ length: 20 }, () => person("lfw-residents", 5, alike)).flat();
    const share = (alike: boolean) => {
      const found = openSet([...strangers, ...residents(alike)], { size: 100, pictures: 3, fusion: "mean" })!;
      const [missed, tries] = [...found.one.values()].reduce(
        ([m, n], [more, of]) => [m + more, n + of],
        [0, 0],
      );
      assert.equal(tries, 20 * 2 * 10);
      return missed / tries;
    };
    assert.equal(share(true), 0);
    assert.ok(share(false) > 0.9);
  });

  it("is not tried with too few strangers left over", () => {
    assert.equal(openSet([], { size: 100, pictures: 1, fusion: "mean" }), undefined);
  });
});

describe("growth", () => {
  it("is the slope of the line, not the last value", () => {
    assert.equal(growth([1, 3, 5, 7]), 2);
    assert.equal(growth([5, 5, 5]), 0);
    assert.equal(growth([4]), 0);
  });
});
