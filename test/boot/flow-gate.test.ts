import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FlowNode, flowsIn, lawfulFlows, readFlow } from "../flows/files.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault, token } from "./staffed-vault.ts";

const base = readFlow("flows/default.json");
const faceOnly = readFlow("test/flows/as-reported/nanhu-zhongyuan.json");
type Flow = readonly object[];

/** The flow with wires of one node replaced. */
const rewired = (name: string, wires: string[][], ...more: object[]): Flow => [
  ...base.map((node) => (node.name === name && node.z === base[0]?.id ? { ...node, wires } : node)),
  ...more,
];
const idOf = (name: string): string => base.find((node) => node.name === name && node.z === base[0]?.id)!.id;
const extra = (id: string, type: string, wires: string[][], fields: object = {}): object => ({
  id,
  type,
  z: base[0]!.id,
  x: 100,
  y: 900,
  wires,
  ...fields,
});
const relay = () => idOf("开门 Open");
const log = () => idOf("记录 Record");
const faceName = "人脸（自愿）Face (voluntary)";

/** Ways somebody might try to slip something past the rules. */
const evasions: Record<string, () => Flow> = {
  "a subflow inside a subflow": () =>
    rewired(
      faceName,
      [["out-1"]],
      {
        id: "deep",
        type: "subflow",
        name: "consent-check",
        in: [{ wires: [{ id: "knot" }] }],
        out: [{ wires: [{ id: "knot", port: 0 }] }],
      },
      { id: "knot", type: "junction", z: "deep", x: 1, y: 1, wires: [[]] },
      {
        id: "outer",
        type: "subflow",
        name: "outer",
        in: [{ wires: [{ id: "deep-1" }] }],
        out: [{ wires: [{ id: "deep-1", port: 0 }] }],
      },
      { id: "deep-1", type: "subflow:deep", z: "outer", x: 1, y: 1, wires: [[]] },
      extra("out-1", "subflow:outer", [[log()]]),
    ),
  "a link call": () =>
    rewired(
      faceName,
      [["call"]],
      extra("call", "link call", [[log()]], { links: ["in"], linkType: "static", timeout: "30" }),
      extra("in", "link in", [["back"]], { links: [] }),
      extra("back", "link out", [], { mode: "return", links: [] }),
    ),
  "a dynamic link call": () =>
    rewired(
      faceName,
      [["call"]],
      extra("call", "link call", [[]], { links: [], linkType: "dynamic", timeout: "30" }),
      extra("in", "link in", [[log()]], { links: [] }),
    ),
  "a function with node.linkcall": () =>
    rewired(
      faceName,
      [["fn"]],
      extra("fn", "function", [[]], {
        func: "await node.linkcall('in', msg)",
        outputs: 1,
        initialize: "",
        finalize: "",
        libs: [],
      }),
      extra("in", "link in", [[log()]], { links: [] }),
    ),
  "a ticket made up by a function": () => [
    ...base,
    extra("fn", "function", [[relay()]], {
      func: "msg.payload.ticket = 'x'; return msg;",
      outputs: 1,
      initialize: "",
      finalize: "",
      libs: [],
    }),
  ],
  "a function that publishes on the relay's topic": () => [
    ...base,
    extra("tick", "inject", [["fn"]], { repeat: "60" }),
    extra("fn", "function", [["pub"]], {
      func: "msg.topic = ['limen', 'unit-1', 'relay', 'set'].join('/'); return msg;",
      outputs: 1,
      initialize: "",
      finalize: "",
      libs: [],
    }),
    extra("pub", "mqtt out", [], { topic: "", broker: base.find(({ type }) => type === "mqtt-broker")!.id }),
  ],
  "a function that hides its link call": () =>
    rewired(
      faceName,
      [["fn"]],
      extra("fn", "function", [[]], {
        func: "const n = node; const call = n['link' + 'call']; await call.apply(n, ['in', msg]);",
        outputs: 1,
        initialize: "",
        finalize: "",
        libs: [],
      }),
      extra("in", "link in", [[log()]], { links: [] }),
    ),
  "a function that finds its way by RED.util": () =>
    rewired(
      faceName,
      [["fn"]],
      extra("fn", "function", [[]], {
        func: "const f = RED.util.getObjectProperty({ node }, 'node'); f['link' + 'call']('in', msg);",
        outputs: 1,
        initialize: "",
        finalize: "",
        libs: [],
      }),
      extra("in", "link in", [[log()]], { links: [] }),
    ),
  "an exec through a function": () => [
    ...base,
    extra("fn", "function", [[]], {
      func: "node.send.constructor('return process')().mainModule.require('child_process').execSync('id')",
      outputs: 1,
      initialize: "",
      finalize: "",
      libs: [],
    }),
  ],
  "a function with a module of its own": () => [
    ...base,
    extra("fn", "function", [[]], {
      func: "return msg;",
      outputs: 1,
      initialize: "",
      finalize: "",
      libs: [{ var: "run", module: "child_process" }],
    }),
  ],
  "a setting its own node refuses": () =>
    base.map((node) => (node.type === "card-read" ? { ...node, format: "nonsense" } : node)),
  "a type nobody installed": () => [...base, extra("x", "not-installed", [[]])],
  "a community imported beside the flow": () => [
    ...base,
    ...readFlow("flows/communities/card-only.json").filter(({ type }) => type.startsWith("limen-")),
  ],
  "an exec node": () => [...base, extra("run", "exec", [[], [], []], { command: "id" })],
  "an exec node inside a subflow of another name": () => [
    ...base,
    { id: "tidy", type: "subflow", name: "tidy", in: [], out: [] },
    { id: "deep", type: "exec", z: "tidy", x: 1, y: 1, command: "id", wires: [[], [], []] },
    extra("use", "subflow:tidy", [[]]),
  ],
  "a type only spelt alike": () =>
    base.map((node) => (node.type === "consent-check" ? { ...node, type: "junction" } : node)),
  "a face node without a place in the editor": () => {
    const face = base.find(({ name }) => name === faceName)!;
    const { x: _x, y: _y, z: _z, ...hidden } = face;
    return [...base, { ...hidden, id: "hidden", wires: [[log()]] }];
  },
};

describe("the real Node-RED refuses what is unlawful", () => {
  let vault: StaffedVault;
  let red: Booted;
  before(async () => {
    vault = new StaffedVault();
    await vault.start();
    red = await boot({ socket: vault.socket, flow: base });
  });
  after(async () => {
    await red?.stop();
    await vault?.remove();
  });

  const send = async (path: string, body: object, method = "POST", headers: Record<string, string> = {}) => {
    const answer = await red.fetch(path, {
      method,
      token,
      headers: { "content-type": "application/json", "node-red-api-version": "v2", ...headers },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      body: (text === "" ? {} : JSON.parse(text)) as { code?: string; message?: string; id?: string },
    };
  };
  const onDisk = (): string => readFileSync(join(red.data, "node-red/flows.json"), "utf8");
  const running = async (): Promise<object[]> =>
    (await red.json<{ flows: object[] }>("/flows", { token, headers: { "node-red-api-version": "v2" } }))
      .flows;
  const records = (kind: string) => vault.requests("change.record").filter((entry) => entry.kind === kind);

  /** Whatever was tried: 422, nothing on the disk, nothing in the runtime, and one more line on the record. */
  const isRefused = async (attempt: () => ReturnType<typeof send>): Promise<void> => {
    const [disk, runtime, tried] = [onDisk(), JSON.stringify(await running()), records("refused").length];
    const { status, body } = await attempt();
    assert.deepEqual([status, body.code], [422, "flow-unlawful"], JSON.stringify(body));
    assert.equal(onDisk(), disk);
    assert.equal(JSON.stringify(await running()), runtime);
    assert.equal(records("refused").length, tried + 1);
    const entry = records("refused").at(-1)!;
    assert.deepEqual([entry.auth, entry.how], [token, "api"]);
    assert.ok(entry.rules!.length > 0);
    assert.ok(entry.diff!.nodes.length > 0);
  };

  for (const type of ["full", "nodes", "flows"])
    it(`a deploy of type ${type}`, async () => {
      await isRefused(() =>
        send("/flows", { flows: faceOnly }, "POST", { "node-red-deployment-type": type }),
      );
    });

  it("one tab by /flow, and one changed by /flow/:id", async () => {
    const nodes = [extra("open", "inject", [[relay()]])].map((node) => ({ ...node, z: undefined }));
    await isRefused(() => send("/flow", { label: "sneaky", nodes }));
    const tab = base[0]!;
    const own = base.filter(({ z }) => z === tab.id).map((node) => ({ ...node }) as Record<string, unknown>);
    const open = { ...extra("open-2", "inject", [[relay()]]) };
    await isRefused(() =>
      send(`/flow/${tab.id}`, { id: tab.id, label: "sneaky", nodes: [...own, open] }, "PUT"),
    );
  });

  for (const [what, flow] of Object.entries(evasions))
    it(what, async () => {
      await isRefused(() => send("/flows", { flows: flow() }));
    });

  for (const file of flowsIn("test/flows/as-reported"))
    it(`${file}`, async () => {
      await isRefused(() => send("/flows", { flows: readFlow(file) }));
    });

  it("and takes every community, which arms what it has", async () => {
    for (const file of lawfulFlows()) {
      const before = vault.requests("configure").length;
      const { status, body } = await send("/flows", { flows: readFlow(file) });
      assert.equal(status, 200, `${file}: ${body.message}`);
      while (vault.requests("configure").length === before) await new Promise((next) => setTimeout(next, 20));
      const { flow, doors, notices } = vault.requests("configure").at(-1)!;
      assert.deepEqual(flow.findings, [], file);
      assert.ok(
        doors.length > 0 && doors.every(({ ways }) => ways.some((way) => way !== "face" && way !== "guard")),
        file,
      );
      const faces = doors.filter(({ ways }) => ways.includes("face")).map(({ id }) => id);
      assert.deepEqual(notices.flatMap((notice) => notice.doors).sort(), faces.sort(), file);
    }
    assert.ok(records("deployed").length >= lawfulFlows().length);
  });

  it("leaves a flow unarmed that was edited on the disk, lawful or not", async () => {
    const reload = async (flow: readonly FlowNode[]): Promise<string[]> => {
      writeFileSync(join(red.data, "node-red/flows.json"), JSON.stringify(flow));
      const before = vault.requests("configure").length;
      await send("/flows", {}, "POST", { "node-red-deployment-type": "reload" });
      while (vault.requests("configure").length === before) await new Promise((next) => setTimeout(next, 20));
      return vault
        .requests("configure")
        .at(-1)!
        .flow.findings.map(({ rule }) => rule);
    };
    assert.deepEqual(await reload(base), ["changed-on-disk"]);
    assert.ok((await reload(faceOnly)).includes("another-way"));
    assert.equal((await send("/flows", { flows: base })).status, 200);
    const last = vault.requests("configure").length;
    while (vault.requests("configure").length === last) await new Promise((next) => setTimeout(next, 20));
    assert.deepEqual(vault.requests("configure").at(-1)!.flow.findings, []);
  });
});
