import assert from "node:assert/strict";
import { handClock } from "../core/hand-clock.ts";
import { residentOf, signedIn } from "./accounts.ts";
import { alwaysRule, estate, openRig, printedCard, type Rig, readerCard } from "./rig.ts";

const dayMs = 86_400_000;

describe("a link that staff made", () => {
  const clock = handClock();
  let rig: Rig;
  let desk: string;
  let person: string;
  beforeEach(async () => {
    rig = await openRig({ clock });
    await rig.client.call("configure", estate());
    desk = await signedIn(rig, "Fan", "desk");
    ({ id: person } = await rig.client.call("person.create", { auth: desk, name: "Li Hong" }));
    await rig.client.call("credential.issue", { auth: desk, person, kind: "card", ...printedCard });
  });
  afterEach(() => rig.close());

  const tap = async (): Promise<void> => {
    clock.pass(60_000);
    const { client } = rig;
    const at = { door: "main-gate", node: "n1", reader: "r1", method: "card" as const, card: readerCard };
    const { id } = await client.call("identify", at);
    await client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
    assert.equal((await client.call("record", { attempt: id, node: "n3" })).outcome, "granted");
    clock.pass(60_000);
  };
  const seen = (auth: string) => rig.client.call("own.entries", { auth, kind: "decision", limit: 10 });
  const copied = async (auth: string) => {
    const { export: text } = await rig.client.call("person.export", { auth, person });
    const { log, leftOut } = JSON.parse(text) as {
      log: { entries: { class: string }[] };
      leftOut?: { said: Record<string, string> };
    };
    return { entries: log.entries.filter(({ class: kind }) => kind === "decision").length, leftOut };
  };
  const confirm = (auth: string, shown: { code: string } | { notation: string; number: string }) =>
    rig.client.call("session.confirm", { auth, ...shown });

  it("opens nobody's past: doors are shown from its use on, in the page and in the copy, which says so", async () => {
    await tap();
    const own = await residentOf(rig, person);
    const from = clock.now().toISOString();
    assert.deepEqual(await seen(own), { entries: [], from });
    const first = await copied(own);
    assert.equal(first.entries, 0);
    assert.match(first.leftOut!.said["en-US"]!, /staff made the link/);
    await tap();
    assert.equal((await seen(own)).entries.length, 1);
    assert.equal((await copied(own)).entries, 1);
    const { entries } = await rig.client.call("own.entries", { auth: own, kind: "look-up", limit: 5 });
    assert.deepEqual(entries, [], "who looked is theirs to see in any case");
  });

  it("shows all there is once something is shown that has been the resident's for a week", async () => {
    await tap();
    const early = await residentOf(rig, person);
    await assert.rejects(confirm(early, printedCard), { code: "own-too-new" });
    clock.pass(8 * dayMs);
    const own = await residentOf(rig, person);
    await assert.rejects(confirm(own, { ...printedCard, number: "0040856635" }), { code: "own-not-shown" });
    const made = await rig.client.call("credential.issue", {
      auth: await signedIn(rig, "Gu", "desk"),
      person,
      kind: "pin",
    });
    // whoever makes a code for the purpose is not let in by it
    await assert.rejects(confirm(own, { code: made.pin! }), { code: "own-too-new" });
    await confirm(own, printedCard);
    const { entries, from } = await seen(own);
    assert.deepEqual([entries.length, from], [1, undefined]);
    const copy = await copied(own);
    assert.deepEqual([copy.entries, copy.leftOut], [1, undefined]);
    assert.equal(
      (await seen(await residentOf(rig, person))).entries.length,
      0,
      "another link has shown nothing",
    );
  });

  it("takes nobody else's card or code, and few tries", async () => {
    clock.pass(8 * dayMs);
    const { id } = await rig.client.call("person.create", {
      auth: await signedIn(rig, "Gu", "desk"),
      name: "Wang",
    });
    const own = await residentOf(rig, id);
    for (let tries = 0; tries < 5; tries++)
      await assert.rejects(confirm(own, tries === 0 ? printedCard : { code: "000000" }), {
        code: "own-not-shown",
      });
    await assert.rejects(confirm(own, printedCard), { code: "try-later" });
  });

  it("leaves a passkey made by it with as much as itself, until the resident shows more", async () => {
    await tap();
    clock.pass(8 * dayMs);
    const own = await residentOf(rig, person);
    const from = clock.now().toISOString();
    const { passkeys, signIn } = rig.vault.services;
    const made = {
      publicKey: Buffer.alloc(32),
      counter: 0,
      rp: "localhost",
      transports: [],
      label: "",
      synced: false,
    };
    const credential = Buffer.from("a passkey");
    passkeys.book.add({ person }, { ...made, credential, doorsFrom: signIn.check(own).doorsFrom });
    const opened = () =>
      signIn.openFor({ person }, passkeys.book.find(credential, "localhost")!.doors_from).auth;
    assert.equal((await seen(opened())).from, from);
    const byKey = opened();
    await confirm(own, printedCard);
    assert.equal((await seen(byKey)).from, undefined);
    assert.equal((await seen(opened())).entries.length, 1);
    // one that showed everything before does so in a session by a link as well
    const { auth } = signIn.renew(await residentOf(rig, person), { doorsFrom: null });
    assert.equal((await seen(auth)).from, undefined);
  });

  it("is withdrawn from, agreed to and refused with the account on record that took it in", async () => {
    const { client } = rig;
    const notice = await client.call("notice.current", { method: "face", language: "zh-CN" });
    const { consent } = await client.call("consent.give", {
      auth: desk,
      person,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate"],
      notice: notice.id,
      givenBy: "self",
      channel: "desk",
    });
    await client.call("consent.withdraw", { auth: desk, id: consent.id });
    await client.call("consent.refuse", { auth: desk, person, method: "face", channel: "desk" });
    const found = rig.vault.services.log.query({ classes: ["consent"], subject: person, limit: 5 });
    assert.deepEqual(
      found.map(({ fields }) => [fields?.state, fields?.by, fields?.name, fields?.role]),
      [
        ["refused", "staff", "Fan", "desk"],
        ["withdrawn", "staff", "Fan", "desk"],
        ["given", "self", "Fan", "desk"],
      ],
    );
  });
});
