import assert from "node:assert/strict";
import { tokenFor } from "../vault/rig.ts";
import { Browser, passwordOf, staffBrowser, type VaultApi, vaultApi } from "./vault-api.ts";

const minute = 60_000;

describe("how long somebody stays signed in", () => {
  let api: VaultApi;
  let wu: Browser;
  before(async () => {
    api = await vaultApi();
    wu = await staffBrowser(api, "Wu", "guard");
  });
  after(() => api.close());

  const signIn = () => wu.ask("POST", "/session", { name: "Wu", password: passwordOf("Wu") });
  const status = async () => (await wu.ask("GET", "/doors")).status;

  it("is as long as they work, eight hours at most", async () => {
    assert.equal((await signIn()).status, 200);
    for (let minutes = 10; minutes < 8 * 60; minutes += 10) {
      api.clock.pass(10 * minute);
      assert.equal(await status(), 200, `after ${minutes} minutes`);
    }
    api.clock.pass(10 * minute + 1);
    assert.equal(await status(), 401);
  });

  it("goes on after a fresh proof for as long as before, not longer", async () => {
    await signIn();
    for (let n = 0; n < 6; n++) {
      api.clock.pass(10 * minute);
      assert.equal(await status(), 200);
    }
    assert.equal((await wu.ask("POST", "/session/proof", { password: passwordOf("Wu") })).status, 200);
    for (let n = 0; n < 41; n++) {
      api.clock.pass(10 * minute);
      assert.equal(await status(), 200);
    }
    api.clock.pass(10 * minute + 1);
    assert.equal(wu.cookie, undefined, "the browser let go of it");
  });

  it("rests after a quarter of an hour without a hand's turn: doors may be seen, nothing else done", async () => {
    await signIn();
    api.clock.pass(15 * minute + 1);
    assert.ok(wu.cookie, "the browser still has it");
    assert.equal(await status(), 200);
    assert.equal((await wu.ask("GET", "/events")).status, 200);
    const open = () => wu.ask("POST", "/lockdown", { doors: ["main-gate"], on: true, reason: "drill" });
    const refused = await open();
    assert.equal(refused.status, 403);
    assert.equal(refused.json.code, "session-rests");
    assert.equal(
      (await wu.ask("GET", "/notices/current?method=face&door=main-gate")).status,
      200,
      "as anybody",
    );
    const { json: wrong } = await wu.ask("POST", "/session/proof", { password: "something else entirely" });
    assert.equal(wrong.code, "password-wrong");
    assert.equal((await open()).json.code, "session-rests", "a guess does not wake it");
    assert.equal((await wu.ask("POST", "/session/proof", { password: passwordOf("Wu") })).status, 200);
    assert.equal((await open()).status, 200);
  });

  it("is not prolonged by what a page does by itself", async () => {
    await signIn();
    const quiet = { "limen-background": "1" };
    for (let n = 0; n < 3; n++) {
      api.clock.pass(5 * minute);
      assert.equal((await wu.ask("GET", "/doors", undefined, quiet)).status, 200);
    }
    const end = new AbortController();
    const stream = await fetch(`${api.url}/events/stream`, {
      headers: { cookie: wu.cookie! },
      signal: end.signal,
    });
    assert.equal(stream.status, 200);
    end.abort();
    api.clock.pass(1000);
    const { status, json } = await wu.ask("POST", "/lockdown", {
      doors: ["main-gate"],
      on: false,
      reason: "over",
    });
    assert.deepEqual([status, json.code], [403, "session-rests"]);
    assert.equal(
      (await wu.ask("GET", "/session")).json.name,
      "Wu",
      "who it was is known, so that they can prove it",
    );
  });

  it("of a resident is over after that time", async () => {
    const { client } = api.rig;
    const auth = await tokenFor(api.rig, "desk");
    const { id: person } = await client.call("person.create", { auth, name: "Li" });
    const { invitation } = await client.call("resident.invite", { auth, person });
    const li = new Browser(api);
    assert.equal((await li.ask("POST", "/session/invitation", { invitation })).status, 200);
    api.clock.pass(14 * minute);
    assert.equal((await li.ask("GET", "/me/doors")).status, 200);
    api.clock.pass(15 * minute + 1);
    assert.equal((await li.ask("GET", "/me/doors")).json.code, "not-signed-in");
  });
});
