import assert from "node:assert/strict";
import { Gallery } from "../../core/faces/gallery.ts";
import { turn } from "../../core/faces/rotation.ts";
import { rowBytes, rowsStart } from "../../core/faces/search.ts";
import type { Templates } from "../../core/faces/templates.ts";
import type { FaceEngine } from "../../core/faces/types.ts";
import { Rotation } from "../../vault/rotation.ts";
import { unrecorded } from "../core/faces/unrecorded.ts";
import { handClock } from "../core/hand-clock.ts";
import { openSite, type TestSite } from "../core/retention/site.ts";

const embedder = { id: "test", sha256: "0".repeat(64), fed: "0".repeat(64), dimensions: 64 };
const people = ["person_a", "person_b", "person_c"];

/** What a model would say of somebody: the same numbers each time, of length one. */
function described(seed: number): Float32Array {
  const raw = Float32Array.from({ length: embedder.dimensions }, (_, i) =>
    Math.sin(seed * 97 + i * i * seed),
  );
  const length = Math.hypot(...raw);
  return raw.map((value) => value / length);
}

/** An engine's memory and matrix, without models. */
class Memory {
  readonly embedder = embedder;
  readonly gallery = new Gallery(embedder.dimensions);
  matrix = new Float32Array();
  useRotation(matrix: Float32Array): void {
    this.matrix = Float32Array.from(matrix);
  }
  get engine(): FaceEngine {
    return this as unknown as FaceEngine;
  }
  probe(seed: number): Float32Array {
    return turn(this.matrix, described(seed));
  }
  /** Cosine of a probe with each of the people. */
  scores(probe: Float32Array): number[] {
    const all = new Float32Array(this.gallery.memory.buffer);
    return people.map((person) => {
      const [row] = this.gallery.candidates(() => true, person).rows;
      const at = (rowsStart + row! * rowBytes(embedder.dimensions)) / 4;
      return probe.reduce((sum, value, i) => sum + value * all[at + i]!, 0);
    });
  }
}

describe("renewing the rotation of all faces", () => {
  let site: TestSite;
  let memory: Memory;
  let rotation: Rotation;
  const open = (templates: Templates = site.templates) => {
    const { ledger, facesDb, ring, log } = site;
    rotation = new Rotation({ ledger, faces: facesDb, keys: ring, log, templates, clock: handClock() });
    memory = new Memory();
    return rotation.furnish(memory.engine, embedder);
  };
  const restart = () => {
    site.close();
    site = openSite(handClock(), { dir: site.dir });
    return open();
  };
  const all = () => people.map((_, n) => memory.scores(memory.probe(n + 1)));
  const near = (a: readonly number[][], b: readonly number[][]) => {
    for (const [n, row] of a.entries())
      for (const [m, value] of row.entries()) assert.ok(Math.abs(value - b[n]![m]!) < 1e-5, `${n}, ${m}`);
  };

  beforeEach(() => {
    site = openSite(handClock());
    open();
    for (const [n, person] of people.entries()) {
      const vector = memory.probe(n + 1);
      const { id } = site.templates.put(
        { person, vectors: [vector], embedder, epoch: rotation.epoch },
        unrecorded,
      );
      memory.gallery.put(id, person, [vector]);
    }
  });
  afterEach(() => site.remove());

  it("decides as before, with nobody enrolled again; vectors of before are like nobody", () => {
    const before = all();
    const old = people.map((_, n) => memory.probe(n + 1));
    for (const [n, row] of before.entries()) assert.ok(row[n]! > 0.999);
    assert.deepEqual(rotation.renew(memory.engine, "operator"), { epoch: 2, templates: 3 });
    near(all(), before);
    for (const probe of old)
      for (const score of memory.scores(probe)) assert.ok(Math.abs(score) < 0.6, `${score}`);
    const { fields } = site.log.query({ classes: ["configuration"], limit: 1 })[0]!;
    assert.deepEqual([fields?.what, fields?.epoch], ["faces-renewed", 2]);
    assert.deepEqual(restart().outdated, []);
    assert.equal(rotation.epoch, 2);
    near(all(), before);
  });

  it("goes on as before when the disk refuses in the middle, and is carried out at the next start", () => {
    const before = all();
    const failing: Templates = {
      ...site.templates,
      get count() {
        return site.templates.count;
      },
      renew() {
        throw new Error("the power goes here");
      },
    };
    open(failing);
    assert.throws(() => rotation.renew(memory.engine, "operator"), /power/);
    assert.equal(rotation.epoch, 1);
    near(all(), before);
    assert.deepEqual(restart().outdated, []);
    assert.deepEqual([rotation.epoch, site.templates.epochs(embedder)], [2, [2]]);
    near(all(), before);
  });

  it("brings templates that are ahead of a restored ledger back to its epoch", () => {
    const before = all();
    rotation.renew(memory.engine, "operator");
    site.ledger.exec("UPDATE face_rotation SET epoch = 1");
    assert.deepEqual(restart().outdated, []);
    near(all(), before);
  });

  it("waits for an enrolment to be over", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const enrolling = rotation.enrolling(() => promise);
    assert.throws(() => rotation.renew(memory.engine, "operator"), { code: "face-busy" });
    resolve();
    await enrolling;
    assert.equal(rotation.renew(memory.engine, "operator").epoch, 2);
  });
});
