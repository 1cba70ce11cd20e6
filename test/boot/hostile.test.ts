import assert from "node:assert/strict";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import mqtt, { type MqttClient } from "mqtt";
import type { NodeConfigModule } from "../../scripts/build/pages.ts";
import { nodeTypes } from "../../scripts/build/sources.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { readFlow } from "../flows/files.ts";
import { houseNodes } from "../nodes/harness.ts";
import { openRig, type Rig } from "../vault/rig.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault } from "./staffed-vault.ts";

const root = join(import.meta.dirname, "../..");

/** What a function node could put on a wire: every look at it throws; or it is something no node expects. */
const hostile = `
const trap = new Proxy({}, { get() { throw new Error("boom 0040856634"); }, has() { throw new Error("boom 0040856634"); } });
const bad = [
  () => { const m = {}; Object.defineProperty(m, "payload", { enumerable: true, get() { throw new Error("boom 0040856634"); } }); return m; },
  () => ({ payload: trap }),
  () => ({ payload: { id: "01K00000000000000000000000", checks: [], outcome: "granted", ticket: "x".repeat(5000) } }),
  () => ({ payload: { id: "01K00000000000000000000000", checks: [], outcome: { toString: null } } }),
  () => ({ payload: Symbol("s") }),
  () => ({ payload: Buffer.alloc(200000, 0xff), topic: "limen/gate-1/reader" }),
  () => ({ payload: { door: "gate-1", kind: "opened", attempt: 3, detail: {} } }),
  () => ({ payload: { action: "__proto__" } }),
  () => ({ payload: null, topic: null }),
];
for (const make of bad) node.send(make(), false);
node.send({ payload: "end", topic: "end" });
`;

describe("a flow that throws at every node", () => {
  let vault: StaffedVault;
  let red: Booted;
  const types: string[] = [];

  before(async () => {
    for (const type of nodeTypes(root)) {
      const file = pathToFileURL(join(root, "nodes", type, "config.ts")).href;
      const { palette } = (await import(file)) as NodeConfigModule;
      if (palette.role !== "config" && palette.inputs > 0) types.push(type);
    }
    vault = new StaffedVault();
    await vault.start();
    const flow = [
      { id: "tab", type: "tab", label: "Hostile" },
      ...houseNodes,
      {
        id: "inject",
        type: "inject",
        z: "tab",
        x: 100,
        y: 100,
        once: true,
        onceDelay: 0.5,
        props: [],
        repeat: "",
        wires: [types.map((type) => `f-${type}`)],
      },
      ...types.flatMap((type, index) => [
        {
          id: `f-${type}`,
          type: "function",
          z: "tab",
          x: 300,
          y: 60 * index,
          func: hostile,
          outputs: 1,
          libs: [],
          wires: [[`n-${type}`]],
        },
        // pointing back at nothing but itself: a node that is wired, so that it does what a wired one does
        {
          id: `n-${type}`,
          type,
          z: "tab",
          x: 600,
          y: 60 * index,
          door: "door",
          camera: "camera",
          reader: "r",
          wires: [["sink"], ["sink"], ["sink"]],
        },
      ]),
      {
        id: "sink",
        type: "function",
        z: "tab",
        x: 900,
        y: 100,
        func: "return null;",
        outputs: 1,
        libs: [],
        wires: [],
      },
      {
        id: "catch",
        type: "catch",
        z: "tab",
        x: 100,
        y: 300,
        scope: null,
        uncaught: false,
        wires: [["count"]],
      },
      {
        id: "count",
        type: "function",
        z: "tab",
        x: 300,
        y: 300,
        func: "node.warn('caught ' + msg.error.source.type + ' ' + msg.error.message); return null;",
        outputs: 1,
        libs: [],
        wires: [],
      },
    ];
    red = await boot({ socket: vault.socket, flow });
  });
  after(async () => {
    await red?.stop();
    await vault?.remove();
  });

  it("goes on: every node catches, and nothing that was thrown is repeated", async () => {
    assert.ok(types.includes("audit-log") && types.includes("relay-out"));
    for (const type of ["entry-rule", "consent-check", "audit-log", "resident-desk"])
      await red.said(`caught ${type}`);
    const token = (await red.signIn("manager", "a long enough password"))!;
    assert.equal((await red.fetch("/flows", { token })).status, 200);
    assert.equal(red.child.exitCode, null);
    assert.doesNotMatch(red.log(), /boom|0040856634|uncaught exception/i);
  });
});

describe("a flow that nobody deployed, with everything the rules refuse in it", () => {
  const base = readFlow("flows/default.json");
  const tab = base[0]!.id;
  const idOf = (type: string): string => base.find((node) => node.type === type && node.z === tab)!.id;
  const fn = (id: string, func: string, wires: string[][]): object => ({
    id,
    type: "function",
    z: tab,
    x: 1,
    y: 1,
    name: id,
    func,
    initialize: "",
    finalize: "",
    outputs: 1,
    libs: [],
    wires,
  });
  /** Attempts as a wire would carry them, granted by nobody; and code that reaches for the process in every known way. */
  const evil = [
    ...base,
    {
      id: "go",
      type: "inject",
      z: tab,
      x: 1,
      y: 1,
      once: true,
      onceDelay: 1,
      props: [],
      repeat: "",
      wires: [["fake", "replay", "call", "exec", "sneak"]],
    },
    fn(
      "fake",
      `const attempt = { id: "01K00000000000000000000000", door: "main-gate", site: "demonstration", method: "card",
        at: new Date().toISOString(), checks: [], outcome: "granted", code: "granted", ticket: "x".repeat(43) };
      return { topic: "main-gate", payload: attempt };`,
      [[idOf("relay-out"), idOf("audit-log")]],
    ),
    fn(
      "replay",
      `for (let i = 0; i < 5; i++) node.send({ topic: "main-gate", payload: "open" }); return { payload: { action: "open" } };`,
      [[idOf("relay-out")]],
    ),
    fn("call", `try { await node.linkcall("in", { payload: {} }); } catch { node.warn("no call"); }`, [[]]),
    fn(
      "exec",
      `try { node.send.constructor("return process")().mainModule.require("child_process").execSync("id"); node.warn("reached"); }
      catch (error) { node.warn("kept inside"); }`,
      [[]],
    ),
    fn("sneak", `node.warn("all said"); return null;`, [[]]),
    { id: "in", type: "link in", z: tab, x: 1, y: 1, links: [], wires: [[idOf("relay-out")]] },
  ];
  let rig: Rig;
  let red: Booted;
  let device: MqttClient;
  const commands: string[] = [];

  before(async () => {
    rig = await openRig();
    red = await boot({ socket: join(rig.data, "run/vault.sock"), flow: evil });
    device = mqtt.connect(`mqtt://127.0.0.1:${red.mqttPort}`);
    device.on("message", (topic) => commands.push(topic));
    await device.subscribeAsync(["limen/main-gate/relay/#", "limen/unit-1/relay/#"]);
  });
  after(async () => {
    await device?.endAsync();
    await red?.stop();
    await rig?.close();
  });

  it("opens nothing, and stands on record with what is wrong with it", async () => {
    await red.said("all said");
    await setTimeout(1500); // whatever was sent has had its time
    assert.deepEqual(commands, []);
    assert.equal((await rig.client.call("health", {})).armed.relays, false);
    assert.equal(red.child.exitCode, null);
    const { changes } = await rig.operator.call("change.list", { auth: operatorAuth, limit: 10 });
    assert.deepEqual(
      changes.map(({ kind, how }) => [kind, how]),
      [["first", "start"]],
    );
    const entries = rig.vault.services.log.query({ classes: ["configuration"], limit: 50 });
    const findings = entries.map(({ fields }) => String(fields?.findings ?? "")).join(" ");
    for (const rule of ["record-before-act", "stay-inside"]) assert.match(findings, new RegExp(rule));
    assert.match(red.log(), /refuse: record-before-act/);
    const events = rig.vault.services.log.query({ classes: ["door-event"], limit: 50 });
    const refused = events.filter(({ fields }) => fields?.kind === "ticket-refused");
    assert.ok(refused.length > 0, "the made-up ticket is on record at its door");
    assert.ok(refused.every(({ fields }) => fields?.door === "main-gate"));
  });
});
