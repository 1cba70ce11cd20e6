import assert from "node:assert/strict";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { NodeConfigModule } from "../../scripts/build/pages.ts";
import { nodeTypes } from "../../scripts/build/sources.ts";
import { houseNodes } from "../nodes/harness.ts";
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

describe("a flow that throws at every node", function () {
  this.timeout(60_000);
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
