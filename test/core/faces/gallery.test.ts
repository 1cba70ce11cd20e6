import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { dot } from "../../../core/faces/calibration.ts";
import { Gallery } from "../../../core/faces/gallery.ts";
import { rotationMatrix, turn } from "../../../core/faces/rotation.ts";
import { searcher } from "../../../core/faces/search.ts";
import { randomUnit } from "./vectors.ts";

const everybody = () => true;

describe("the gallery", () => {
  it("finds exactly what a plain loop finds, for any dimensions", () => {
    for (const d of [7, 16, 128, 384, 512]) {
      const gallery = new Gallery(d);
      const vectors = Array.from({ length: 300 }, (_, i) => randomUnit(d, i + d));
      vectors.forEach((vector, i) => {
        gallery.put(`t${i}`, `p${i % 100}`, [vector]);
      });
      const search = searcher(gallery.memory, 3, d);
      for (let k = 0; k < 20; k++) {
        const probe = randomUnit(d, 10_000 + k);
        const scores = vectors.map((vector, i) => ({ person: `p${i % 100}`, score: dot(vector, probe) }));
        scores.sort((p, q) => q.score - p.score);
        const candidates = gallery.candidates(everybody);
        const found = search(probe, candidates)!;
        assert.equal(candidates.names[found.person], scores[0]!.person);
        assert.ok(Math.abs(found.score - scores[0]!.score) < 1e-5);
        const next = scores.find(({ person }) => person !== scores[0]!.person)!;
        assert.ok(Math.abs(found.runnerUp! - next.score) < 1e-5);
      }
    }
  });

  it("has only the allowed in the list a worker gets, after any history (RD-26)", () => {
    const step = fc.record({
      op: fc.constantFrom("put", "drop", "allow", "deny"),
      person: fc.nat(8),
      template: fc.nat(12),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const gallery = new Gallery(16);
        const allowed = new Set<string>();
        const model = new Map<string, string>();
        for (const { op, person, template } of steps) {
          if (op === "put") {
            gallery.put(`t${template}`, `p${person}`, [
              randomUnit(16, template),
              randomUnit(16, template + 50),
            ]);
            model.set(`t${template}`, `p${person}`);
          }
          if (op === "drop") assert.equal(gallery.drop(`t${template}`), model.delete(`t${template}`));
          if (op === "allow") allowed.add(`p${person}`);
          if (op === "deny") allowed.delete(`p${person}`);
          const { rows, people, names } = gallery.candidates(allowed);
          const want = [...model].filter(([, owner]) => allowed.has(owner));
          assert.equal(rows.length, want.length * 2);
          rows.forEach((row, i) => {
            const owner = gallery.ownerOf(row)!;
            assert.equal(owner.person, names[people[i]!]);
            assert.ok(allowed.has(owner.person));
            assert.equal(model.get(owner.template), owner.person);
          });
          assert.equal(gallery.templates, model.size);
          assert.equal(gallery.people().size, new Set(model.values()).size);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("overwrites what it drops, and uses the place again", () => {
    const gallery = new Gallery(128);
    const marker = randomUnit(128, 77);
    const bytes = () => Buffer.from(new Uint8Array(gallery.memory.buffer).slice());
    gallery.put("t", "p", [marker]);
    assert.ok(bytes().includes(Buffer.from(marker.buffer)));
    const before = gallery.memory.buffer.byteLength;
    for (let i = 0; i < 3000; i++) {
      gallery.drop("t");
      gallery.put("t", "p", [marker]);
    }
    assert.equal(gallery.memory.buffer.byteLength, before);
    gallery.drop("t");
    assert.equal(bytes().includes(Buffer.from(marker.buffer).subarray(0, 16)), false);
    assert.equal(gallery.rows, 0);
  });

  it("grows, and the same search goes on over the grown memory", () => {
    const gallery = new Gallery(128);
    gallery.put("t0", "p0", [randomUnit(128, 0)]);
    const search = searcher(gallery.memory, 0, 128);
    for (let i = 1; i < 2000; i++) gallery.put(`t${i}`, `p${i}`, [randomUnit(128, i)]);
    const candidates = gallery.candidates(everybody);
    assert.equal(candidates.names[search(randomUnit(128, 1999), candidates)!.person], "p1999");
  });

  it("takes unit vectors of its own length only", () => {
    const gallery = new Gallery(128);
    const bad = [randomUnit(64, 1), new Float32Array(128), new Float32Array(128).fill(Number.NaN)];
    for (const vector of bad)
      assert.throws(() => gallery.put("t", "p", [vector]), { code: "template-mismatch" });
    assert.equal(gallery.templates, 0);
  });

  it("keeps every nearness under a rotation, and loses it under another site's", () => {
    const [own, other] = [rotationMatrix(randomBytes(32), 1, 128), rotationMatrix(randomBytes(32), 1, 128)];
    for (let i = 0; i < 20; i++) {
      const [p, q] = [randomUnit(128, i), randomUnit(128, i + 100)];
      const turned = dot(turn(own, p.slice()), turn(own, q.slice()));
      assert.ok(Math.abs(turned - dot(p, q)) < 1e-5);
      assert.ok(Math.abs(dot(turn(own, p.slice()), turn(other, p.slice()))) < 0.45);
    }
  });

  it("derives the same rotation from the same secret and epoch, and an orthogonal one", () => {
    const secret = Buffer.alloc(32, 5);
    const matrix = rotationMatrix(secret, 3, 64);
    assert.deepEqual(rotationMatrix(secret, 3, 64), matrix);
    assert.notDeepEqual(rotationMatrix(secret, 4, 64), matrix);
    for (let i = 0; i < 64; i++) {
      for (let j = 0; j <= i; j++) {
        const product = dot(matrix.subarray(i * 64, i * 64 + 64), matrix.subarray(j * 64, j * 64 + 64));
        assert.ok(Math.abs(product - (i === j ? 1 : 0)) < 1e-5);
      }
    }
  });
});
