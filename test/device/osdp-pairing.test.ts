import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import helper from "node-red-node-test-helper";
import limenBus from "../../nodes/limen-bus/limen-bus.ts";
import type { OsdpLine } from "../../nodes/limen-bus/osdp.ts";
import { openText } from "../../nodes/limen-bus/sealed-text.ts";
import osdpPairing from "../../nodes/plugins/osdp-pairing.ts";
import { type Bench, bench } from "../nodes/harness.ts";
import { has, until } from "./lines.ts";
import { Peripheral, usualIdentity } from "./osdp/peripheral.ts";
import { PtyStand } from "./osdp/pty-stand.ts";

const chosen = Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f1", "hex");

describe("pairing an OSDP reader from the editor, on a real line", () => {
  let stand: PtyStand;
  let on: Bench | undefined;
  let data: string;
  const before_ = process.env.LIMEN_DATA;

  before(function () {
    if (!has("socat")) this.skip();
  });
  beforeEach(async () => {
    data = mkdtempSync(join(tmpdir(), "limen-pairing-"));
    process.env.LIMEN_DATA = data;
    stand = new PtyStand();
    await stand.hub.plug("panel");
  });
  afterEach(async () => {
    await on?.stop();
    on = undefined;
    await stand.end();
    rmSync(data, { recursive: true, force: true });
    if (before_ === undefined) delete process.env.LIMEN_DATA;
    else process.env.LIMEN_DATA = before_;
  });

  const deploy = async (keys = ""): Promise<OsdpLine> => {
    await on?.stop();
    on = await bench(
      [limenBus, osdpPairing] as never,
      [
        {
          id: "bus",
          type: "limen-bus",
          kind: "osdp",
          port: stand.hub.path("panel"),
          baud: 115_200,
          readers: [{ address: 3, quirks: [] }],
        },
      ],
      { credentials: { bus: { keys } } },
    );
    return (on.node("bus") as unknown as { limen: { service: OsdpLine } }).limen.service;
  };
  const pair = (address = 3, language = "en-US", under = "public") =>
    helper.request().post(`/limen/osdp/bus/${address}/pair?lang=${language}&under=${under}`);
  const stateOf = async (): Promise<string> => {
    const { body } = await helper.request().get("/limen/osdp/bus").expect(200);
    return (body.readers as { state: string }[])[0]!.state;
  };
  const file = (): string => join(data, "osdp", "bus.json");

  it("gives it a key nobody chose and nobody is shown, that outlives a restart before any deploy", async () => {
    const reader = new Peripheral({ address: 3, installMode: true });
    await stand.connect(reader);
    const line = await deploy();
    assert.equal(await stateOf(), "unpaired");
    const { body, text } = await pair().expect(200);
    assert.deepEqual(body, { paired: true });
    assert.deepEqual(on!.vault.requests("reader.pairing"), [
      { line: "bus", address: 3, outcome: "paired", by: "anonymous" },
    ]);
    const key = reader.key!.toString("hex");
    assert.ok(!text.includes(key));
    assert.equal(line.keys, `3=${key}`);
    await until(async () => (await stateOf()) === "online", "the reader believed");
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    assert.ok(!readFileSync(file(), "utf8").includes(key), "sealed");
    await deploy(); // Node-RED lost the field: it was never deployed
    await until(async () => (await stateOf()) === "online", "the reader under its key");
    assert.equal(reader.key?.toString("hex"), key);
  });

  it("says in the operator's language why it did not, and goes on as before", async () => {
    const reader = new Peripheral({ address: 3, key: chosen });
    await stand.connect(reader);
    const line = await deploy(`3=${chosen.toString("hex")}`);
    await until(async () => (await stateOf()) === "online", "the reader");
    const operator = new AbortController();
    reader.habits.dead = true;
    const running = line.pair(3, { under: "own", signal: operator.signal });
    running.catch(() => undefined);
    const { body } = await pair(3, "zh-TW").expect(409);
    assert.equal(body.code, "osdp-pairing-busy");
    assert.equal(on!.vault.requests("reader.pairing")[0]?.outcome, "failed");
    assert.match(String(body.message), /[\u4e00-\u9fff]/);
    operator.abort();
    reader.habits.dead = false;
    await assert.rejects(running, { code: "osdp-pairing-failed" });
    await until(async () => (await stateOf()) === "online", "the reader under its old key");
    await deploy(`3=${chosen.toString("hex")}`);
    await until(async () => (await stateOf()) === "online", "the reader after a restart");
    assert.ok(!existsSync(file()), "nothing is kept of it");
  });

  it("gives a working reader a new key under the one it has, and does not take it out to pair it", async () => {
    const reader = new Peripheral({ address: 3, key: chosen, installMode: true });
    await stand.connect(reader);
    const typed = `3=${chosen.toString("hex")}`;
    await deploy(typed);
    await until(async () => (await stateOf()) === "online", "the reader");
    const { body } = await pair().expect(409);
    assert.equal(body.code, "osdp-works");
    assert.equal(await stateOf(), "online");
    await pair(3, "en-US", "own").expect(200);
    const key = reader.key!;
    assert.ok(!key.equals(chosen));
    await until(async () => (await stateOf()) === "online", "the reader believed");
    await deploy(typed); // a power cut before the deploy: the field still has the old one
    await until(async () => (await stateOf()) === "online", "the reader under its new key");
    assert.ok(reader.key!.equals(key));
  });

  it("keeps nothing of a key that the field holds by now, but who the reader is", async () => {
    const reader = new Peripheral({ address: 3, installMode: true });
    await stand.connect(reader);
    const line = await deploy();
    await pair().expect(200);
    const kept = () => {
      const secret = readFileSync(join(data, "credential-secret"), "utf8");
      return JSON.parse(openText(secret, "bus", JSON.parse(readFileSync(file(), "utf8")))!)["3"];
    };
    assert.equal(kept().key, reader.key!.toString("hex"));
    const field = line.keys;
    await deploy(field);
    assert.equal(kept().key, undefined);
    assert.equal(kept().identity.serial, usualIdentity.serial);
    await until(async () => (await stateOf()) === "online", "the reader");
    await deploy(field);
    await until(async () => (await stateOf()) === "online", "the reader, again");
  });

  it("seals a file from before keys were sealed, and refuses one that another secret sealed", async () => {
    const reader = new Peripheral({ address: 3, key: chosen });
    await stand.connect(reader);
    mkdirSync(join(data, "osdp"));
    const plain = { 3: { key: chosen.toString("hex"), field: "" } };
    writeFileSync(file(), JSON.stringify(plain));
    await deploy();
    await until(async () => (await stateOf()) === "online", "the reader");
    assert.ok(!readFileSync(file(), "utf8").includes(chosen.toString("hex")));
    writeFileSync(join(data, "credential-secret"), "another");
    await deploy().catch(() => undefined);
    await helper.request().get("/limen/osdp/bus").expect(404); // a line without its keys does not run
  });

  it("takes a key that was typed after a pairing for the newer one", async () => {
    const reader = new Peripheral({ address: 3, installMode: true });
    await stand.connect(reader);
    await deploy();
    await pair().expect(200);
    reader.key = chosen;
    reader.powerCycle();
    await deploy(`3=${chosen.toString("hex")}`);
    await until(async () => (await stateOf()) === "online", "the reader under the typed key");
  });

  it("lets a reader hear the OFF that a closing flow says, before the line is silent", async () => {
    const reader = new Peripheral({ address: 3, key: chosen });
    await stand.connect(reader);
    const line = await deploy(`3=${chosen.toString("hex")}`);
    await until(async () => (await stateOf()) === "online", "the reader");
    await line.pulse(3, 1, 60_000);
    const closed = line.close(); // Node-RED closes a line and its relays at once, in no order
    const off = line.off(3, 1);
    await Promise.all([closed, off]);
    const codes = reader.obeyed.flatMap((command) =>
      command.kind === "outputs" ? command.outputs.map(({ code }) => code) : [],
    );
    assert.deepEqual(codes, [5, 1]);
  });

  it("knows no line that is not running, and no reader that is not on it", async () => {
    await stand.connect(new Peripheral({ address: 3, installMode: true }));
    await deploy();
    await helper.request().get("/limen/osdp/other").expect(404);
    await helper.request().post("/limen/osdp/other/3/pair").expect(404);
    const { body } = await pair(4).expect(404);
    assert.equal(body.code, "osdp-address");
    await pair("x" as never).expect(404);
  });
});
