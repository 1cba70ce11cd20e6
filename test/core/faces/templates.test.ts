import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { dot } from "../../../core/faces/calibration.ts";
import { Gallery } from "../../../core/faces/gallery.ts";
import { renewal, rotationMatrix, turn } from "../../../core/faces/rotation.ts";
import { openTemplates, type StoredFace } from "../../../core/faces/templates.ts";
import { openDatabase, truncateWal } from "../../../core/store/database.ts";
import type { SubjectKeys } from "../../../core/store/types.ts";
import { unrecorded } from "./unrecorded.ts";
import { randomUnit } from "./vectors.ts";

const embedder = { id: "some-model", sha256: "ab".repeat(32), fed: "ef".repeat(32), dimensions: 128 };

function memoryKeys(): SubjectKeys & { size(): number } {
  const keys = new Map<string, Buffer>();
  return {
    create: (id) => {
      keys.set(id, keys.get(id) ?? randomBytes(32));
      return Buffer.from(keys.get(id)!);
    },
    get: (id) => (keys.has(id) ? Buffer.from(keys.get(id)!) : undefined),
    destroy: (id) => void keys.delete(id),
    size: () => keys.size,
  };
}

describe("stored templates", () => {
  let folder: string;
  let db: DatabaseSync;
  let keys: ReturnType<typeof memoryKeys>;
  const opened = () => openTemplates({ db, keys, site: "site-1" });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "limen-templates-"));
    db = openDatabase(join(folder, "faces.db"));
    keys = memoryKeys();
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  it("come back after a restart, to the person they belong to", () => {
    const vectors = [randomUnit(128, 1), randomUnit(128, 2)];
    const { id } = opened().put({ person: "person_a", vectors, embedder, epoch: 1 }, unrecorded);
    const again = opened();
    assert.equal(again.has("person_a"), true);
    assert.deepEqual(again.of("person_a"), [id]);
    const gallery = new Gallery(128);
    assert.deepEqual(again.load(gallery, embedder, 1), { loaded: 1, outdated: [] });
    assert.equal(gallery.rows, 2);
    assert.deepEqual([...gallery.people()], ["person_a"]);
  });

  it("say neither whose they are nor what is in them, on disk (RD-32)", () => {
    const vector = randomUnit(128, 3);
    opened().put({ person: "person_markedmarked", vectors: [vector], embedder, epoch: 1 }, unrecorded);
    truncateWal(db);
    const numbers = Buffer.from(vector.buffer);
    for (const file of readdirSync(folder)) {
      const bytes = readFileSync(join(folder, file));
      assert.equal(bytes.includes("person_markedmarked"), false);
      assert.equal(bytes.includes(numbers.subarray(0, 32)), false);
    }
  });

  it("remember how near anybody else's face came, sealed, on both sides and past a restart", () => {
    const templates = opened();
    const one = (person: string, seed: number, near: [string, number][]) =>
      templates.put(
        { person, vectors: [randomUnit(128, seed)], embedder, epoch: 1, near: new Map(near) },
        unrecorded,
      ).id;
    const a = one("person_a", 1, []);
    assert.equal(templates.nearest("person_a"), -1);
    const b = one("person_b", 2, [[a, 0.5]]);
    one("person_c", 3, [
      [a, 0.25],
      [b, 0.75],
    ]);
    const known = (some: typeof templates) => ["person_a", "person_b", "person_c"].map(some.nearest);
    assert.deepEqual(known(templates), [0.5, 0.75, 0.75]);
    assert.deepEqual(known(opened()), [0.5, 0.75, 0.75]);
    const rows = db.prepare("SELECT nearest FROM template").all();
    assert.equal(
      new Set(rows.map(({ nearest }) => Buffer.from(nearest as Uint8Array).toString("hex"))).size,
      3,
    );
    templates.remove(b);
    assert.deepEqual(known(templates), [0.5, -1, 0.75], "who was alike still has that face");
    one("person_a", 1, []);
    assert.equal(templates.nearest("person_a"), -1, "judged anew with new pictures");
  });

  it("open nothing alone until somebody has looked, and are looked at before any look", async () => {
    const [face, other] = [randomUnit(128, 1), randomUnit(128, 2)];
    const first = opened();
    for (const [person, vector] of [
      ["person_a", face],
      ["person_b", face],
      ["person_c", other],
      ["person_d", other.map((value) => -value)],
    ] as const)
      first.put({ person, vectors: [vector], embedder, epoch: 1 }, unrecorded);
    db.prepare("UPDATE template SET alike = 1 WHERE id = ?").run(first.of("person_d")[0]!);
    const templates = opened();
    assert.deepEqual(["person_a", "person_c", "person_d"].map(templates.nearest), [1, 1, 1]);
    const gallery = new Gallery(128);
    templates.load(gallery, embedder, 1);
    assert.equal(await templates.judge(gallery, embedder, 1), 3);
    assert.ok(templates.nearest("person_a") > 0.999 && templates.nearest("person_b") > 0.999);
    assert.ok(Math.abs(templates.nearest("person_c") - dot(face, other)) < 1e-6);
    assert.equal(templates.nearest("person_d"), 1, "what was found before still counts");
    assert.equal(await templates.judge(gallery, embedder, 1), 0);
  });

  it("take the place of a person's former template, whose erasure is told by whoever puts the new one on record", () => {
    const templates = opened();
    const first = templates.put(
      { person: "person_a", vectors: [randomUnit(128, 1)], embedder, epoch: 1 },
      unrecorded,
    );
    const second = templates.put(
      { person: "person_a", vectors: [randomUnit(128, 2)], embedder, epoch: 1 },
      unrecorded,
    );
    assert.deepEqual(second.replaced, [first.id]);
    assert.equal(templates.count, 1);
    assert.deepEqual(templates.of("person_a"), [second.id]);
    templates.remove(first.id);
    assert.equal(keys.size(), 1);
    assert.deepEqual(opened().of("person_a"), [second.id]);
  });

  it("are nobody's when their record is not written: the former one stands, and whoever is alike is not forgotten", () => {
    const templates = opened();
    const one = (person: string, seed: number) => ({
      person,
      vectors: [randomUnit(128, seed)],
      embedder,
      epoch: 1,
    });
    const former = templates.put({ ...one("person_a", 1), near: new Map() }, unrecorded);
    const other = templates.put({ ...one("person_b", 2), near: new Map() }, unrecorded);
    const refuses = ({ id, store }: StoredFace) => {
      store();
      assert.deepEqual(templates.of("person_a"), [former.id], "not before its record");
      keys.destroy(id); // the ledger takes it back
      throw new Error("the log refuses");
    };
    const near = new Map([[other.id, 0.5]]);
    assert.throws(() => templates.put({ ...one("person_a", 3), near }, refuses), /the log refuses/);
    for (const some of [templates, opened()]) {
      assert.deepEqual([some.of("person_a"), some.count, some.leftOver], [[former.id], 2, 0]);
      assert.equal(some.nearest("person_a"), -1, "as before");
      assert.equal(some.nearest("person_b"), 0.5, "somebody has that face, enrolled or not");
    }
    assert.equal(db.prepare("SELECT count(*) AS n FROM template").get()!.n, 2);
  });

  it("are gone once removed, and a row that lost its key is cleaned away at the next start", () => {
    const templates = opened();
    const { id } = templates.put(
      { person: "person_a", vectors: [randomUnit(128, 1)], embedder, epoch: 1 },
      unrecorded,
    );
    const other = templates.put(
      { person: "person_b", vectors: [randomUnit(128, 2)], embedder, epoch: 1 },
      unrecorded,
    );
    templates.remove(id);
    templates.remove(id);
    assert.equal(templates.has("person_a"), false);
    keys.destroy(other.id);
    const gallery = new Gallery(128);
    assert.equal(templates.load(gallery, embedder, 1).loaded, 0, "nor compared before");
    const again = opened();
    assert.deepEqual([again.count, again.leftOver], [0, 1]);
    assert.equal(db.prepare("SELECT count(*) AS n FROM template").get()!.n, 0);
  });

  it("do not open pasted onto another row, another model or another epoch", () => {
    const templates = opened();
    const { id } = templates.put(
      { person: "person_a", vectors: [randomUnit(128, 1)], embedder, epoch: 1 },
      unrecorded,
    );
    for (const change of [
      `UPDATE template SET model = replace(model, 'some', 'other')`,
      `UPDATE template SET model = replace(model, 'other', 'some'), epoch = 2`,
    ]) {
      db.exec(change);
      assert.throws(opened, { code: "seal-broken" });
    }
    db.exec("UPDATE template SET epoch = 1");
    assert.deepEqual(opened().of("person_a"), [id]);
  });

  it("made by another model are never compared, and their people are named for enrolling again", () => {
    const templates = opened();
    templates.put({ person: "person_a", vectors: [randomUnit(128, 1)], embedder, epoch: 1 }, unrecorded);
    const gallery = new Gallery(128);
    const other = { ...embedder, sha256: "cd".repeat(32) };
    assert.deepEqual(templates.load(gallery, other, 1), { loaded: 0, outdated: ["person_a"] });
    assert.equal(gallery.rows, 0);
  });

  it("are renewed to a new epoch without enrolling again: same nearness, nothing to link them by (RD-31)", () => {
    const secret = randomBytes(32);
    const [one, two] = [rotationMatrix(secret, 1, 128), rotationMatrix(secret, 2, 128)];
    const face = randomUnit(128, 9);
    const templates = opened();
    templates.put({ person: "person_a", vectors: [turn(one, face.slice())], embedder, epoch: 1 }, unrecorded);
    assert.equal(templates.renew(embedder, 1, 2, renewal(one, two, 128)), 1);
    let stored: Float32Array | undefined;
    const gallery = new Gallery(128);
    const put = gallery.put.bind(gallery);
    gallery.put = (id, person, vectors) => {
      stored = vectors[0]!.slice();
      put(id, person, vectors);
    };
    assert.deepEqual(opened().load(gallery, embedder, 2), { loaded: 1, outdated: [] });
    assert.ok(dot(stored!, turn(two, face.slice())) > 0.9999);
    assert.ok(Math.abs(dot(stored!, turn(one, face.slice()))) < 0.4);
  });
});
