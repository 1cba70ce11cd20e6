import assert from "node:assert/strict";
import { type Browser, passwordOf, staffBrowser, type VaultApi, vaultApi } from "./vault-api.ts";

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

  it("ends with a quarter of an hour without a hand's turn, by the vault's word", async () => {
    await signIn();
    api.clock.pass(15 * minute + 1);
    assert.ok(wu.cookie, "the browser would still send it");
    assert.equal(await status(), 401);
  });
});
