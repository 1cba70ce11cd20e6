import assert from "node:assert/strict";
import { estate, openRig, type Rig, readerCard, tokenFor } from "./rig.ts";

describe("giving a card by tapping it", () => {
  let rig: Rig;
  let auth: string;
  let person: string;
  before(async () => {
    rig = await openRig();
    auth = await tokenFor(rig, "desk");
    await rig.client.call("configure", estate());
    person = (await rig.client.call("person.create", { auth, name: "王小明" })).id;
  });
  after(() => rig.close());

  const tap = (door: string, number: string = readerCard.number) =>
    rig.client.call("identify", {
      door,
      node: "n1",
      reader: "r1",
      method: "card",
      card: { ...readerCard, number },
    });

  it("gives the next unknown card at that door; the tap itself opens nothing", async () => {
    const given = rig.client.call("credential.tap", { auth, person, door: "main-gate" });
    await tap("unit-1", "01026F6C3B"); // another door's reader is not waited at
    const attempt = await tap("main-gate");
    assert.equal(attempt.person, undefined);
    assert.equal(attempt.code, "no-such-credential");
    const { id, assurance, tail } = await given;
    assert.equal(assurance, "clonable");
    assert.equal(tail, "6634"); // as printed: 0040856634
    const issued = rig.vault.services.log
      .query({ classes: ["configuration"], limit: 5 })
      .find(({ fields }) => fields?.what === "credential-issued");
    assert.deepEqual([issued?.fields?.name, issued?.fields?.role], ["desk", "desk"], "by whom");
    const again = await tap("main-gate");
    assert.deepEqual([again.person, again.credential], [person, id]);
    assert.equal((await tap("unit-1", "01026F6C3B")).person, undefined);
  });

  it("leaves a card that belongs to somebody where it is, and goes on waiting", async () => {
    const given = rig.client.call("credential.tap", { auth, person, door: "main-gate" });
    await tap("main-gate");
    await tap("main-gate", "01026F6C3C");
    const { id } = await given;
    assert.equal((await tap("main-gate", "01026F6C3C")).credential, id);
  });

  it("lets one desk wait at a reader; the one before is told to try again", async () => {
    const first = rig.client.call("credential.tap", { auth, person, door: "main-gate" });
    const refused = assert.rejects(first, { code: "no-card-tapped" });
    const second = rig.client.call("credential.tap", { auth, person, door: "main-gate" });
    await refused;
    await tap("main-gate", "01026F6C3D");
    assert.match((await second).id, /^cred_/);
  });
});
