import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  findModels,
  loadVerified,
  type ModelCatalogue,
  type ModelEntry,
  type ModelJob,
  pullModels,
} from "../../../core/faces/models.ts";
import { entryOf } from "./entries.ts";

const weights = {
  a: Buffer.alloc(200_000, 1),
  b: Buffer.alloc(1000, 2),
  c: Buffer.alloc(10, 3),
  d: Buffer.alloc(20, 4),
};
type Name = keyof typeof weights;

describe("finding and fetching models", () => {
  let folder: string;
  let server: Server;
  let catalogue: ModelCatalogue;
  let served: (name: Name) => Buffer | undefined;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "limen-models-"));
    served = (name) => weights[name];
    server = createServer((request, answer) => {
      const body = served(request.url!.slice(1) as Name);
      if (body) answer.end(body);
      else answer.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const entry = (id: Name, job: ModelJob = "detector") =>
      entryOf(id, job, weights[id], { url: `${at}/${id}` });
    const local = entryOf("c", "landmarks", weights.c);
    catalogue = {
      packs: { core: { needs: ["a", "b", "d"], optional: ["c"] } },
      models: [entry("a"), entry("b", "embedder"), local, entry("d", "liveness")],
    };
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });

  it("fetches, checks, puts in place and tells how far it is", async () => {
    const told: number[] = [];
    const result = await pullModels({
      into: folder,
      catalogue,
      onProgress: ({ bytes, total }) => told.push(bytes / total),
    });
    assert.deepEqual(result, { pulled: ["a", "b", "d"], kept: [], skipped: ["c"] });
    assert.ok(told.length > 2 && told.includes(1) && told.every((share) => share > 0 && share <= 1));
    const models = await findModels({ dirs: [folder], catalogue });
    assert.deepEqual([...models.found.keys()], ["a", "b", "d"]);
    assert.deepEqual(models.missing, []);
    const again = await pullModels({ into: folder, catalogue, fetch: () => assert.fail("nothing to fetch") });
    assert.deepEqual(again.kept, ["a", "b", "d"]);
  });

  it("keeps nothing of a file with other bytes, too many bytes, or none", async () => {
    for (const [bad, code] of [
      [Buffer.alloc(1000, 9), "model-damaged"],
      [Buffer.alloc(2000, 2), "model-unavailable"],
      [undefined, "model-unavailable"],
    ] as const) {
      served = (name) => (name === "b" ? bad : weights[name]);
      await assert.rejects(pullModels({ into: folder, catalogue }), { code });
      assert.deepEqual(readdirSync(folder), ["a.onnx"]);
    }
  });

  it("refuses a pack that leaves a job undone, before anything is read or fetched", async () => {
    const { models } = catalogue;
    for (const [needs, jobs] of [
      [["a", "b"], "liveness"],
      [["a", "d"], "embedder"],
      [["c", "a"], "embedder, liveness"],
      [["b", "d"], "detector"],
    ] as const) {
      // an optional one may be absent, so it does nothing for the pack
      const pack = { packs: { core: { needs: [...needs], optional: ["a", "b", "d"] } }, models };
      const refusal = { code: "pack-incomplete", params: { pack: "core", jobs } };
      await assert.rejects(findModels({ dirs: [folder], catalogue: pack }), refusal);
      await assert.rejects(pullModels({ into: folder, catalogue: pack }), refusal);
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  it("shows each licence before the first byte is asked for", async () => {
    const told: string[] = [];
    const fetch: typeof globalThis.fetch = (url, init) => {
      told.push(`asked ${String(url).at(-1)}`);
      return globalThis.fetch(url, init);
    };
    const onFetch = ({ id, licence }: ModelEntry) => void told.push(`${id} ${licence}`);
    await pullModels({ into: folder, catalogue, fetch, onFetch });
    assert.deepEqual(told, ["a MIT", "asked a", "b MIT", "asked b", "d MIT", "asked d"]);
  });

  it("says without a network which file is missing and where it comes from", async () => {
    const fetch = () => Promise.reject(new TypeError("fetch failed"));
    await assert.rejects(pullModels({ into: folder, catalogue, fetch }), {
      code: "model-unavailable",
      params: { model: "a", file: "a.onnx", source: "somewhere: a" },
    });
  });

  it("copies from a folder, optional ones too, and checks those as well", async () => {
    const from = mkdtempSync(join(tmpdir(), "limen-models-from-"));
    try {
      for (const [name, bytes] of Object.entries(weights)) writeFileSync(join(from, `${name}.onnx`), bytes);
      const fetch = () => assert.fail("no network with a folder");
      const { pulled } = await pullModels({ into: folder, from, catalogue, fetch });
      assert.deepEqual(pulled, ["a", "b", "d", "c"]);
      writeFileSync(join(from, "a.onnx"), "other");
      rmSync(join(folder, "a.onnx"));
      await assert.rejects(pullModels({ into: folder, from, catalogue }), { code: "model-damaged" });
    } finally {
      rmSync(from, { recursive: true });
    }
  });

  it("never takes a damaged file, and looks on in the next folder", async () => {
    await pullModels({ into: folder, catalogue });
    const other = mkdtempSync(join(tmpdir(), "limen-models-other-"));
    try {
      writeFileSync(join(other, "a.onnx"), Buffer.alloc(200_000, 7));
      const models = await findModels({ dirs: [other, folder], catalogue });
      assert.deepEqual(models.damaged, [join(other, "a.onnx")]);
      assert.equal(models.found.get("a")!.path, join(folder, "a.onnx"));
      const alone = await findModels({ dirs: [other], catalogue });
      assert.deepEqual(
        alone.missing.map(({ id }) => id),
        ["a", "b", "d"],
      );
    } finally {
      rmSync(other, { recursive: true });
    }
  });

  it("checks again when it loads, because a file can change in between", async () => {
    await pullModels({ into: folder, catalogue });
    const model = (await findModels({ dirs: [folder], catalogue })).found.get("b")!;
    assert.deepEqual(await loadVerified(model), weights.b);
    const bytes = readFileSync(model.path);
    bytes[5]! ^= 1;
    writeFileSync(model.path, bytes);
    await assert.rejects(loadVerified(model), { code: "model-damaged" });
  });
});
