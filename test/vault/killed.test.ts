import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { verifyLog } from "../../core/audit/verify-log.ts";
import { VaultClient } from "../../vault/client.ts";
import { socketPath } from "../../vault/config.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { type RunningVault, superviseVault } from "../../vault/supervisor.ts";
import { needs, newEngine, picture } from "../core/faces/data.ts";
import { actOf, sitterFrom } from "../core/faces/liveness/acting.ts";
import { marksOf } from "../core/faces/marks.ts";
import { alwaysRule, estate, lookOf, modelsFolder } from "./rig.ts";

const own = ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`);
const another = ["103_10.jpg", "103_18.jpg", "103_6.jpg"].map((name) => `asian/ChinaTarget_103/${name}`);
const settings = { mode: "1:N", risk: 1e-3, frames: 5, agreeing: 2, seconds: 4.5 } as const;

/** A vault's process that is killed where the power would not be cut in a test of the disk alone: with a face in its hands. */
describe("the vault's process killed with a face in its hands", () => {
  let data: string;
  let vault: RunningVault;
  let client: VaultClient;
  let auth: string;
  let frames: Buffer[];
  let marks: Record<string, Buffer>;
  let acts = 0;

  const ready = async () => {
    await client.call("configure", estate({ looks: [lookOf("n1", settings)] }));
    while (!(await client.call("health", {})).faces.ready) await new Promise((r) => setTimeout(r, 50));
  };
  /** SIGKILL; resolves when it is back and looks at faces again. */
  const kill = async () => {
    const up = new Promise((resolve) => client.once("up", () => resolve(undefined)));
    process.kill(vault.pid!, "SIGKILL");
    await up;
    await ready();
  };
  const giveConsent = async (person: string) => {
    const { id: notice } = await client.call("notice.current", { method: "face", language: "zh-CN" });
    return await client.call("consent.give", {
      auth,
      person,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate"],
      notice,
      givenBy: "self",
      channel: "desk",
    });
  };
  const newPerson = async (name: string) =>
    (await client.call("person.create", { auth, name, birthDate: "1980-05-01" })).id;
  const read = (id: string) => client.call("person.read", { auth, id, purpose: "audit" });

  /** One look. @param onFrame after each frame the look took; true: no further frame */
  async function look(onFrame: (taken: number) => Promise<boolean> | boolean = () => false) {
    let running = true;
    const seen = client
      .call("match", {
        door: "main-gate",
        node: "n1",
        camera: "main-camera",
        act: { kind: "screen", id: `look-${acts++}` },
        settings,
      })
      .finally(() => {
        running = false;
      });
    seen.catch(() => undefined);
    for (let i = 0, taken = 0; running; i++) {
      const sent = [Buffer.from(frames[i % frames.length]!)];
      const { wanted } = await client
        .call("frame", { camera: "main-camera" }, sent)
        .catch(() => ({ wanted: false }));
      if (wanted && (await onFrame(++taken))) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return await seen;
  }
  const opens = async () => {
    const { id, code } = await look();
    assert.equal(code, undefined, "somebody is recognised");
    const decided = await client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
    assert.notEqual(decided.code, "worker-lost");
  };

  /** Nothing of any picture lies in a file, and the log is whole. */
  function nothingLeft(): void {
    for (const file of readdirSync(data, { recursive: true, encoding: "utf8" })) {
      const path = join(data, file);
      if (!statSync(path).isFile()) continue;
      const bytes = readFileSync(path);
      for (const [name, mark] of Object.entries(marks)) assert.ok(!bytes.includes(mark), `${file}: ${name}`);
    }
  }

  before(async function () {
    needs(this, "models", "faces");
    data = mkdtempSync(join(tmpdir(), "limen-killed-"));
    const preload = `--import=${pathToFileURL(join(import.meta.dirname, "killed-between.ts"))}`;
    const settings = {
      LIMEN_DATA: data,
      LIMEN_MODELS: modelsFolder,
      LIMEN_DOWNLOAD: "0",
      NODE_OPTIONS: preload,
    };
    const env = { ...process.env, ...settings };
    vault = superviseVault({ env, log: () => undefined });
    await vault.started;
    client = new VaultClient({ socket: socketPath(data, "vault") }).open();
    const operator = new VaultClient({ socket: socketPath(data, "operator") }).open();
    await Promise.all([client.ready(), operator.ready()]);
    const wanted = { auth: operatorAuth, role: "manager", label: "t", days: 1 } as const;
    ({ token: auth } = await operator.call("token.create", wanted));
    operator.close();
    const engine = await newEngine();
    const sitter = await sitterFrom(engine, own[1]!);
    frames = await actOf(
      "live",
      sitter,
      [0, 0.02, 0.04, 0.06].map((x) => ({ x })),
    );
    marks = {};
    for (const [i, frame] of [...frames, ...another.map(picture)].entries())
      Object.assign(marks, await marksOf(engine, String(i), frame));
    await engine.close();
    await ready();
    const person = await newPerson("甲");
    await giveConsent(person);
  });
  after(async () => {
    client?.close();
    await vault?.stop();
    if (data) rmSync(data, { recursive: true, force: true });
  });

  it("between a face and its record: no door knows such a face, and a former one stands", async () => {
    const { people } = await client.call("person.list", { auth, purpose: "audit", limit: 1 });
    const person = people[0]!.id;
    const cutShort = async () => {
      const up = new Promise((resolve) => client.once("up", () => resolve(undefined)));
      writeFileSync(join(data, "kill-between"), "");
      await assert.rejects(client.call("face.enrol", { auth, person }, own.map(picture)), {
        code: "vault-away",
      });
      await up;
      await ready();
      assert.ok(!existsSync(join(data, "kill-between")), "it was killed there");
      nothingLeft();
    };
    await cutShort();
    assert.equal((await read(person)).template, false);
    assert.equal((await client.call("health", {})).faces.enrolled, 0);
    assert.equal((await look()).code, "nobody-enrolled");
    await client.call("face.enrol", { auth, person }, own.map(picture));
    await cutShort();
    assert.equal((await read(person)).template, true);
    assert.equal((await client.call("health", {})).faces.enrolled, 1);
    await opens();
  });

  it("in the middle of a look: the caller is told, nothing opens, nothing is left, and the next look works", async () => {
    await opens();
    let back: Promise<void> | undefined;
    const cut = look((taken) => {
      if (taken < 2) return false;
      back = kill();
      return true;
    });
    await assert.rejects(cut, { code: "vault-away" });
    await back;
    nothingLeft();
    await opens();
    nothingLeft();
  });

  it("in the middle of an enrolment, wherever it comes: it is whole or it is not, and agreeing stands as it was", async () => {
    const person = await newPerson("乙");
    const { consent } = await giveConsent(person);
    const consents = async () =>
      (await client.call("consent.list", { auth, person, purpose: "audit" })).consents;
    const before = await consents();
    for (const ms of [0, 40, 300]) {
      const enrolled = client.call("face.enrol", { auth, person }, another.map(picture)).then(
        () => true,
        () => false,
      );
      await new Promise((resolve) => setTimeout(resolve, ms));
      const back = kill();
      const said = await enrolled;
      await back;
      const { template: face } = await read(person);
      if (said) assert.ok(face, "what was said to be done is");
      assert.deepEqual(await consents(), before, "agreeing stands as it was");
      assert.equal(
        (await client.call("health", {})).faces.enrolled,
        face ? 2 : 1,
        "compared is who is enrolled",
      );
      nothingLeft();
    }
    assert.ok(before.some(({ id }) => id === consent.id));
    await client.call("face.enrol", { auth, person }, another.map(picture));
    assert.equal((await client.call("health", {})).faces.enrolled, 2);
    await opens();
    nothingLeft();
    assert.deepEqual(verifyLog(join(data, "audit")).findings, [], "the log is whole");
  });
});
