import assert from "node:assert/strict";
import type { Request } from "../../vault/protocol/index.ts";
import { handClock } from "../core/hand-clock.ts";
import { signedIn } from "./accounts.ts";
import { estate, openRig, printedCard, type Rig, tokenFor } from "./rig.ts";

describe("a lost card, and what was blocked by a slip", () => {
  const clock = handClock();
  let rig: Rig;
  let desk: string;
  let other: string;
  let guard: string;
  let person: string;
  let card: string;
  beforeEach(async () => {
    rig = await openRig({ clock });
    await rig.client.call("configure", estate());
    desk = await signedIn(rig, "Fan", "desk");
    other = await signedIn(rig, "Gu", "desk");
    guard = await signedIn(rig, "Shen", "guard");
    ({ id: person } = await rig.client.call("person.create", {
      auth: desk,
      name: "Ｌi Hong",
      flat: "1-101",
    }));
    ({ id: card } = await issue(printedCard.number));
  });
  afterEach(() => rig.close());

  const issue = (number: string, whose = person) =>
    rig.client.call("credential.issue", {
      auth: desk,
      person: whose,
      kind: "card",
      notation: printedCard.notation,
      number,
    });
  const lost = (said: Omit<Request<"card.lost">, "auth">) =>
    rig.client.call("card.lost", { auth: guard, ...said });
  const state = (id = card) => rig.vault.services.credentials.read(id).state;
  const changes = () =>
    rig.vault.services.log
      .query({ classes: ["configuration"], limit: 20 })
      .map(({ fields }) => [fields?.what, fields?.name, fields?.role].filter(Boolean).join(" "));
  const block = (auth: string, id = card) =>
    rig.client.call("credential.block", { auth, id, reason: "lost" });
  const undo = (auth: string, id = card) => rig.client.call("credential.undo", { auth, id });

  it("is blocked by a guard who is told name and flat, and shown nothing; with his name on the record", async () => {
    assert.deepEqual(await lost({ name: "li hong", flat: "1-101" }), {});
    assert.equal(state(), "blocked");
    assert.equal(changes()[0], "credential-blocked Shen guard");
  });

  it("is not blocked by half a name, another flat, or a number that does not fit; every try is on record", async () => {
    for (const said of [
      { name: "Li" },
      { name: "Li Hong", flat: "1-102" },
      { name: "Li Hong", tail: "0000" },
    ]) {
      await assert.rejects(lost(said), { code: "lost-card-nobody" });
      assert.equal(changes()[0], "lost-card-not-found Shen guard");
    }
    assert.equal(state(), "active");
  });

  it("wants the number's end where several fit, and never blocks two", async () => {
    const second = await issue("0040856635");
    await assert.rejects(lost({ name: "Li Hong", flat: "1-101" }), { code: "lost-card-which" });
    await lost({ name: "Li Hong", tail: "6635" });
    assert.deepEqual([state(), state(second.id)], ["active", "blocked"]);
    const { id } = await rig.client.call("person.create", { auth: desk, name: "Li Hong", flat: "2-201" });
    await issue("0040856636", id);
    await assert.rejects(lost({ name: "Li Hong" }), { code: "lost-card-which" });
    await lost({ name: "Li Hong", flat: "1-101" });
    assert.equal(state(), "blocked");
  });

  it("is all a guard may do of it: no list, no card, no way back", async () => {
    const { client } = rig;
    await lost({ name: "Li Hong" });
    for (const asked of [
      () => undo(guard),
      () => client.call("person.list", { auth: guard, purpose: "desk-request", limit: 5 }),
      () => client.call("person.read", { auth: guard, id: person, purpose: "card-issue" }),
      () => client.call("credential.issue", { auth: guard, person, kind: "pin" }),
    ])
      await assert.rejects(asked, { code: "not-allowed" });
  });

  it("can be taken back for a minute, by whoever blocked it, once, on record", async () => {
    await block(desk);
    await assert.rejects(undo(other), { code: "undo-over" });
    await undo(desk);
    assert.equal(state(), "active");
    assert.equal(changes()[0], "credential-unblocked Fan desk");
    assert.equal(rig.vault.services.credentials.lastLoss(person), undefined);
    await assert.rejects(undo(desk), { code: "undo-over" });
    await block(desk);
    clock.pass(61_000);
    await assert.rejects(undo(desk), { code: "undo-over" });
    assert.equal(state(), "blocked");
  });

  it("stays blocked where another blocked it, its number went to another card, or its person left", async () => {
    await block(other);
    await block(desk); // changes nothing, so there is nothing of theirs to take back
    await assert.rejects(undo(desk), { code: "undo-over" });
    await issue(printedCard.number);
    await assert.rejects(undo(other), { code: "card-taken" });
    assert.equal(state(), "blocked");
    const { id } = await issue("0040856635");
    await block(desk, id);
    await rig.client.call("person.leave", { auth: await tokenFor(rig), id: person });
    await assert.rejects(undo(desk, id), { code: "residency-ended" });
  });

  it("goes for passes and shared codes as well, a resident's own among them", async () => {
    const { client } = rig;
    const manager = await tokenFor(rig);
    const { invitation } = await client.call("resident.invite", { auth: manager, person });
    const { auth: own } = await client.call("session.accept", { invitation, address: "192.0.2.1" });
    const from = clock.now();
    const pass = await client.call("pass.issue", {
      auth: own,
      person,
      kind: "visitor",
      from: from.toISOString(),
      until: new Date(from.getTime() + 3_600_000).toISOString(),
      uses: 1,
      window: 0,
      doors: [],
    });
    const { passes, credentials } = rig.vault.services;
    await client.call("pass.revoke", { auth: own, id: pass.id });
    await assert.rejects(client.call("pass.undo", { auth: desk, id: pass.id }), { code: "undo-over" });
    await client.call("pass.undo", { auth: own, id: pass.id });
    assert.equal(passes.of(person)[0]?.state, "active");
    assert.equal(changes()[0], "pass-restored resident");
    const code = { auth: desk, kind: "room" as const, members: [person], doors: ["main-gate"] };
    const { id } = await client.call("code.share", code);
    await client.call("code.block", { auth: desk, id, reason: "stolen" });
    await client.call("code.undo", { auth: desk, id });
    assert.equal(credentials.shared.list()[0]?.state, "active");
  });
});
