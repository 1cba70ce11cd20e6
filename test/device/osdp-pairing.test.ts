import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import helper from "node-red-node-test-helper";
import limenBus from "../../nodes/limen-bus/limen-bus.ts";
import type { OsdpLine } from "../../nodes/limen-bus/osdp.ts";
import osdpPairing from "../../nodes/plugins/osdp-pairing.ts";
import { type Bench, bench } from "../nodes/harness.ts";
import { has, until } from "./lines.ts";
import { Peripheral } from "./osdp/peripheral.ts";
import { PtyStand } from "./osdp/pty-stand.ts";

const chosen = Buffer.from("0f1e2d3c4b5a69788796a5b4c3d2e1f1", "hex");

describe("pairing an OSDP reader from the editor, on a real line", function () {
  this.timeout(60_000);
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
  const pair = (address = 3, language = "en-US") =>
    helper.request().post(`/limen/osdp/bus/${address}/pair?lang=${language}`);
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
    assert.equal(await stateOf(), "online");
    assert.equal(statSync(file()).mode & 0o777, 0o600);
    await deploy(); // Node-RED lost the field: it was never deployed
    await until(async () => (await stateOf()) === "online", "the reader under its key");
    assert.equal(reader.key?.toString("hex"), key);
  });

  it("says in the operator's language why it did not, and goes on as before", async () => {
    await stand.connect(new Peripheral({ address: 3, key: chosen }));
    const line = await deploy(`3=${chosen.toString("hex")}`);
    await until(async () => (await stateOf()) === "online", "the reader");
    const operator = new AbortController();
    const running = line.pair(3, { signal: operator.signal });
    running.catch(() => undefined);
    const { body } = await pair(3, "zh-TW").expect(409);
    assert.equal(body.code, "osdp-pairing-busy");
    assert.equal(on!.vault.requests("reader.pairing")[0]?.outcome, "failed");
    assert.match(String(body.message), /[\u4e00-\u9fff]/);
    operator.abort();
    await assert.rejects(running, { code: "osdp-pairing-failed" });
    await until(async () => (await stateOf()) === "online", "the reader under its old key");
    await deploy(`3=${chosen.toString("hex")}`);
    await until(async () => (await stateOf()) === "online", "the reader after a restart");
    assert.deepEqual(JSON.parse(readFileSync(file(), "utf8")), {});
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
