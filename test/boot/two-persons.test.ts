import assert from "node:assert/strict";
import { createDecipheriv, createHash } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { flowHash } from "../../core/policy/flow-hash.ts";
import type { Waiting } from "../../vault/protocol/changes.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { type FlowNode, readFlow } from "../flows/files.ts";
import { openRig, type Rig } from "../vault/rig.ts";
import { type Booted, boot } from "./booted.ts";

const password = "a long enough password";
const base = readFlow("flows/default.json");
const site = base.find(({ type }) => type === "limen-site")!;
const door = base.find(({ type }) => type === "limen-door")!;
const broker = base.find(({ type }) => type === "mqtt-broker")!;
type Fields = Record<string, unknown>;
const edited = (fields: Record<string, Fields>, flow: readonly FlowNode[] = base): FlowNode[] =>
  flow.map((node) => ({ ...node, ...fields[node.id] }) as FlowNode);
const two = edited({ [site.id]: { twoPersons: true } });

describe("two persons for every deploy, on the real Node-RED and the real vault", () => {
  let rig: Rig;
  let red: Booted;
  let ann: string;
  let ben: string;

  const start = async (): Promise<void> => {
    red = await boot({
      socket: join(rig.data, "run/vault.sock"),
      data: join(rig.data, "flows"),
      env: { LIMEN_RECHECK_SECONDS: "1" },
    });
    [ann, ben] = [(await red.signIn("ann", password))!, (await red.signIn("ben", password))!];
    assert.ok(ann && ben);
  };
  before(async () => {
    rig = await openRig();
    for (const [name, role] of [
      ["ann", "manager"],
      ["ben", "technician"],
    ] as const)
      await rig.operator.call("staff.add", { auth: operatorAuth, name, role, password });
    await start();
  });
  after(async () => {
    await red?.stop();
    await rig?.close();
  });

  const ask = async (path: string, token: string, method = "GET", body?: object) => {
    const answer = await red.fetch(path, {
      method,
      token,
      headers: { "content-type": "application/json", "node-red-api-version": "v2" },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, json: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown> };
  };
  const deploy = (token: string, flows: readonly object[]) => ask("/flows", token, "POST", { flows });
  const running = async (): Promise<FlowNode[]> => (await ask("/flows", ann)).json.flows as FlowNode[];
  const onDisk = (name = "flows.json"): string => readFileSync(join(red.data, "node-red", name), "utf8");
  const waiting = async (token: string) => (await ask("/limen/changes", token)).json.waiting as Waiting[];
  /** The newest change of a kind, as an auditor would read it. */
  const latest = async (kind: string) => {
    const { changes } = await rig.operator.call("change.list", { auth: operatorAuth, limit: 50 });
    return changes.find((change) => change.kind === kind);
  };
  const until = async (what: string, done: () => Promise<boolean>): Promise<void> => {
    for (let tries = 0; !(await done()); tries++) {
      assert.ok(tries < 200, what);
      await sleep(50);
    }
  };
  const armed = (is: boolean) =>
    until(`armed: ${is}`, async () => (await rig.client.call("health", {})).armed.relays === is);
  const stage = async (flow: readonly object[], token = ben): Promise<number> => {
    const { status, json } = await deploy(token, flow);
    assert.deepEqual([status, json.code], [423, "deploy-waits"], JSON.stringify(json));
    const list = await waiting(ann);
    const { id } = list.at(-1)!;
    assert.match(String(json.message), new RegExp(`\\b${id}\\b`));
    return id;
  };
  /** Opens what Node-RED keeps its secrets in. */
  const secretsOf = (id: string): unknown => {
    const { $: sealed } = JSON.parse(onDisk("flows_cred.json")) as { $: string };
    const secret = readFileSync(join(red.data, "credential-secret"), "utf8").trim();
    const key = createHash("sha256").update(secret).digest();
    const decipher = createDecipheriv("aes-256-ctr", key, Buffer.from(sealed.slice(0, 32), "hex"));
    const plain = decipher.update(sealed.slice(32), "base64", "utf8") + decipher.final("utf8");
    return (JSON.parse(plain) as Record<string, unknown>)[id];
  };

  it("begins with one: the first flow, and the deploy that asks for two from then on", async () => {
    await armed(true);
    assert.equal((await latest("first"))?.how, "start");
    assert.equal((await deploy(ben, two)).status, 200);
    const change = await latest("deployed");
    assert.deepEqual([change?.by, change?.second, change?.after], ["ben", undefined, flowHash(two)]);
    await armed(true);
  });

  let opened = two;
  it("then holds a deploy: nothing on the disk or in the runtime changes, its secrets included", async () => {
    opened = edited({ [door.id]: { openSeconds: 7 } }, two);
    const withSecret = edited(
      { [broker.id]: { credentials: { user: "newcomer", password: "tops3cret" } } },
      opened,
    );
    const known = async () => (await ask(`/credentials/mqtt-broker/${broker.id}`, ben)).json;
    const before = [onDisk(), onDisk("flows_cred.json"), await known()];
    await stage(withSecret);
    assert.deepEqual([onDisk(), onDisk("flows_cred.json"), await known()], before);
    assert.equal(flowHash(await running()), flowHash(two));
    await armed(true);
  });

  it("shows it in words to whoever else may deploy, and lets the one who brought it take no part", async () => {
    const [mine, hers] = [(await waiting(ben))[0]!, (await waiting(ann))[0]!];
    assert.deepEqual([mine.mine, hers.mine, hers.by], [true, false, "ben"]);
    const { status, json } = await ask(`/limen/changes/${mine.id}/approve`, ben, "POST");
    assert.deepEqual([status, json.code], [403, "same-person"]);
    const { diff } = (await ask(`/limen/changes/${hers.id}`, ann)).json as { diff: Record<string, unknown> };
    assert.match(JSON.stringify(diff), /"openSeconds","before":"\d+","after":"7"/);
    assert.deepEqual(diff.secrets, [broker.id]);
    assert.doesNotMatch(JSON.stringify(diff), /tops3cret/);
    assert.equal(flowHash(await running()), flowHash(two));
  });

  it("deploys exactly that when the second person agrees, with both on record", async () => {
    const { id } = (await waiting(ann))[0]!;
    assert.equal((await ask(`/limen/changes/${id}/approve`, ann, "POST")).status, 200);
    assert.equal(flowHash(await running()), flowHash(opened));
    assert.equal(flowHash(JSON.parse(onDisk()) as object[]), flowHash(opened));
    assert.deepEqual(secretsOf(broker.id), { user: "newcomer", password: "tops3cret" });
    const change = await latest("deployed");
    assert.deepEqual([change?.by, change?.second, change?.of], ["ben", "ann", id]);
    await armed(true);
    assert.deepEqual(await waiting(ann), []);
    assert.doesNotMatch(red.log(), /tops3cret/);
  });

  it("agrees over the API as well, turns down, and refuses what another deploy has overtaken", async () => {
    const token = await rig.client
      .call("session.open", { name: "ann", password, address: "test" })
      .then(({ auth }) => auth);
    const decide = async (id: number, what: string): Promise<number> =>
      (await red.fetch(`/api/v1/changes/${id}/${what}`, { method: "POST", token })).status;
    const [first, second] = [
      await stage(edited({ [door.id]: { openSeconds: 8 } }, opened)),
      await stage(edited({ [door.id]: { openSeconds: 9 } }, opened)),
    ];
    assert.equal(await decide(first, "reject"), 204);
    assert.equal(await decide(first, "approve"), 410);
    assert.equal(await decide(second, "approve"), 204);
    opened = edited({ [door.id]: { openSeconds: 9 } }, opened);
    assert.equal(flowHash(await running()), flowHash(opened));
    const third = await stage(edited({ [door.id]: { openSeconds: 10 } }, opened));
    const fourth = await stage(edited({ [door.id]: { openSeconds: 11 } }, opened));
    assert.equal(await decide(fourth, "approve"), 204);
    opened = edited({ [door.id]: { openSeconds: 11 } }, opened);
    assert.equal(await decide(third, "approve"), 410);
    await armed(true);
  });

  it("gives an earlier flow back as it was deployed, to be deployed like any other", async () => {
    type Listed = { id: number; kind: string; after?: string };
    const list = (await ask("/limen/changes", ann)).json as Record<"changes" | "earlier", Listed[]> & {
      held: string[];
    };
    const { held } = list;
    const changes = [...list.changes, ...list.earlier];
    const earlier = changes.find(({ kind, after }) => kind === "deployed" && after === flowHash(two))!;
    assert.ok(held.includes(flowHash(two)));
    assert.ok(!held.includes(flowHash(opened)), "what runs need not be brought back");
    const { status, json } = await ask(`/limen/changes/${earlier.id}/flow`, ann);
    assert.equal(status, 200);
    assert.equal(flowHash(json as unknown as object[]), flowHash(two));
    assert.doesNotMatch(JSON.stringify(json), /tops3cret/);
    const id = await stage(json as unknown as FlowNode[]);
    assert.equal((await ask(`/limen/changes/${id}/reject`, ann, "POST")).status, 200);
    const staged = changes.find(({ kind }) => kind === "rejected")!;
    const never = await ask(`/limen/changes/${staged.id}/flow`, ann);
    assert.deepEqual([never.status, never.json.code], [410, "flow-not-kept"]);
    rmSync(join(red.data, "deployed-flows", `${flowHash(two)}.json`));
    assert.equal((await ask(`/limen/changes/${earlier.id}/flow`, ann)).status, 410);
  });

  it("still refuses what breaks a rule at once, and nodes-only deploys and single flows go the same way", async () => {
    const { status } = await deploy(ben, readFlow("test/flows/as-reported/nanhu-zhongyuan.json"));
    assert.equal(status, 422);
    const { status: single, json } = await ask("/flow", ben, "POST", {
      label: "more",
      nodes: [{ id: "c1", type: "comment", x: 1, y: 1, wires: [] }],
    });
    assert.deepEqual([single, json.code], [423, "deploy-waits"]);
    const tab = base[0]!.id;
    assert.equal((await ask(`/flow/${tab}`, ben, "DELETE")).status, 423);
    for (const { id } of await waiting(ann)) await ask(`/limen/changes/${id}/reject`, ann, "POST");
  });

  it("forgets with a restart what it held in memory", async () => {
    const id = await stage(edited({ [door.id]: { openSeconds: 12 } }, opened));
    await red.stop();
    await start();
    await until("forgotten", async () => (await waiting(ann)).length === 0);
    assert.equal((await ask(`/limen/changes/${id}/approve`, ann, "POST")).status, 410);
    assert.equal((await latest("expired"))?.of, id);
    await armed(true);
  });

  it("disarms when the file is swapped under the running flow, and arms again when it is back", async () => {
    const file = join(red.data, "node-red/flows.json");
    const good = readFileSync(file);
    writeFileSync(file, JSON.stringify(edited({ [site.id]: { twoPersons: false } }, opened)));
    await armed(false);
    const found = await latest("found");
    assert.deepEqual([found?.how, found?.by], ["file", undefined]);
    // what is on the disk is not what runs: one person cannot deploy it either
    assert.equal((await deploy(ben, edited({ [site.id]: { twoPersons: false } }, opened))).status, 423);
    writeFileSync(file, good);
    await armed(true);
    assert.equal((await latest("restored"))?.how, "file");
  });

  it("is not fooled by a file, its mark and its copy all swapped before a start; the operator of the box may", async () => {
    await red.stop();
    const forged = edited({ [site.id]: { twoPersons: false } }, opened);
    const mark = JSON.stringify({ hash: flowHash(forged), at: new Date().toISOString() });
    for (const [name, text] of [
      ["node-red/flows.json", JSON.stringify(forged)],
      [`deployed-flows/${flowHash(forged)}.json`, JSON.stringify(forged)],
      ["deployed.json", mark],
    ] as const)
      writeFileSync(join(red.data, name), text);
    await start();
    await red.said("second-person");
    await armed(false);
    await rig.operator.call("change.accept", { auth: operatorAuth, reason: "restored" });
    await armed(true);
    assert.deepEqual(
      [(await latest("accepted"))?.by, (await latest("accepted"))?.reason],
      ["operator", "restored"],
    );
    assert.equal((await deploy(ben, two)).status, 200, "the accepted flow asks for one");
    await armed(true);
  });

  it("lets the operator of the box through alone, and says so on record", async () => {
    const next = edited({ [door.id]: { openSeconds: 4 } }, two);
    const id = await stage(next);
    await rig.operator.call("change.override", { auth: operatorAuth, id, reason: "emergency" });
    await until("deployed", async () => flowHash(await running()) === flowHash(next));
    await armed(true);
    const change = await latest("overridden");
    assert.deepEqual(
      [change?.by, change?.second, change?.reason, change?.of],
      ["ben", "operator", "emergency", id],
    );
    assert.equal((await latest("deployed"))?.second, "operator");
  });
});
