import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ModelCatalogue, ModelEntry } from "../../core/faces/models.ts";
import { FaceRoom } from "../../vault/faces.ts";
import { entryOf } from "../core/faces/entries.ts";

/** Bytes with the right checksum that no runtime can load. */
const weights = Buffer.from("not a network");

const entry = (id: string, job: ModelEntry["job"]): ModelEntry =>
  entryOf(id, job, weights, {
    url: `https://example.org/${id}`,
    licence: `licence of ${id}`,
    training: `pictures of ${id}`,
  });
const models = [entry("finds", "detector"), entry("describes", "embedder"), entry("lives", "liveness")];
const packOf = (...needs: string[]): ModelCatalogue => ({ packs: { core: { needs, optional: [] } }, models });

describe("the room of the face engine, while there is none", () => {
  let folder: string;
  let lines: string[];

  const room = (catalogue: ModelCatalogue, fetch?: typeof globalThis.fetch) =>
    new FaceRoom({
      dirs: [folder],
      into: folder,
      download: fetch !== undefined,
      pack: "core",
      threads: 1,
      furnish: () => [],
      judge: () => Promise.resolve(),
      enrolled: () => false,
      onCalibration: () => undefined,
      onChange: () => undefined,
      log: (line) => lines.push(line),
      catalogue,
      ...(fetch ? { fetch } : {}),
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "limen-room-"));
    lines = [];
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("stays off with a pack that has no liveness model, and says which job is undone", async () => {
    for (const { file } of models) writeFileSync(join(folder, file), weights);
    const faces = room(packOf("finds", "describes"), () => assert.fail("nothing to fetch would mend it"));
    await faces.start();
    assert.deepEqual([faces.furnished, faces.ready, faces.problem], [false, false, "pack-incomplete"]);
    assert.throws(() => faces.engine, { code: "models-missing" });
    assert.deepEqual(lines, ["faces: off (pack-incomplete: core liveness)"]);
  });

  it("prints the licence of each model before it is fetched", async () => {
    writeFileSync(join(folder, "finds.onnx"), weights);
    const asked: string[] = [];
    const faces = room(packOf("finds", "describes", "lives"), (url) => {
      asked.push(lines.at(-1) ?? "");
      return Promise.resolve(new Response(String(url).endsWith("lives") ? "other bytes" : weights));
    });
    await faces.start();
    const told = (id: string) =>
      `faces: ${id}: licence licence of ${id}; learned from pictures of ${id}; source somewhere: ${id}`;
    assert.deepEqual(asked, [told("describes"), told("lives")]);
    assert.equal(lines.filter((line) => line.includes("licence of")).length, 2);
    assert.equal(faces.problem, "model-damaged");
  });

  it("says which of the models that are all here cannot be loaded, not that nothing is missing", async () => {
    for (const { file } of models) writeFileSync(join(folder, file), weights);
    const faces = room(packOf("finds", "describes", "lives"));
    await faces.start();
    assert.deepEqual([faces.missing, faces.ready, faces.problem], [[], false, "model-unloadable"]);
    assert.equal(
      lines.at(-1),
      "faces: every model is here, but they could not be loaded; cards work meanwhile",
    );
    assert.ok(lines.includes("faces: off (model-unloadable: finds)"));
    assert.ok(lines.every((line) => !line.includes("lacks")));
    await faces.close();
  });
});
