import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Finding } from "../../../core/policy/finding.ts";
import { draftFlow } from "../../../nodes/lib/running-flow.ts";
import { type FlowStorage, type Gate, lawfulStorage } from "../../../nodes/plugins/flow-gate.ts";
import { judge, judgeFrom, judgeRunning } from "../../../nodes/plugins/flow-gate-judge.ts";
import { boxGate, diffCounts } from "../../../nodes/plugins/flow-gate-record.ts";
import type { Request } from "../../../vault/protocol/index.ts";
import { change, flow, lane } from "../../core/policy/build.ts";

const lawful = flow(lane("a", ["card", "face"]));
const unlawful = flow(lane("a", ["face"]));
const real = change(lawful, { site: { demonstration: false } });

/** A file store as Node-RED's, in memory. */
class Memory implements FlowStorage {
  flows: object[] = [];
  credentials: object = { $: "old" };
  getFlows = () => Promise.resolve(this.flows);
  saveFlows = (flows: object[]) => Promise.resolve(Object.assign(this, { flows }));
  getCredentials = () => Promise.resolve(this.credentials);
  saveCredentials = (credentials: object) => Promise.resolve(Object.assign(this, { credentials }));
}

interface Refused extends Error {
  status: number;
  code: string;
}

describe("the gate before Node-RED's flow store", () => {
  let folder: string;
  let memory: Memory;
  let store: FlowStorage;
  let events: Request<"event">[];
  let logged: string[];
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "limen-gate-"));
    judgeFrom(folder);
    memory = new Memory();
    events = [];
    logged = [];
    const vault = {
      call: (_: "event", request: Request<"event">) => Promise.resolve(void events.push(request)),
    };
    store = lawfulStorage(
      memory,
      boxGate(
        () => vault,
        (line) => void logged.push(line),
      ),
    );
    memory.flows = lawful;
    await store.getFlows();
  });
  afterEach(() => {
    judgeFrom("");
    rmSync(folder, { recursive: true, force: true });
  });

  const refused = async (flow: object[], user?: { username: string }): Promise<Refused> => {
    const error = await store.saveFlows(flow, user).then(
      () => assert.fail("it was saved"),
      (reason: unknown) => reason,
    );
    return error as Refused;
  };

  it("saves a lawful flow and records who deployed what", async () => {
    const next = change(lawful, { "a-rule": { x: 40 } });
    await store.saveFlows(next, { username: "installer" });
    assert.equal(memory.flows, next);
    assert.deepEqual(
      events.map(({ door, kind }) => [door, kind]),
      [["a", "deployed"]],
    );
    assert.match(events[0]?.detail ?? "", /^installer a0 r0 c1 [0-9a-f]{16}$/);
  });

  it("refuses an unlawful one with 422, a list to read, and a record of who tried", async () => {
    const error = await refused(unlawful, { username: "王小明" });
    assert.deepEqual([error.status, error.code], [422, "flow-unlawful"]);
    assert.match(error.message, /Door a/);
    assert.equal(memory.flows, lawful);
    assert.equal(events[0]?.kind, "deploy-refused");
    assert.match(events[0]?.detail ?? "", /^:738b::5c0f::660e: another-way$/);
  });

  it("answers 422 even where a route insists on 400", async () => {
    const error = await refused(unlawful);
    error.status = 400;
    assert.equal(error.status, 422);
  });

  it("speaks the site's first language", async () => {
    const chinese = change(unlawful, { site: { languages: ["zh-TW", "en-US"] } });
    assert.match((await refused(chinese)).message, /本流程沒有部署/);
  });

  it("keeps a flow that lacks nothing but its papers, until one with a face is deployed", async () => {
    await refused(unlawful);
    assert.equal(draftFlow(), undefined);
    await refused(real);
    assert.deepEqual(draftFlow(), real);
    await store.saveFlows(flow(lane("a", ["card"])));
    assert.deepEqual(draftFlow(), real);
    await store.saveFlows(lawful);
    assert.equal(draftFlow(), undefined);
  });

  it("shows nothing of a label as markup", async () => {
    const error = await refused(change(unlawful, { "door-a": { name: "<img src=x onerror=alert(1)>" } }));
    assert.doesNotMatch(error.message, /[<>]/);
  });

  it("puts credentials of a refused flow back, and keeps them for the next lawful one", async () => {
    await store.saveCredentials({ $: "new" });
    await refused(unlawful);
    assert.deepEqual(memory.credentials, { $: "old" });
    await store.saveFlows(lawful);
    assert.deepEqual(memory.credentials, { $: "new" });
  });

  it("keeps credentials of a lawful flow as they are", async () => {
    await store.saveCredentials({ $: "new" });
    await store.saveFlows(lawful);
    assert.deepEqual(memory.credentials, { $: "new" });
  });

  it("refuses whatever it is when the rules themselves fail", async () => {
    const gate: Gate = {
      lint: () => {
        throw new Error("broken rule");
      },
      onLoaded: () => undefined,
      onRefused: () => undefined,
      onSaved: () => assert.fail("it was saved"),
    };
    await assert.rejects(lawfulStorage(memory, gate).saveFlows(lawful), /broken rule/);
  });

  it("says so where a deploy could not be recorded, and goes on", async () => {
    const away = { call: () => Promise.reject(Object.assign(new Error(), { code: "vault-away" })) };
    const gated = lawfulStorage(
      memory,
      boxGate(
        () => away,
        (line) => void logged.push(line),
      ),
    );
    await gated.getFlows();
    await gated.saveFlows(lawful);
    assert.match(logged.join(), /deployed not recorded \(vault-away\)/);
  });

  it("finds a flow that was changed on the disk since its deploy, until it is deployed", async () => {
    const rules = (flow: readonly object[]) => judgeRunning(flow).map(({ rule }) => rule);
    assert.deepEqual(rules(lawful), []);
    const edited = change(lawful, { "a-rule": { hours: [{ days: ["mon"], from: "08:00", to: "09:00" }] } });
    assert.deepEqual(rules(edited), ["changed-on-disk"]);
    await store.saveFlows(edited);
    assert.deepEqual(rules(edited), []);
    writeFileSync(join(folder, "deployed.json"), "{");
    assert.deepEqual(rules(edited), ["changed-on-disk"]);
  });

  it("reads the papers on record, and does without those nobody can read", () => {
    const variants = (findings: readonly Finding[]) =>
      findings.map(({ params }) => String(params.variant)).sort();
    assert.deepEqual(variants(judge(real)), ["assessment", "decision", "notice"]);
    writeFileSync(
      join(folder, "papers.json"),
      JSON.stringify({
        decision: { at: "2026-01-10T10:00:00+08:00", doors: ["a"], quorum: 0.7, agreed: 0.8 },
      }),
    );
    assert.deepEqual(variants(judge(real)), ["assessment", "notice"]);
    writeFileSync(join(folder, "papers.json"), "{");
    assert.deepEqual(variants(judge(real)), ["unreadable"]);
  });

  it("counts what came, went and changed", () => {
    const before = [{ id: "1" }, { id: "2" }, { id: "3", x: 1 }];
    assert.equal(diffCounts(before, [{ id: "1" }, { id: "3", x: 2 }, { id: "4" }]), "a1 r1 c1");
  });
});
