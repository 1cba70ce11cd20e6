import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { VaultClient } from "../../vault/client.ts";
import { socketPath } from "../../vault/config.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { type Started, started } from "../browser/started.ts";
import { type FlowNode, readFlow } from "../flows/files.ts";

const day = 86_400_000;
const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));
/** The same flow with other settings of the nodes of one type. */
const with_ = (flow: FlowNode[], type: string, fields: object, only = (_: FlowNode) => true): FlowNode[] =>
  flow.map((node) => (node.type === type && only(node) ? { ...node, ...fields } : node));

/** On the whole product: what a change of the flow does to notices and consents, and how a real face gets its papers. */
describe("papers on a running site", () => {
  let limen: Started;
  let vault: VaultClient;
  let operator: VaultClient;
  let manager: string;
  let desk: string;
  const demo = readFlow("flows/default.json");

  before(async () => {
    limen = await started();
    vault = new VaultClient({ socket: socketPath(limen.data, "vault") }).open();
    operator = new VaultClient({ socket: socketPath(limen.data, "operator") }).open();
    await Promise.all([vault.ready(), operator.ready()]);
    const tokenFor = async (role: Request<"token.create">["role"]) =>
      (await operator.call("token.create", { auth: operatorAuth, role, label: role, days: 1 })).token;
    [manager, desk] = [await tokenFor("manager"), await tokenFor("desk")];
    // the flows run a moment before the vault has taken them
    while (!(await vault.call("health", {})).armed.face) await pause(50);
  });
  after(async () => {
    vault?.close();
    operator?.close();
    await limen?.stop();
  });

  const api = async (method: string, path: string, body?: object, auth = manager) => {
    const answer = await fetch(`${limen.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${auth}`,
        "content-type": "application/json",
        "accept-language": "en-US",
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    return { status: answer.status, json: (text === "" ? {} : JSON.parse(text)) as Record<string, never> };
  };
  /** @returns the refusal, or undefined when it is deployed and the vault has it */
  const deploy = async (flow: object[]): Promise<string | undefined> => {
    const { checkpoint: before } = await head();
    const answer = await fetch(`${limen.url}/flows`, {
      method: "POST",
      headers: { authorization: `Bearer ${manager}`, "content-type": "application/json" },
      body: JSON.stringify(flow),
    });
    if (answer.status !== 204) return await answer.text();
    while ((await head()).checkpoint < before + 2) await pause(50);
    return undefined;
  };
  const head = async () => ({ checkpoint: (await vault.call("health", {})).log.size });
  const notice = async () =>
    (await vault.call("notice.current", { method: "face", door: "main-gate", language: "en-US" })).version;

  it("keeps consents through a change of wording, and rests them when what was agreed to changes", async () => {
    const { id: person } = await vault.call("person.create", { auth: desk, name: "Resident" });
    const asked = await api("GET", "/notices/current?door=main-gate&language=en-US");
    const given = await api(
      "POST",
      `/persons/${person}/consents`,
      {
        purpose: "door-entry",
        method: "face",
        doors: ["main-gate"],
        notice: asked.json.id,
        given_by: "self",
        channel: "desk",
      },
      desk,
    );
    assert.equal(given.status, 201, JSON.stringify(given.json));
    const state = async () =>
      (await vault.call("consent.list", { auth: desk, person, purpose: "rights-request" })).consents[0]
        ?.state;
    /** A deploy is answered a moment before the vault has it. */
    const become = async (version: string, stands: string | undefined, why: string) => {
      const now = async () => [await notice(), await state()];
      for (let n = 0; n < 200 && (await now()).join() !== [version, stands].join(); n++) await pause(50);
      assert.deepEqual(await now(), [version, stands], why);
    };
    await become("1.0", "given", "as it was agreed to");
    const renamed = with_(demo, "limen-door", { name: "东门 East gate" }, ({ door }) => door === "main-gate");
    assert.equal(await deploy(renamed), undefined);
    await become("1.1", "given", "another name of a door is wording");
    const longer = with_(
      renamed,
      "retention-rule",
      { days: 60 },
      (node) => (node.class ?? "entry-events") === "entry-events",
    );
    assert.equal(await deploy(longer), undefined);
    await become("2.0", "suspended", "longer keeping is another agreement");
    assert.equal(await deploy(renamed), undefined);
    await become("1.1", await state(), "what was agreed to is in force again");
  });

  it("takes a real site from its first deploy to an armed face, step by step", async () => {
    const readers = demo.filter(({ type }) => type === "card-read").map(({ reader }) => reader);
    const honest = with_(demo, "limen-site", { demonstration: false });
    const wired = with_(honest, "limen-door", { simulated: false });
    const real = with_(wired, "door-watch", { ways: readers }); // somebody notices when a real reader is dead
    const refusal = await deploy(real);
    assert.match(refusal ?? "", /告知书|notice/);
    const { json: draft } = await api("GET", "/decisions?of=draft");
    const doors = (draft.doors as unknown as { id: string; lacking: { code: string }[] }[]).map(
      ({ id }) => id,
    );
    assert.deepEqual(draft.draft, true);
    assert.ok(doors.includes("main-gate"));
    const record = async (entry: object) => {
      const { status, json } = await api("POST", "/decisions", { of: "draft", entry });
      assert.equal(status, 201, JSON.stringify(json));
    };
    const ago = (days: number) => new Date(Date.now() - days * day).toISOString();
    const tally = { all: 178, part: 130, agreed: 90 };
    await record({
      kind: "vote",
      doors,
      held: ago(20),
      matter: "ordinary",
      heads: tally,
      area: tally,
      minutes: "folder 7",
    });
    await record({ kind: "notice", doors, published: ago(9), places: ["doors"] });
    await record({ kind: "signs", doors, up: ago(9) });
    const on = ago(1).slice(0, 10);
    const answers = { necessity: "Asked for by forty households.", search: "Elders without a card at hand." };
    await record({ kind: "assessment", doors, step: "answered", on, ...answers });
    assert.ok((await deploy(real)) !== undefined, "not before somebody approved it");
    await record({ kind: "assessment", doors, step: "approved", on });
    assert.equal(await deploy(real), undefined);
    const { armed } = await vault.call("health", {});
    assert.deepEqual(armed, { face: true, relays: true });
    const { json: now } = await api("GET", "/decisions");
    assert.deepEqual(
      (now.doors as unknown as { armed: boolean; lacking: [] }[]).map((door) => [
        door.armed,
        door.lacking.length,
      ]),
      doors.map(() => [true, 0]),
    );
    assert.ok(!existsSync(join(limen.data, "draft-flow.json")), "nothing waits any more");
    const { json: kept } = await api("GET", "/decisions/processing-records?language=en-US");
    assert.ok((kept.records as unknown as { text: string }[])[0]?.text.startsWith("Record of processing"));
  });

  it("stops faces, and no card, when the vote is taken back", async () => {
    const { json } = await api("GET", "/decisions");
    const vote = (json.entries as unknown as { id: string; kind: string }[]).find(
      ({ kind }) => kind === "vote",
    );
    await api("POST", "/decisions", {
      entry: { kind: "void", corrects: vote?.id, reason: "The assembly was not called in time." },
    });
    assert.deepEqual((await vault.call("health", {})).armed, { face: false, relays: true });
  });
});
