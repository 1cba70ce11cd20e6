import assert from "node:assert/strict";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../cli/limen.ts";
import { language } from "../../cli/words.ts";
import type { Calibration } from "../../core/faces/calibration.ts";
import { identityOf, type ModelEntry } from "../../core/faces/described.ts";
import { type ModelCatalogue, modelsFolder, packEntries, readCatalogue } from "../../core/faces/models.ts";
import { readCalibration } from "../../core/faces/threshold.ts";
import { sentence } from "../../core/words.ts";
import { modelsDir, needs, picture, setOf } from "../core/faces/data.ts";

const variables = ["LIMEN_CATALOGUE", "LIMEN_MODELS", "LIMEN_DATA"] as const;

/** `limen …` with a catalogue and folders of its own. */
describe("limen models and limen calibrate", () => {
  let folder: string;
  let catalogue: ModelCatalogue;
  let server: Server;
  let base: string;
  /** What was asked of the server, and what had been said by then. */
  let asked: { file: string; said: string }[];
  /** What the server sends of a file. */
  let serve: (file: string, whole: Buffer) => { body: Buffer; cut?: boolean } | undefined;

  const at = (...parts: string[]) => join(folder, ...parts);
  const save = () => writeFileSync(at("catalogue", "models.json"), JSON.stringify(catalogue));
  const entryOf = (id: string) => catalogue.models.find((model) => model.id === id)!;

  let said = "";
  /** The command, in this process: what it says is caught. */
  async function limen(...args: string[]): Promise<{ status: number; out: string; err: string }> {
    let err = "";
    said = "";
    const { stdout, stderr } = process;
    const [write, complain] = [stdout.write, stderr.write];
    stdout.write = (text) => {
      said += String(text);
      return true;
    };
    stderr.write = (text) => {
      err += String(text);
      return true;
    };
    try {
      const status = await main(args);
      return { status, out: said, err };
    } finally {
      stdout.write = write;
      stderr.write = complain;
    }
  }
  /** A sentence as the command would say it. */
  const words = (key: string, params: Record<string, string | number> = {}) =>
    sentence(language, key, params);

  const former: Record<string, string | undefined> = {};

  before(function () {
    needs(this, "models");
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "limen-cli-models-"));
    for (const name of ["catalogue", "weights", "data"]) mkdirSync(at(name));
    const { models, packs } = readCatalogue();
    for (const name of variables) former[name] = process.env[name];
    Object.assign(process.env, {
      LIMEN_CATALOGUE: at("catalogue"),
      LIMEN_MODELS: at("weights"),
      LIMEN_DATA: at("data"),
    });
    asked = [];
    serve = (_, body) => ({ body });
    server = createServer((request, answer) => {
      const file = request.url!.slice(1);
      asked.push({ file, said });
      const sent = serve(file, readFileSync(join(modelsDir, file)));
      if (!sent) return void answer.writeHead(404).end();
      if (!sent.cut) return void answer.end(sent.body);
      answer.writeHead(200, { "content-length": 2 * sent.body.length });
      answer.write(sent.body, () => answer.destroy()); // the line is cut half-way
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    catalogue = {
      packs: { ...packs, mine: { needs: packs.core!.needs, optional: ["landmarks-0009"] } },
      models: models.map((model) => (model.url ? { ...model, url: `${base}/${model.file}` } : model)),
    };
    save();
  });
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
    for (const name of variables) {
      if (former[name] === undefined) delete process.env[name];
      else process.env[name] = former[name];
    }
    if (folder) rmSync(folder, { recursive: true });
  });

  it("pulls what the pack needs, each licence said before the first byte is asked for, and then says it is ready", async () => {
    const { status, out, err } = await limen("models", "pull", "--pack", "mine");
    assert.deepEqual([status, err], [0, ""]);
    const needed = catalogue.packs.mine!.needs.map(entryOf);
    assert.deepEqual(
      asked.map(({ file }) => file),
      needed.map(({ file }) => file),
    );
    const first = asked[0]!.said;
    for (const { licence, source } of needed) assert.ok(first.includes(licence) && first.includes(source));
    assert.ok(first.includes(words("model.mobilefacenet-foamliu.training")));
    assert.deepEqual(readdirSync(at("weights")).sort(), needed.map(({ file }) => file).sort());
    assert.ok(out.includes(words("cli.models-skipped", { model: "landmarks-0009" })));
    assert.ok(out.includes(words("cli.models-ready", { pack: "mine" })));
    const again = await limen("models", "pull", "--pack", "mine");
    assert.equal(again.status, 0);
    assert.ok(again.out.includes(words("cli.models-kept", { model: "yunet-n" })));
    assert.equal(asked.length, needed.length, "nothing is asked for twice");
    const list = await limen("models", "list", "--pack", "mine");
    assert.ok(list.out.includes(words("cli.models-packs", { packs: "core, duo, mine", pack: "mine" })));
    assert.ok(list.out.includes(`yunet-n  detector  ${words("cli.model-here")}\n`));
    assert.ok(list.out.includes(`landmarks-0009  landmarks  ${words("cli.model-absent-optional")}\n`));
  });

  it("leaves nothing of a file with another checksum or of a download cut half-way, and says which", async () => {
    const { file, source } = entryOf("yunet-n");
    serve = (_, whole) => ({ body: Buffer.concat([whole.subarray(0, -1), Buffer.from("x")]) });
    const other = await limen("models", "pull");
    assert.equal(other.status, 1);
    assert.ok(other.err.includes(words("error.model-damaged", { model: "yunet-n" })));
    assert.deepEqual(readdirSync(at("weights")), []);
    serve = (_, whole) => ({ body: whole.subarray(0, whole.length >> 1), cut: true });
    const cut = await limen("models", "pull");
    assert.equal(cut.status, 1);
    assert.ok(cut.err.includes(words("error.model-unavailable", { model: "yunet-n", file, source })));
    assert.deepEqual(readdirSync(at("weights")), []);
    serve = () => undefined;
    assert.equal((await limen("models", "pull")).status, 1);
    assert.deepEqual(readdirSync(at("weights")), []);
  });

  it("checks every byte, and that each model is as it is described, and says what is not", async () => {
    const files = packEntries(catalogue, "mine").map(({ entry }) => entry.file);
    const none = await limen("models", "check", "--pack", "mine");
    assert.equal(none.status, 1);
    assert.ok(
      none.err.includes(words("error.models-missing", { models: catalogue.packs.mine!.needs.join(", ") })),
    );
    for (const file of files) copyFileSync(join(modelsDir, file), at("weights", file));
    const good = await limen("models", "check", "--pack", "mine");
    assert.deepEqual([good.status, good.out.trim()], [0, words("cli.models-ready", { pack: "mine" })]);

    const liveness = entryOf("minifas-128") as ModelEntry & { input: { side: number }[] };
    liveness.input[0]!.side = 80;
    save();
    const unlike = await limen("models", "check", "--pack", "mine");
    assert.equal(unlike.status, 1);
    const has = "batch_size x 3 x 128 x 128";
    const told = words("error.model-unlike", { model: "minifas-128", field: "/input/0/side", has });
    assert.equal(unlike.err.trim(), told);
    delete (liveness.input[0] as { name?: string }).name;
    save();
    const lacks = await limen("models", "check", "--pack", "mine");
    const field = "/input/0/name";
    assert.equal(lacks.err.trim(), words("error.model-field-missing", { model: "minifas-128", field }));

    writeFileSync(at("catalogue", "models.json"), "{");
    const broken = await limen("models", "list");
    assert.ok(broken.err.includes("models/models.json") && broken.status === 1);
    assert.equal((await limen("models", "burn")).err.trim(), words("error.models-usage"));
  });

  it("says what a folder of pictures lacks to calibrate from", async function () {
    needs(this, "faces");
    const weights = packEntries(catalogue, "mine").map(({ entry }) => entry.file);
    const usage = words("error.calibrate-usage");
    assert.equal((await limen("calibrate", at("nowhere"))).err.trim(), usage);
    assert.equal((await limen("calibrate", at("catalogue", "models.json"))).err.trim(), usage, "no folder");
    mkdirSync(at("pictures", "zhang"), { recursive: true });
    mkdirSync(at("pictures", "li"));
    const without = await limen("calibrate", at("pictures"), "--pack", "mine");
    assert.ok(
      without.err.includes(words("error.models-missing", { models: catalogue.packs.mine!.needs.join(", ") })),
    );
    // models the vault has fetched are in its data folder: a command has to find them there
    mkdirSync(at("data", "models"));
    for (const file of weights) copyFileSync(join(modelsDir, file), at("data", "models", file));
    const empty = await limen("calibrate", at("pictures"), "--pack", "mine");
    const lack = (pictures: number, used: number, people: number, different: number, same: number) =>
      words("error.calibrate-too-few", { pictures, used, people, different, same, wanted: 5000 });
    assert.equal(empty.err.trim(), lack(0, 0, 0, 0, 0));
    for (const [i, name] of ["102_1.jpg", "102_6.jpg", "102_7.jpg"].entries())
      writeFileSync(at("pictures", i < 2 ? "zhang" : "li", name), picture(`asian/ChinaTarget_102/${name}`));
    writeFileSync(at("pictures", "li", "broken.jpg"), "no picture");
    const { status, err } = await limen("calibrate", at("pictures"), "--pack", "mine", "--out", at("rates"));
    assert.equal(status, 1);
    assert.equal(err.trim(), lack(4, 3, 2, 2, 1));
    assert.ok(!readdirSync(folder).includes("rates"), "nothing is written");
  });

  it("writes a calibration that counts for the models it was made with, and for no others", async function () {
    needs(this, "faces");
    // a pack of one's own with nothing around it: the smallest that can be calibrated
    catalogue.packs.mine = { needs: catalogue.packs.core!.needs, optional: [] };
    const embedder = entryOf("mobilefacenet-foamliu");
    delete embedder.calibration;
    save();
    for (const { entry } of packEntries(catalogue, "mine"))
      copyFileSync(join(modelsDir, entry.file), at("weights", entry.file));
    for (const { file, identity } of setOf("asian").slice(0, 120)) {
      mkdirSync(at("pictures", identity!), { recursive: true });
      writeFileSync(at("pictures", identity!, file.replaceAll("/", "-")), picture(file));
    }
    const { status, out, err } = await limen(
      "calibrate",
      at("pictures"),
      "--pack",
      "mine",
      "--out",
      at("catalogue"),
    );
    assert.deepEqual([status, err], [0, ""]);
    const name = "mobilefacenet-foamliu.without-landmarks.calibration.json";
    assert.ok(out.includes(words("cli.calibrated-name-it", { model: embedder.id, file: name })));
    const text = readFileSync(at("catalogue", name), "utf8");
    const written = JSON.parse(text) as Calibration;
    for (const { identity } of setOf("asian").slice(0, 120))
      assert.ok(!text.includes(identity!), "nobody is named");
    const models = packEntries(catalogue, "mine").map(({ entry }) => entry);
    assert.deepEqual(written.models, models.filter(({ job }) => job !== "liveness").map(identityOf));
    const found = (some: readonly ModelEntry[]) => readCalibration(some, at("catalogue"));
    assert.equal(found(models), undefined, "no model names it yet");
    const naming = models.map((model) => ({ ...model, calibration: name }) as ModelEntry);
    assert.equal(found(naming)!.exact, true);
    const changed = (job: string, change: object) =>
      naming.map((model) => (model.job === job ? ({ ...model, ...change } as ModelEntry) : model));
    const whole = packEntries(readCatalogue(modelsFolder()), "core").map(({ entry }) => entry);
    const points = whole.find(({ job }) => job === "landmarks")!;
    assert.equal(found([...naming, points])!.exact, false, "with landmarks it was not measured");
    assert.equal(found(changed("embedder", { sha256: "00" })), undefined);
    assert.equal(found(changed("embedder", { input: [{ ...embedder.input[0], order: "bgr" }] })), undefined);
    assert.equal(found(changed("liveness", { sha256: "00" }))!.exact, true, "liveness makes no vector");
  });
});
