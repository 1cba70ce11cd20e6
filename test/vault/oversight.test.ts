import assert from "node:assert/strict";
import { alwaysRule, estate, openRig, printedCard, type Rig, readerCard, tokenFor } from "./rig.ts";

describe("what owners' committees and auditors watch", () => {
  let rig: Rig;
  let manager: string;
  let auditor: string;
  before(async () => {
    rig = await openRig();
    manager = await tokenFor(rig);
    auditor = await tokenFor(rig, "auditor");
    await rig.client.call("configure", estate());
    const { id } = await rig.client.call("person.create", { auth: manager, name: "王小明" });
    await rig.client.call("credential.issue", { auth: manager, person: id, kind: "card", ...printedCard });
    await rig.client.call("person.read", { auth: manager, id, purpose: "desk-request" });
  });
  after(() => rig.close());

  const tap = async (number: string): Promise<string> => {
    const { client } = rig;
    const card = { ...readerCard, number };
    const sensed = await client.call("identify", {
      door: "main-gate",
      node: "n1",
      reader: "r1",
      method: "card",
      card,
    });
    await client.call("decide", { attempt: sensed.id, node: "n2", rule: alwaysRule });
    await client.call("record", { attempt: sensed.id, node: "n4" });
    return sensed.id;
  };

  it("counts a door's tries and openings by way, from the record alone", async () => {
    const opened = await tap(readerCard.number);
    await rig.client.call("event", { door: "main-gate", kind: "opened", attempt: opened });
    await tap("01026F6C3B"); // nobody's card
    await rig.client.call("event", { door: "main-gate", kind: "camera-silent", detail: "main-camera" });
    const { doors, partial } = await rig.client.call("door.parity", { auth: auditor, days: 7 });
    assert.equal(partial, false);
    assert.deepEqual(
      doors.map(({ id, ways }) => [id, ways.map(({ method, tries, opened }) => [method, tries, opened])]),
      [
        [
          "main-gate",
          [
            ["card", 2, 1],
            ["face", 0, 0],
          ],
        ],
        [
          "unit-1",
          [
            ["card", 0, 0],
            ["face", 0, 0],
          ],
        ],
      ],
    );
    const [card, face] = doors[0]!.ways;
    assert.equal(card!.success, 0.5);
    assert.ok(card!.medianMs! >= 0);
    assert.equal(card!.uptime, 1);
    assert.ok(face!.uptime <= 1);
  });

  it("counts each entry once, however many turns it takes to read them", async () => {
    const at = new Date();
    const fields = {
      at: at.toISOString(),
      door: "unit-1",
      method: "card",
      outcome: "denied",
      code: "outside-hours",
    };
    const entry = { class: "decision" as const, at, door: "unit-1", fields };
    rig.vault.services.log.appendWith(Array.from({ length: 250 }, () => entry));
    const { doors } = await rig.client.call("door.parity", { auth: auditor, days: 1 });
    assert.equal(doors[1]!.ways[0]!.tries, 250);
  });

  it("shows which staff looked and what for, and not at whose data", async () => {
    const { looks } = await rig.client.call("look-up.list", { auth: auditor, limit: 10 });
    assert.equal(looks.length, 1);
    assert.equal(looks[0]!.role, "manager");
    assert.equal(looks[0]!.purpose, "desk-request");
    assert.doesNotMatch(JSON.stringify(looks), /person_|王小明/);
  });

  it("is not for guards or desks", async () => {
    for (const role of ["guard", "desk"] as const) {
      const auth = await tokenFor(rig, role);
      await assert.rejects(rig.client.call("door.parity", { auth, days: 7 }), { code: "not-allowed" });
      await assert.rejects(rig.client.call("look-up.list", { auth, limit: 1 }), { code: "not-allowed" });
    }
  });

  it("says which doors are locked down, until it is lifted", async () => {
    const guard = await tokenFor(rig, "guard");
    const locked = async () =>
      (await rig.client.call("door.list", { auth: guard })).doors.map((door) => door.locked);
    const set = (on: boolean) =>
      rig.client.call("lockdown.set", { auth: guard, doors: ["unit-1"], on, reason: on ? "drill" : "over" });
    await set(true);
    assert.deepEqual(await locked(), [undefined, true]);
    await set(false);
    assert.deepEqual(await locked(), [undefined, undefined]);
  });
});
