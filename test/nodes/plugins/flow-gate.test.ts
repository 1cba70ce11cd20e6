import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { LimenError } from "../../../core/errors.ts";
import type { Finding } from "../../../core/policy/finding.ts";
import { flowHash } from "../../../core/policy/flow-hash.ts";
import { FlowSecrets, type RuntimeCredentials } from "../../../nodes/host/flow-secrets.ts";
import { draftFlow } from "../../../nodes/lib/running-flow.ts";
import {
  type EditorUser,
  type FlowStorage,
  type Gate,
  lawfulStorage,
} from "../../../nodes/plugins/flow-gate.ts";
import { judge, judgeFrom, judgeRunning } from "../../../nodes/plugins/flow-gate-judge.ts";
import { boxGate } from "../../../nodes/plugins/flow-gate-record.ts";
import { flowWatch } from "../../../nodes/plugins/flow-watch.ts";
import type { VaultClient } from "../../../vault/client.ts";
import type { Request, VaultEvent } from "../../../vault/protocol/index.ts";
import { change, flow, lane, node } from "../../core/policy/build.ts";

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

interface Stored {
  id: string;
  credentials?: object;
}

/** Credentials as Node-RED's runtime keeps them: taken out of a flow before anybody is asked. */
class Runtime implements RuntimeCredentials {
  cache: Record<string, object> = {};
  get = (id: string) => this.cache[id];
  add = (id: string, credentials: object) => {
    this.cache[id] = credentials;
    return Promise.resolve();
  };
  delete = (id: string) => void delete this.cache[id];
  clean = (flow: readonly { id?: string }[]) => {
    for (const node of flow as Stored[]) {
      if (node.credentials) this.cache[node.id] = node.credentials;
      delete node.credentials;
    }
    return Promise.resolve();
  };
  load = (cache: object) => {
    this.cache = cache as Record<string, object>;
    return Promise.resolve();
  };
}

/** A vault that answers as it is told, and an editor whose users all have a session under their own name. */
class Box {
  readonly memory = new Memory();
  readonly records: Request<"change.record">[] = [];
  readonly staged: Request<"change.stage">[] = [];
  readonly logged: string[] = [];
  readonly runtime = new Runtime();
  /** Thrown by the next calls. */
  trouble: { code: string } | undefined;
  tell: (event: VaultEvent) => void = () => undefined;
  up: () => void = () => undefined;
  inProject = false;
  gate: ReturnType<typeof boxGate>;
  store: FlowStorage;

  constructor() {
    this.gate = this.open();
    this.store = lawfulStorage(this.memory, this.gate);
  }

  /** As Node-RED's runtime deploys: credentials first. */
  async deploy(flow: readonly object[], user?: EditorUser): Promise<unknown> {
    const config = structuredClone(flow) as Stored[];
    await this.runtime.clean(config);
    await this.store.saveCredentials({ $: JSON.stringify(this.runtime.cache) });
    return await this.store.saveFlows(config, user);
  }

  /** As a start of Node-RED does. */
  open(): ReturnType<typeof boxGate> {
    const call = (verb: string, request: object): Promise<unknown> => {
      if (this.trouble) return Promise.reject(new LimenError(this.trouble.code));
      if (verb === "change.record") this.records.push(request as Request<"change.record">);
      if (verb !== "change.stage") return Promise.resolve({});
      this.staged.push(request as Request<"change.stage">);
      return Promise.resolve({ id: this.staged.length, expires: "2026-12-01T00:00:00Z" });
    };
    const on = (event: string, handler: never): void => {
      if (event === "event") this.tell = handler;
      if (event === "up") this.up = handler;
    };
    this.gate = boxGate({
      vault: () => ({ call, on }) as unknown as VaultClient,
      log: (line) => void this.logged.push(line),
      whoIs: (user) =>
        user?.username ? { auth: `session of ${user.username}`.padEnd(20), kind: "session" } : undefined,
      secrets: (running) => new FlowSecrets(this.runtime, running),
      onDisk: () => this.memory.getFlows(),
      inProject: () => this.inProject,
      deploy: (flows, user) => this.deploy(flows, user),
      settleMs: 1,
    });
    this.store = lawfulStorage(this.memory, this.gate);
    return this.gate;
  }

  /** Kinds of what was recorded since the last look. */
  kinds(): string[] {
    return this.records.splice(0).map(({ kind }) => kind);
  }
}

describe("the gate before Node-RED's flow store", () => {
  let folder: string;
  let box: Box;
  let memory: Memory;
  let store: FlowStorage;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "limen-gate-"));
    judgeFrom(folder);
    box = new Box();
    ({ memory, store } = box);
    memory.flows = lawful;
    await store.getFlows();
    box.records.length = 0; // the first flow's own
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
    const [entry] = box.records;
    assert.deepEqual(
      [entry?.kind, entry?.how, entry?.auth?.trim(), entry?.before, entry?.after],
      ["deployed", "editor", "session of installer", flowHash(lawful), flowHash(next)],
    );
    assert.deepEqual([entry?.diff?.moved, entry?.diff?.changed], [1, 0]);
  });

  it("refuses an unlawful one with 422, a list to read, and a record of who tried", async () => {
    const error = await refused(unlawful, { username: "王小明" });
    assert.deepEqual([error.status, error.code], [422, "flow-unlawful"]);
    assert.match(error.message, /Door a/);
    assert.equal(memory.flows, lawful);
    const [entry] = box.records;
    assert.deepEqual(
      [entry?.kind, entry?.auth?.trim(), entry?.rules],
      ["refused", "session of 王小明", ["another-way"]],
    );
    assert.ok(entry?.diff?.facts.some(({ door, name }) => door === "a" && name === "ways"));
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

  it("drops credentials of a refused flow, on the disk and in the runtime, for good", async () => {
    box.runtime.cache = { site: { key: "old" }, "a-rule": { token: "kept in memory only" } };
    const before = structuredClone(box.runtime.cache);
    const withSecrets = change(unlawful, {
      site: { credentials: { key: "new" } },
      "door-a": { credentials: { key: "x" } },
    });
    await assert.rejects(box.deploy(withSecrets), { code: "flow-unlawful" });
    assert.deepEqual([memory.credentials, box.runtime.cache], [{ $: "old" }, before]);
    assert.deepEqual(box.records[0]?.diff?.secrets.sort(), ["door-a", "site"]);
    await box.deploy(lawful);
    assert.deepEqual(memory.credentials, { $: JSON.stringify(before) });
  });

  it("drops a whole set of credentials that came beside a refused flow", async () => {
    box.runtime.cache = { site: { key: "old" } };
    await box.runtime.load({ site: { key: "another" } });
    await refused(unlawful);
    assert.deepEqual(box.runtime.cache, { site: { key: "old" } });
  });

  it("writes credentials together with their lawful flow, and on their own where they have none", async () => {
    await store.saveCredentials({ $: "new" });
    await store.saveFlows(lawful);
    assert.deepEqual(memory.credentials, { $: "new" });
    await store.saveCredentials({ $: "newer" });
    assert.deepEqual(await store.getCredentials(), { $: "newer" });
    await store.saveCredentials({ $: "newest" });
    await new Promise((next) => setImmediate(next));
    assert.deepEqual(memory.credentials, { $: "newest" });
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

  it("says so where a deploy could not be recorded, goes on, and records it when the vault is back", async () => {
    box.trouble = { code: "vault-away" };
    await store.saveFlows(lawful, { username: "installer" });
    assert.match(box.logged.join(), /deployed not recorded yet \(vault-away\)/);
    box.trouble = undefined;
    box.up();
    await new Promise((next) => setImmediate(next));
    assert.deepEqual(box.kinds(), ["deployed"]);
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

  it("tells of papers that changed, once; how many faces there are is none of it", async () => {
    const file = join(folder, "papers.json");
    const write = (papers: object): void => writeFileSync(file, JSON.stringify(papers));
    const [spring, summer] = ["2026-03-01T00:00:00Z", "2026-06-01T00:00:00Z"];
    write({ commissionedAt: spring, facesHeld: 3 });
    await box.gate.recheck();
    assert.deepEqual(box.records[0]?.diff?.papers, [{ name: "commissionedAt", after: spring }]);
    write({ commissionedAt: spring, facesHeld: 4 });
    await box.gate.recheck();
    write({ commissionedAt: summer, facesHeld: 4 });
    await box.gate.recheck();
    assert.deepEqual(box.records[1]?.diff?.papers, [
      { name: "commissionedAt", before: spring, after: summer },
    ]);
    assert.deepEqual(box.kinds(), ["papers", "papers"]);
  });

  it("finds a file swapped under the running flow, and that it is back", async () => {
    const rules = () => judgeRunning(lawful).map(({ rule }) => rule);
    let told = 0;
    flowWatch.on("changed", () => told++);
    await box.gate.recheck();
    assert.deepEqual([rules(), box.kinds(), told], [[], [], 0]);
    memory.flows = unlawful;
    await box.gate.recheck();
    await box.gate.recheck();
    const [entry] = box.records;
    assert.deepEqual([rules(), told], [["changed-on-disk"], 1]);
    assert.deepEqual([entry?.before, entry?.after], [flowHash(lawful), flowHash(unlawful)]);
    assert.ok(entry?.diff && entry.diff.removed > 0);
    memory.flows = lawful;
    await box.gate.recheck();
    assert.deepEqual([rules(), box.kinds(), told], [[], ["found", "restored"], 2]);
    flowWatch.removeAllListeners();
  });

  it("records a flow found changed at a start and by a project, against the one that was deployed", async () => {
    memory.flows = unlawful;
    box.open();
    await box.store.getFlows();
    box.inProject = true;
    await box.store.getFlows();
    assert.deepEqual(
      box.records.map(({ kind, how, before }) => [kind, how, before]),
      [
        ["found", "start", flowHash(lawful)],
        ["found", "project", flowHash(lawful)],
      ],
    );
  });

  describe("where two persons are asked for", () => {
    const two = change(lawful, { site: { twoPersons: true } });
    const next = change(two, { "door-a": { name: "Other" } });
    beforeEach(async () => {
      await store.saveFlows(two, { username: "ann" });
      assert.equal(memory.flows, two, "one person switches it on");
      box.kinds();
    });
    const waits = async (flow: object[], username = "ann"): Promise<number> => {
      const { status, code, message } = await refused(flow, { username });
      assert.deepEqual([status, code], [423, "deploy-waits"]);
      assert.match(message, /Door a is now called Other|Nodes:/);
      return box.staged.length;
    };

    it("changes nothing, and deploys exactly that when somebody agreed", async () => {
      box.runtime.cache = { site: { key: "old" } };
      const before = memory.credentials;
      const withSecrets = change(next, { site: { twoPersons: true, credentials: { key: "new" } } });
      await assert.rejects(box.deploy(withSecrets, { username: "ann" }), {
        status: 423,
        code: "deploy-waits",
      });
      const id = box.staged.length;
      assert.equal(memory.flows, two);
      assert.deepEqual([memory.credentials, box.runtime.cache], [before, { site: { key: "old" } }]);
      assert.deepEqual(
        [box.staged[0]?.before, box.staged[0]?.after, box.staged[0]?.diff.secrets],
        [flowHash(two), flowHash(next), ["site"]],
      );
      assert.doesNotMatch(JSON.stringify(box.staged), /"new"/);
      box.runtime.cache.bus = { key: "paired meanwhile" };
      await box.gate.desk.approve(id, "session of ben     ");
      assert.deepEqual(memory.flows, next);
      const secrets = { site: { key: "new" }, bus: { key: "paired meanwhile" } };
      assert.deepEqual([box.runtime.cache, memory.credentials], [secrets, { $: JSON.stringify(secrets) }]);
      assert.deepEqual(
        box.records.map(({ kind, of, auth, diff }) => [kind, of, auth, diff?.secrets]),
        [["deployed", id, undefined, ["site"]]],
      );
      await assert.rejects(box.gate.desk.approve(id, "again"), { code: "change-gone" });
    });

    it("takes its secrets back when the agreed deploy fails after all", async () => {
      const withSecrets = change(next, { site: { twoPersons: true, credentials: { key: "new" } } });
      await assert.rejects(box.deploy(withSecrets, { username: "ann" }), { status: 423 });
      memory.saveFlows = () => Promise.reject(new Error("disk full"));
      await assert.rejects(box.gate.desk.approve(1, "session of ben     "), /disk full/);
      assert.deepEqual(box.runtime.cache, {});
      assert.deepEqual(
        box.records.map(({ kind, of }) => [kind, of]),
        [["failed", 1]],
      );
    });

    it("deploys once when the vault tells of it too", async () => {
      const id = await waits(next);
      const agreed = box.gate.desk.approve(id, "session of ben     ");
      box.tell({ event: "change", kind: "approved", change: id });
      await agreed;
      box.tell({ event: "change", kind: "approved", change: id });
      assert.deepEqual(box.kinds(), ["deployed"]);
    });

    it("deploys what an operator let through", async () => {
      const id = await waits(next);
      box.tell({ event: "change", kind: "approved", change: id });
      await new Promise((done) => setTimeout(done, 10));
      assert.deepEqual(memory.flows, next);
    });

    it("lets nobody pass beside it: not the same flow saved by hand, nor a user of the same name", async () => {
      await waits(next);
      await waits(next, "ben");
      assert.equal(memory.flows, two);
    });

    it("takes back nothing of what was overtaken, turned down or broke a rule since", async () => {
      const first = await waits(next);
      const second = await waits(change(two, { "door-a": { name: "Third" } }));
      await box.gate.desk.approve(first, "session of ben     ");
      await assert.rejects(box.gate.desk.approve(second, "session of ben     "), { code: "change-stale" });
      const third = await waits(change(next, { "door-a": { name: "Fourth" } }));
      await box.gate.desk.reject(third, "session of ben     ");
      await assert.rejects(box.gate.desk.approve(third, "x"), { code: "change-gone" });
    });

    it("needs two to switch it off, also behind a swapped file", async () => {
      await waits(lawful);
      memory.flows = change(lawful, { "door-a": { name: "Swapped" } });
      await store.getFlows();
      await waits(lawful);
    });

    it("shows the code of functions to whoever has to agree", async () => {
      const coded = [...two, node("fn", "function", [], { func: "return msg;", name: "tidy" })];
      const id = await waits(coded);
      assert.deepEqual(box.gate.desk.code(id), [
        { id: "fn", label: "tidy", field: "func", before: "", after: "return msg;" },
      ]);
      assert.doesNotMatch(JSON.stringify(box.staged), /return msg/);
    });
  });
});
