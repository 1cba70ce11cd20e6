import assert from "node:assert/strict";
import { LimenError } from "../../core/errors.ts";
import faceEnrol from "../../nodes/face-enrol/face-enrol.ts";
import type { Message } from "../../nodes/lib/types.ts";
import limenCamera from "../../nodes/limen-camera/limen-camera.ts";
import limenDoor from "../../nodes/limen-door/limen-door.ts";
import limenSite from "../../nodes/limen-site/limen-site.ts";
import residentDesk from "../../nodes/resident-desk/resident-desk.ts";
import retentionRule from "../../nodes/retention-rule/retention-rule.ts";
import { type Bench, bench, houseNodes } from "./harness.ts";

const modules = [limenSite, limenDoor, limenCamera, faceEnrol, residentDesk, retentionRule] as never;
const token = "k".repeat(43);
const person = "person_0000000000000001";

describe("retention-rule", () => {
  let on: Bench;
  afterEach(() => on.stop());
  const load = (settings: object) =>
    bench(modules, [
      ...houseNodes.slice(0, 2),
      { id: "keep", type: "retention-rule", wires: [["out"]], ...settings },
      { id: "out", type: "helper" },
    ]);

  it("erases what is due when the clock says so, and passes the certificate on", async () => {
    on = await load({ days: 14 });
    on.vault.answer("retention.run", () => ({ entries: 120, days: 2, certificate: "{}" }));
    const out = on.next("out");
    const status = on.status("keep", (text) => text.includes("erased"));
    on.put("keep", { payload: 1 } as never);
    assert.deepEqual((await out).payload, {
      kind: "retention",
      mode: "run",
      class: "entry-events",
      keep: 14,
      entries: 120,
      days: 2,
      certificate: "{}",
    });
    assert.deepEqual(on.vault.requests("retention.run"), [{ class: "entry-events", days: 14 }]);
    await status;
  });

  it("only counts in preview", async () => {
    on = await load({ days: 30, mode: "preview" });
    on.vault.answer("retention.preview", () => ({ entries: 3, days: 1 }));
    const out = on.next("out");
    on.put("keep", {} as never);
    assert.equal(((await out).payload as { mode: string }).mode, "preview");
    assert.equal(on.vault.requests("retention.run").length, 0);
  });
});

describe("resident-desk", () => {
  let on: Bench;
  afterEach(() => on.stop());
  const load = (credentials: Record<string, Record<string, string>> = { desk: { token } }) =>
    bench(
      modules,
      [
        ...houseNodes.slice(0, 2),
        { id: "desk", type: "resident-desk", wires: [["out"]] },
        { id: "out", type: "helper" },
      ],
      { credentials },
    );

  it("does a command with the node's own token, and names do not travel on", async () => {
    on = await load();
    on.vault.answer("person.create", () => ({ id: person }));
    const out = on.next("out");
    on.put("desk", { payload: { action: "person.create", name: "Lin Mei" } } as never);
    const message = await out;
    assert.equal(message.topic, "person.create");
    assert.deepEqual(message.payload, { id: person });
    assert.doesNotMatch(JSON.stringify(message), /Lin Mei/);
    assert.deepEqual(on.vault.requests("person.create"), [{ auth: token, name: "Lin Mei" }]);
  });

  it("uses its own token whatever the message says", async () => {
    on = await load();
    on.vault.answer("door.list", () => ({ doors: [] }));
    const out = on.next("out");
    on.put("desk", { payload: { action: "door.list", auth: "x".repeat(43) } } as never);
    await out;
    assert.equal(on.vault.requests("door.list")[0]?.auth, token);
  });

  it("keeps the command out of the message a catch node gets", async () => {
    on = await load();
    on.vault.answer("person.create", () => {
      throw new LimenError("not-allowed", { status: 403 });
    });
    const message = { payload: { action: "person.create", name: "Lin Mei" } } as unknown as Message;
    const caught = new Promise<unknown>((resolve) => {
      on.node("desk").on(
        "call:error" as never,
        ((call: { args: unknown[] }) => resolve(call.args[1])) as never,
      );
    });
    on.put("desk", message);
    assert.doesNotMatch(JSON.stringify(await caught), /Lin Mei/);
  });

  it("does not do what a wire must not carry", async () => {
    on = await load();
    for (const [payload, code] of [
      [{ action: "person.read", id: person, purpose: "audit" }, "command-unknown"],
      [{ action: "person.list", purpose: "audit" }, "command-unknown"],
      [{ action: "staff.add", name: "x", role: "manager", password: "x".repeat(12) }, "command-unknown"],
      [{ action: "credential.issue", person, kind: "pin" }, "command-not-here"],
      [{ action: "toString" }, "command-unknown"],
      ["person.create", "command-unknown"],
      [null, "command-unknown"],
    ] as const) {
      const failed = on.failure("desk");
      on.put("desk", { payload } as never);
      assert.equal(await failed, code);
    }
    assert.deepEqual(
      on.vault.asked.map(({ verb }) => verb),
      ["configure"],
    );
  });

  it("says when it has no token, and when a field is wrong", async () => {
    on = await load({});
    const missing = on.failure("desk");
    on.put("desk", { payload: { action: "door.list" } } as never);
    assert.equal(await missing, "token-missing");
    await on.stop();

    on = await load();
    const invalid = on.failure("desk");
    on.put("desk", { payload: { action: "person.create", name: "x", tenure: "owner" } } as never);
    assert.equal(await invalid, "invalid");
  });
});

describe("face-enrol", () => {
  let on: Bench;
  afterEach(() => on.stop());
  const load = (credentials: Record<string, Record<string, string>> = { enrol: { token } }) =>
    bench(
      modules,
      [
        ...houseNodes,
        { id: "enrol", type: "face-enrol", camera: "camera", wires: [["out"]] },
        { id: "out", type: "helper" },
      ],
      { credentials },
    );
  const enrolled = {
    template: "tpl_0000000000000001",
    quality: 0.8,
    frames: 6,
    used: 5,
    needsSecondMethod: false,
  };

  it("asks the vault for the pictures, and sends on ids and numbers", async () => {
    on = await load();
    on.vault.answer("face.enrol", () => enrolled);
    const out = on.next("out");
    on.put("enrol", { payload: { person, name: "Lin Mei" }, picture: "…" } as never);
    const message = await out;
    assert.deepEqual(message.payload, { kind: "face-enrolled", door: "gate-1", person, ...enrolled });
    assert.doesNotMatch(JSON.stringify(message), /Lin Mei|picture/);
    assert.deepEqual(on.vault.requests("face.enrol"), [{ auth: token, person, camera: "cam-1" }]);
  });

  it("does not begin without a person or a token, and says what the vault refuses with", async () => {
    on = await load();
    for (const payload of [undefined, null, {}, { person: 3 }, { person: "Lin Mei" }, "person"]) {
      const failed = on.failure("enrol");
      on.put("enrol", { payload } as never);
      assert.equal(await failed, "not-a-session");
    }
    on.vault.answer("face.enrol", () => {
      throw new LimenError("no-consent", { status: 409 });
    });
    const failed = on.failure("enrol");
    on.put("enrol", { payload: { person } } as never);
    assert.equal(await failed, "no-consent");
    await on.stop();
    on = await load({});
    const missing = on.failure("enrol");
    on.put("enrol", { payload: { person } } as never);
    assert.equal(await missing, "token-missing");
  });
});
