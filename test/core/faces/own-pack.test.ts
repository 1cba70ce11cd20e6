import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dot } from "../../../core/faces/calibration.ts";
import { identityOf, type ModelEntry, parseEntry } from "../../../core/faces/described.ts";
import { createFaceEngine } from "../../../core/faces/engine.ts";
import { findModels, type ModelCatalogue, packEntries, readCatalogue } from "../../../core/faces/models.ts";
import { readCalibration } from "../../../core/faces/threshold.ts";
import { arriving, modelsDir, moving, needs, newEngine, picture, setOf, settings } from "./data.ts";

const resident = {
  enrol: ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`),
  probe: "asian/ChinaTarget_102/102_12.jpg",
};
const stranger = "deepface/img1.jpg";

type Change = (entry: ModelEntry) => object;

/** The shipped catalogue with a pack `mine`: copies of a shipped pack's models with ids and files of their own. */
function catalogueWith(pack: string, change: Change = () => ({})): ModelCatalogue {
  const catalogue = readCatalogue();
  const ids = (some: readonly string[]) => some.map((id) => `my-${id}`);
  const { needs, optional } = catalogue.packs[pack]!;
  const mine = packEntries(catalogue, pack).map(({ entry }) => {
    const own = { ...structuredClone(entry), id: `my-${entry.id}`, file: `my-${entry.file}` };
    return { ...own, ...change(entry) } as ModelEntry;
  });
  return {
    packs: { ...catalogue.packs, mine: { needs: ids(needs), optional: ids(optional) } },
    models: [...catalogue.models, ...mine],
  };
}

describe("what models.json says of a model", () => {
  const shipped = readCatalogue().models;
  const entry = (id: string): Record<string, unknown> =>
    structuredClone(shipped.find((model) => model.id === id)!) as never;

  it("names the field at fault, and what it takes", () => {
    const liveness = entry("minifas-128");
    const [input] = liveness.input as object[];
    const embedder = entry("mobilefacenet-foamliu");
    const model = "minifas-128";
    const wrong = (field: string, rule: string) => ({
      code: "model-field-wrong",
      params: { model, field, rule },
    });
    for (const [value, refusal] of [
      [
        { ...liveness, licence: undefined },
        { code: "model-field-missing", params: { model, field: "/licence" } },
      ],
      [
        { ...liveness, output: { kind: "logits" } },
        { code: "model-field-missing", params: { model, field: "/output/live" } },
      ],
      [
        { ...liveness, dimensions: 128 },
        { code: "model-field-unknown", params: { model, field: "/dimensions" } },
      ],
      [{ ...liveness, job: "emotion" }, wrong("/job", "detector | landmarks | embedder | liveness")],
      [{ ...liveness, input: [{ ...input, order: "rbg" }] }, wrong("/input/0/order", "rgb | bgr")],
      [{ ...liveness, input: [{ ...input, side: 8 }] }, wrong("/input/0/side", ">= 16")],
      [{ ...liveness, input: [{ ...input, mean: [0.5, 0.5] }] }, wrong("/input/0/mean", "minItems 3")],
      [
        { ...liveness, input: [{ ...input, deviation: [0.5, 0, 0.5] }] },
        wrong("/input/0/deviation/1", "> 0"),
      ],
      [
        { ...liveness, input: [{ ...input, crop: { of: "face", factor: 1 } }] },
        wrong("/input/0/crop/of", "box | square"),
      ],
      [{ ...liveness, file: "../x.onnx" }, wrong("/file", "pattern ^[^/\\\\]+$")],
      [{ ...liveness, output: { kind: "logit", live: 2 } }, wrong("/output/live", "0 | 1")],
      [
        { ...embedder, dimensions: 4096 },
        { code: "model-field-wrong", field: "/dimensions" },
      ],
      ["minifas", { code: "model-field-wrong", field: "/job" }],
    ] as const) {
      assert.throws(() => parseEntry(JSON.parse(JSON.stringify(value))), refusal);
    }
  });

  it("means the same whether a default is written or left out, and another model when it is another", () => {
    const short = entry("minifas-128");
    const whole = parseEntry(entry("minifas-128"));
    assert.equal(identityOf(parseEntry(short)).fed, identityOf(whole).fed);
    const [input] = whole.input;
    const other = { ...whole, input: [{ ...input, scale: 1 }] } as ModelEntry;
    assert.notEqual(identityOf(other).fed, identityOf(whole).fed);
  });

  it("is every pack's own concern: a slip in one leaves the others alone", async () => {
    const catalogue = catalogueWith("core", ({ job }) => (job === "liveness" ? { input: [] } : {}));
    await assert.rejects(findModels({ dirs: [], pack: "mine", catalogue }), {
      code: "model-field-wrong",
      params: { model: "my-minifas-128", field: "/input", rule: "minItems 1" },
    });
    assert.equal((await findModels({ dirs: [], pack: "core", catalogue })).missing.length, 3);
  });

  it("has to name models there are, and one of each that there can be one of", () => {
    const { models, packs } = readCatalogue();
    const { needs } = packs.core!;
    const pack = (optional: string[]) => ({ models, packs: { mine: { needs, optional } } });
    assert.throws(() => packEntries(pack(["landmark-0009"]), "mine"), {
      code: "pack-model-unknown",
      params: { pack: "mine", model: "landmark-0009" },
    });
    assert.throws(() => packEntries(pack(["faceduo-384"]), "mine"), {
      code: "pack-doubled",
      params: { pack: "mine", job: "embedder" },
    });
  });
});

describe("a pack of one's own, described and not programmed", () => {
  let folder: string;
  const open = async (pack: string, change?: Change) => {
    const catalogue = catalogueWith(pack, change);
    const models = await findModels({ dirs: [folder], pack: "mine", catalogue });
    const engine = createFaceEngine({ models, threads: 1 });
    await engine.start().catch(async (error: unknown) => {
      await engine.close();
      throw error;
    });
    return engine;
  };

  before(function () {
    needs(this, "models", "faces");
    folder = mkdtempSync(join(tmpdir(), "limen-own-pack-"));
    for (const { file } of readCatalogue().models)
      copyFileSync(join(modelsDir, file), join(folder, `my-${file}`));
  });
  after(() => folder && rmSync(folder, { recursive: true }));

  it("decides as the shipped one does: who it is, who it is not, and what does not live", async () => {
    const spoofs = setOf("liveness").filter(({ file }) => file.startsWith("liveness/spoof/"));
    const shown = [await moving(resident.probe, 4), await moving(stranger, 6)];
    shown.push(spoofs.slice(0, 3).map(({ file }) => picture(file)));
    const decided = async (engine: Awaited<ReturnType<typeof open>>) => {
      try {
        const { vectors } = await engine.enrol(resident.enrol.map(picture));
        engine.gallery.put("template", "person", vectors);
        const looks = [];
        for (const frames of shown) {
          const look = { frames: arriving(frames), allowed: () => true, mode: "1:N", settings } as const;
          const { code, person, evidence } = await engine.look(look);
          looks.push({ code, person, evidence });
        }
        return looks;
      } finally {
        await engine.close();
      }
    };
    const own = await decided(await open("core"));
    assert.deepEqual(own, await decided(await newEngine()));
    assert.deepEqual([own[0]!.code, own[1]!.code], ["granted", "no-match"]);
    assert.notEqual(own[2]!.code, "granted");
  });

  it("is fed as it says: points as fractions, squares only, two inputs at once", async () => {
    const fractions = [
      0.31556875, 0.4615741071, 0.6826229167, 0.4615741071, 0.5002624986, 0.6405053571, 0.349471875,
      0.8246919643, 0.6534364583, 0.8246919643,
    ];
    const own = await open("duo", ({ job, input }) => {
      if (job === "detector") return { input: [{ ...input[0], square: true }] };
      return job === "embedder" ? { input: [input[0], { ...input[1], points: fractions }] } : {};
    });
    const shipped = await newEngine({ pack: "duo" });
    try {
      const options = { embed: true, flip: true, liveness: true };
      const [a, b] = [
        await own.analyse(picture(resident.probe), options),
        await shipped.analyse(picture(resident.probe), options),
      ];
      assert.ok(dot(a.embedding!, b.embedding!) > 0.999);
      assert.ok(a.liveness!.live && Math.abs(a.liveness!.score - b.liveness!.score) < 0.02);
    } finally {
      await Promise.all([own.close(), shipped.close()]);
    }
  });

  it("is refused where its description does not fit its file, by field and with what the file has", async () => {
    const [detector, embedder, liveness] = ["my-yunet-n", "my-mobilefacenet-foamliu", "my-minifas-128"];
    for (const [job, change, model, field, has] of [
      ["liveness", { input: [{ name: "x" }] }, liveness, "/input/0/name", "input"],
      ["liveness", { input: [{ side: 80 }] }, liveness, "/input/0/side", "batch_size x 3 x 128 x 128"],
      ["liveness", { output: { live: 2 } }, liveness, "/output/live", 2],
      ["liveness", { output: { kind: "probability" } }, liveness, "/output/kind", 2],
      ["liveness", { output: { name: "y" } }, liveness, "/output/name", "output"],
      ["embedder", { dimensions: 256 }, embedder, "/dimensions", 128],
      ["detector", { sha256: "landmarks" }, detector, "/input/0/side", "1 x 3 x 48 x 48"],
    ] as const) {
      const other = (entry: ModelEntry): object => {
        if (entry.job !== job || entry.id.startsWith("minifasnet")) return {};
        if ("sha256" in change) {
          const { file, sha256, bytes } = readCatalogue().models.find(({ id }) => id === "landmarks-0009")!;
          return { file: `my-${file}`, sha256, bytes };
        }
        const { input = [{}], output = {}, ...rest } = change as { input?: object[]; output?: object };
        return {
          ...rest,
          input: [{ ...entry.input[0], ...input[0] }],
          output: { ...entry.output, ...output },
        };
      };
      await assert.rejects(open("core", other), { code: "model-unlike", params: { model, field, has } });
    }
  });

  it("takes the calibration of its weights by whatever name, and none of them fed otherwise", () => {
    const mine = (change?: Change) =>
      packEntries(catalogueWith("core", change), "mine").map(({ entry }) => entry);
    assert.equal(readCalibration(mine())!.exact, true);
    const brighter: Change = ({ job, input }) =>
      job === "embedder" ? { input: [{ ...input[0], scale: 0.005 }] } : {};
    assert.equal(readCalibration(mine(brighter)), undefined, "then no threshold is chosen and no face opens");
    const wider: Change = ({ job, input }) =>
      job === "landmarks" ? { input: [{ ...input[0], crop: { of: "box", factor: 1.2 } }] } : {};
    assert.equal(readCalibration(mine(wider))!.exact, false);
  });
});
