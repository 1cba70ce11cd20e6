import assert from "node:assert/strict";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { handClock } from "../core/hand-clock.ts";
import { SoftPasskey } from "../core/people/soft-passkey.ts";
import { estate, openRig, type Rig, tokenFor } from "./rig.ts";

const origin = "https://doors.example.org";
const password = "violet anchor mosaic 12";
const address = "10.0.0.1";

describe("passkeys and fresh sign-ins in the vault", () => {
  const clock = handClock();
  let rig: Rig;
  before(async () => {
    rig = await openRig({ clock, env: { LIMEN_URL: origin } });
    await rig.client.call("configure", estate());
    for (const [name, role] of [
      ["Chen", "manager"],
      ["Wu", "desk"],
    ] as const)
      await rig.operator.call("staff.add", { auth: operatorAuth, name, role, password });
  });
  after(() => rig.close());

  const open = async (name = "Chen") =>
    (await rig.client.call("session.open", { name, password, address })).auth;
  const give = async (auth: string) => {
    const key = new SoftPasskey(origin);
    const { options } = await rig.client.call("passkey.prepare", { auth, origin });
    const { id } = await rig.client.call("passkey.add", {
      auth,
      response: key.create(options),
      label: "phone",
    });
    return { key, id };
  };
  const enter = async (key: SoftPasskey) =>
    await rig.client.call("passkey.open", {
      response: key.get((await rig.client.call("passkey.challenge", { origin })).options),
    });
  const resident = async () => {
    const auth = await tokenFor(rig, "desk");
    const { id: person } = await rig.client.call("person.create", { auth, name: "王芳" });
    const { invitation } = await rig.client.call("resident.invite", { auth, person });
    const accepted = await rig.client.call("session.accept", { invitation, address });
    return { person, auth: accepted.auth };
  };
  const whats = () =>
    rig.vault.services.log
      .query({ classes: ["configuration"], limit: 100 })
      .map(({ fields }) => fields?.what);

  it("let staff in by what they made, over a restart, and put it on record", async () => {
    const { key } = await give(await open());
    await rig.restart();
    await rig.client.call("configure", estate());
    const opened = await enter(key);
    assert.equal(opened.role, "manager");
    assert.equal((await rig.client.call("session.check", { auth: opened.auth })).fresh, true);
    assert.ok(whats().includes("passkey-added"));
    await assert.rejects(rig.client.call("passkey.challenge", { origin: "https://evil.example" }), {
      code: "passkey-elsewhere",
      params: { address: origin },
    });
  });

  it("do what cannot be undone only for whoever proved themselves moments ago", async () => {
    const { client } = rig;
    const manager = await open();
    const { person } = await resident();
    clock.pass(11 * 60_000);
    const stale = { code: "fresh-sign-in-needed", status: 403 };
    await assert.rejects(client.call("erasure.start", { auth: manager, person }), stale);
    await assert.rejects(client.call("person.export", { auth: manager, person }), stale);
    await assert.rejects(client.call("face.enrol", { auth: manager, person }), stale);
    await assert.rejects(client.call("person.leave", { auth: manager, id: person }), stale);
    await assert.rejects(client.call("passkey.prepare", { auth: manager, origin }), stale);
    await client.call("lockdown.set", { auth: manager, doors: ["unit-1"], on: true, reason: "threat" }); // seconds count
    await client.call("lockdown.set", { auth: manager, doors: ["unit-1"], on: false, reason: "over" });
    const token = await tokenFor(rig);
    await client.call("person.export", { auth: token, person }); // its maker was asked
    const { auth } = await client.call("session.prove", { auth: manager, password, address });
    await assert.rejects(client.call("session.check", { auth: manager }), { code: "not-signed-in" });
    await client.call("person.export", { auth, person });
    await client.call("erasure.start", { auth, person });
  });

  it("prove by passkey too: one's own, asked for by this session", async () => {
    const { client } = rig;
    const desk = await open("Wu");
    const { key } = await give(desk);
    const { key: other } = await give(await open());
    clock.pass(11 * 60_000);
    const { options } = await client.call("session.challenge", { auth: desk, origin });
    await assert.rejects(
      client.call("session.prove", { auth: desk, response: other.get(options), address }),
      { code: "passkey-failed" },
    );
    const { auth } = await client.call("session.prove", {
      auth: desk,
      response: key.get((await client.call("session.challenge", { auth: desk, origin })).options),
      address,
    });
    assert.equal((await client.call("session.check", { auth })).fresh, true);
    assert.equal((await client.call("session.fresh", { auth })).fresh, true);
  });

  it("tell of a copy on the record, and refuse it", async () => {
    const { key } = await give(await open());
    key.counter = 50;
    await enter(key);
    key.counter = 3;
    await assert.rejects(enter(key), { code: "passkey-copied" });
    assert.ok(whats().includes("passkey-copied"));
  });

  it("bring residents back to themselves alone, are in their copy, and go when they go", async () => {
    const { client } = rig;
    const { person, auth } = await resident();
    const { key } = await give(auth);
    const opened = await enter(key);
    assert.equal(opened.person, person);
    assert.equal(opened.role, "resident");
    const { export: text } = await client.call("person.export", { auth: opened.auth, person });
    const { passkeys } = JSON.parse(text) as { passkeys: object[] };
    assert.equal(passkeys.length, 1);
    assert.ok(!text.includes("phone"), "no name of it was kept");
    await assert.rejects(
      client.call("passkey.rename", { auth: opened.auth, id: "passkey_0123456789abcdef", label: "x" }),
      {
        code: "not-allowed",
      },
    );
    clock.pass(11 * 60_000);
    await assert.rejects(client.call("erasure.start", { auth: opened.auth, person }), {
      code: "fresh-sign-in-needed",
    });
    await client.call("person.export", { auth: opened.auth, person }); // one's own page is made of it
    await client.call("person.leave", { auth: await tokenFor(rig, "desk"), id: person });
    await assert.rejects(enter(key), { code: "passkey-failed" });
    await assert.rejects(client.call("session.check", { auth: opened.auth }), { code: "not-signed-in" });
  });

  it("are forgotten at the desk when a phone is lost, and a new link lets in again", async () => {
    const { client } = rig;
    const { person, auth } = await resident();
    const { key } = await give(auth);
    const desk = await tokenFor(rig, "desk");
    assert.deepEqual(await client.call("passkey.forget", { auth: desk, person }), { removed: 1 });
    await assert.rejects(enter(key), { code: "passkey-failed" });
    await assert.rejects(client.call("session.check", { auth }), { code: "not-signed-in" });
    const { invitation } = await client.call("resident.invite", { auth: desk, person });
    await give((await client.call("session.accept", { invitation, address })).auth);
  });

  it("let a resident without one be erased by the link they came by", async () => {
    const { person, auth } = await resident();
    clock.pass(12 * 60_000);
    await rig.client.call("erasure.start", { auth, person });
  });

  it("are lost with a reset, which gives a password for once", async () => {
    const { client } = rig;
    const manager = await open();
    const { key } = await give(await open("Wu"));
    const { staff } = await client.call("staff.list", { auth: manager });
    const { id, passkeys } = staff.find(({ name }) => name === "Wu")!;
    assert.ok(passkeys > 0);
    const reset = await client.call("staff.reset", { auth: manager, id });
    await assert.rejects(enter(key), { code: "passkey-failed" });
    await client.call("session.open", { name: "Wu", password: reset.password, address });
    assert.ok(!JSON.stringify(rig.lines).includes(reset.password));
  });
});
