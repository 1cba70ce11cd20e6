import assert from "node:assert/strict";
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import type { VaultClient } from "../../vault/client.ts";
import type { VaultEvent } from "../../vault/protocol/index.ts";
import { handClock } from "../core/hand-clock.ts";
import { alwaysRule, estate, openRig, printedCard, type Rig, readerCard, tokenFor } from "./rig.ts";

const tap = (client: VaultClient, door = "main-gate") =>
  client.call("identify", { door, node: "n1", reader: "r1", method: "card", card: readerCard });
const ruled = (client: VaultClient, { id }: EntryAttempt) =>
  client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
const recorded = (client: VaultClient, { id }: EntryAttempt) =>
  client.call("record", { attempt: id, node: "n4" });

async function granted(client: VaultClient): Promise<EntryAttempt> {
  const sensed = await tap(client);
  await ruled(client, sensed);
  return await recorded(client, sensed);
}

async function resident(rig: Rig, auth: string, fields: object = {}): Promise<string> {
  const { id } = await rig.client.call("person.create", { auth, name: "王小明", ...fields });
  await rig.client.call("credential.issue", { auth, person: id, kind: "card", ...printedCard });
  return id;
}

describe("the vault and a card", () => {
  const clock = handClock();
  let rig: Rig;
  let auth: string;
  before(async () => {
    rig = await openRig({ clock });
    auth = await tokenFor(rig);
    await rig.client.call("configure", estate());
    await resident(rig, auth);
  });
  after(() => rig.close());

  it("opens once: sensed, ruled, recorded, then a ticket", async () => {
    const { client } = rig;
    const sensed = await tap(client);
    assert.match(sensed.person!, /^person_/);
    assert.equal(sensed.ticket, undefined);
    await ruled(client, sensed);
    await client.call("consent", { attempt: sensed.id, node: "n3" });
    const granted = await recorded(client, sensed);
    assert.equal(granted.outcome, "granted");
    assert.deepEqual(
      await client.call("redeem", { ticket: granted.ticket!, door: "main-gate", action: "open" }),
      {
        seconds: 3,
        attempt: sensed.id,
      },
    );
    await assert.rejects(
      client.call("redeem", { ticket: granted.ticket!, door: "main-gate", action: "open" }),
      {
        code: "ticket-used",
      },
    );
    const entry = rig.vault.services.log.read(granted.record!.index);
    assert.equal(entry?.fields?.outcome, "granted");
    assert.equal(entry?.fields?.method, "card");
  });

  it("tells the language of whoever is known beside the decision, on no wire and of no stranger", async () => {
    const { client } = rig;
    const number = "0123456789";
    const { id: person } = await client.call("person.create", {
      auth,
      name: "李四",
      languages: ["zh-TW", "en-US"],
    });
    await client.call("credential.issue", {
      auth,
      person,
      kind: "card",
      notation: "10H",
      number,
    });
    const heard: [string | undefined, string | undefined][] = [];
    const hear = (event: VaultEvent) => {
      if (event.event === "attempt") heard.push([event.attempt.code, event.language]);
    };
    client.on("event", hear);
    try {
      for (const card of [{ ...readerCard, number }, readerCard, { ...readerCard, number: "0123456780" }]) {
        const sensed = await client.call("identify", {
          door: "main-gate",
          node: "n1",
          reader: "r1",
          method: "card",
          card,
        });
        await ruled(client, sensed);
        const told = await recorded(client, sensed);
        assert.ok(!JSON.stringify(told).includes("zh-TW"));
      }
    } finally {
      client.off("event", hear);
    }
    assert.deepEqual(heard, [
      ["granted", "zh-TW"],
      ["granted", undefined],
      ["no-such-credential", undefined],
    ]);
  });

  it("gives no ticket to a flow that skips the rule, whatever the wire says", async () => {
    const sensed = await tap(rig.client);
    const denied = await recorded(rig.client, sensed);
    assert.deepEqual([denied.outcome, denied.code, denied.ticket], ["denied", "no-entry-rule", undefined]);
  });

  it("records an unknown card and opens nothing", async () => {
    const { client } = rig;
    const card = { ...readerCard, number: "0110185C5B" };
    const sensed = await client.call("identify", {
      door: "main-gate",
      node: "n1",
      reader: "r1",
      method: "card",
      card,
    });
    await ruled(client, sensed);
    const denied = await recorded(client, sensed);
    assert.deepEqual([denied.outcome, denied.code], ["denied", "no-such-credential"]);
    assert.equal(JSON.stringify(denied).includes("185C5B"), false);
  });

  it("refuses a ticket at another door, after five seconds, and one made up; each on the record", async () => {
    const { client } = rig;
    const open = (ticket: string, door: string) => client.call("redeem", { ticket, door, action: "open" });
    const other = await granted(client);
    await assert.rejects(open(other.ticket!, "unit-1"), { code: "ticket-wrong-door" });
    const late = await granted(client);
    clock.pass(6000);
    await assert.rejects(open(late.ticket!, "main-gate"), { code: "too-late" });
    await assert.rejects(open("granted", "main-gate"), { code: "ticket-unknown" });
    const { events } = await client.call("event.list", { auth, limit: 10 });
    assert.deepEqual(
      events
        .filter(({ kind }) => kind === "ticket-refused")
        .map(({ code }) => code)
        .slice(0, 3),
      ["ticket-unknown", "too-late", "ticket-wrong-door"],
    );
  });

  it("adds nothing to an attempt once it is recorded", async () => {
    const sensed = await tap(rig.client);
    await recorded(rig.client, sensed);
    await assert.rejects(ruled(rig.client, sensed), { code: "attempt-closed" });
    await assert.rejects(recorded(rig.client, sensed), { code: "attempt-closed" });
  });

  it("tells everybody the decision and nobody else the ticket", async () => {
    const { client } = rig;
    const heard: unknown[] = [];
    client.on("event", (event) => {
      if (event.event === "attempt") heard.push(event);
    });
    const sensed = await tap(client);
    await ruled(client, sensed);
    const granted = await recorded(client, sensed);
    const asked = await client.call("attempt", { id: sensed.id });
    assert.equal(asked.outcome, "granted");
    assert.equal(asked.ticket, undefined);
    assert.equal(heard.length, 1);
    assert.equal(JSON.stringify(heard).includes(granted.ticket!), false);
  });

  it("keeps tickets and face back while the deployed flow breaks a rule", async () => {
    const { client } = rig;
    const findings = [{ rule: "another-way", node: "n9", door: "main-gate" }];
    const answer = await client.call("configure", estate({ flow: { hash: "e".repeat(64), findings } }));
    assert.deepEqual(answer, { faceArmed: false, relaysArmed: false });
    const sensed = await tap(client);
    await ruled(client, sensed);
    const denied = await recorded(client, sensed);
    assert.deepEqual([denied.outcome, denied.code], ["denied", "flow-unlawful"]);
    await client.call("configure", estate());
  });

  it("blocks a lost card at once", async () => {
    const { client } = rig;
    const person = await client.call("person.create", { auth, name: "Li" });
    const card = { ...readerCard, number: "0110185C5B" };
    const issued = await client.call("credential.issue", {
      auth,
      person: person.id,
      kind: "card",
      notation: "8H10D",
      number: "0270031963",
    });
    const read = () =>
      client.call("identify", { door: "main-gate", node: "n1", reader: "r1", method: "card", card });
    assert.equal((await read()).person, person.id);
    await client.call("credential.block", { auth, id: issued.id, reason: "lost" });
    assert.equal((await read()).code, "credential-blocked");
  });
});

describe("the vault and the two doors of a lock", () => {
  const clock = handClock();
  const doors = ["main-gate", "unit-1"];
  let rig: Rig;
  before(async () => {
    rig = await openRig({ clock });
    await rig.client.call("configure", estate());
    await resident(rig, await tokenFor(rig));
  });
  after(() => rig.close());

  const interlocked = (sensed: EntryAttempt, interlock = doors) =>
    rig.client.call("decide", { attempt: sensed.id, node: "n2", rule: { ...alwaysRule, interlock } });
  const told = (door: string, kind: "closed" | "opened" | "held" | "fire" | "fire-reset") =>
    rig.client.call("event", { door, kind });

  it("opens one at a time, and says which it waits for by code only", async () => {
    await told("main-gate", "held");
    const waiting = await interlocked(await tap(rig.client, "unit-1"));
    assert.equal(waiting.code, "interlock");
    await told("main-gate", "closed");
    assert.equal((await interlocked(await tap(rig.client, "unit-1"))).outcome, "pending");
  });

  it("grants one of two that were asked at the same moment", async () => {
    clock.pass(60_000);
    const both = await Promise.all(doors.map((door) => tap(rig.client, door)));
    for (const sensed of both) assert.equal((await interlocked(sensed)).outcome, "pending");
    const ends = await Promise.all(both.map((sensed) => recorded(rig.client, sensed)));
    assert.deepEqual(ends.map(({ code }) => code).sort(), ["granted", "interlock"]);
    // and the other one's turn comes only after the first has opened and shut
    const [first, other] = ends[0]!.outcome === "granted" ? doors : [...doors].reverse();
    const { ticket } = ends.find(({ outcome }) => outcome === "granted")!;
    await rig.client.call("redeem", { ticket: ticket!, door: first!, action: "open" });
    await told(first!, "opened");
    clock.pass(3500);
    assert.equal((await interlocked(await tap(rig.client, other))).code, "interlock");
    await told(first!, "closed");
    assert.equal((await interlocked(await tap(rig.client, other))).outcome, "pending");
  });

  it("yields to fire at the door", async () => {
    await told("main-gate", "held");
    await told("unit-1", "fire");
    assert.equal((await interlocked(await tap(rig.client, "unit-1"))).outcome, "pending");
    await told("unit-1", "fire-reset");
    assert.equal((await interlocked(await tap(rig.client, "unit-1"))).code, "interlock");
  });

  it("refuses a rule that names a door there is none of", async () => {
    const sensed = await tap(rig.client, "unit-1");
    await assert.rejects(interlocked(sensed, ["mian-gate"]), { code: "unknown-door" });
    assert.equal((await recorded(rig.client, sensed)).code, "no-entry-rule");
  });
});

describe("the vault and what stands at a door", () => {
  const clock = handClock();
  let rig: Rig;
  let auth: string;
  before(async () => {
    rig = await openRig({ clock });
    await rig.client.call("configure", estate());
    auth = await tokenFor(rig);
    await resident(rig, auth);
  });
  after(() => rig.close());

  const door = "main-gate";
  const reader = (name: string, alive: boolean) =>
    rig.client.call("level", { door, reader: { name, alive, ways: ["card"] } });
  const kinds = async () =>
    (await rig.client.call("event.list", { auth, door, limit: 50 })).events
      .filter(({ kind }) => kind.startsWith("reader"))
      .map(({ kind }) => kind)
      .reverse();
  const state = async () => (await rig.client.call("door.list", { auth })).doors[0]!.state;
  const out = async () => (await rig.client.call("door.screen", { door })).out;

  it("records of a reader what is news, and nothing twice, also over a restart", async () => {
    await reader("north", true);
    await reader("north", false);
    await reader("north", false);
    assert.deepEqual(await kinds(), ["reader-silent"]);
    assert.deepEqual(await out(), ["card"]);
    await reader("south", true); // another one takes cards there
    assert.equal(await out(), undefined);
    assert.deepEqual((await rig.client.call("health", {})).readers, [
      { door, name: "north", alive: false },
      { door, name: "south", alive: true },
    ]);
    await rig.restart();
    await rig.client.call("configure", estate());
    assert.deepEqual((await rig.client.call("health", {})).readers, []);
    await reader("south", true);
    await reader("north", true); // it came back while nobody was there to hear it
    assert.deepEqual(await kinds(), ["reader-silent", "reader-back"]);
  });

  it("shows a lock as released for its time only, and a door as open while its contact says so", async () => {
    const granted = async () => {
      const sensed = await tap(rig.client, door);
      await rig.client.call("decide", { attempt: sensed.id, node: "n2", rule: alwaysRule });
      const { ticket } = await recorded(rig.client, sensed);
      await rig.client.call("redeem", { ticket: ticket!, door, action: "open" });
      await rig.client.call("event", { door, kind: "opened", attempt: sensed.id });
    };
    assert.equal(await state(), "unknown");
    await granted();
    assert.equal(await state(), "released");
    clock.pass(3001);
    assert.equal(await state(), "unknown"); // a door without a contact, and nobody needs to say that it shut
    await granted();
    await rig.client.call("level", { door, contact: "open" });
    clock.pass(3_600_000);
    assert.equal(await state(), "open");
    await rig.client.call("level", { door, contact: "closed" });
    assert.equal(await state(), "closed");
    await granted();
    await rig.client.call("event", { door, kind: "not-taken" });
    clock.pass(3001);
    assert.equal(await state(), "closed");
  });
});

describe("the vault's doorkeeping", () => {
  let rig: Rig;
  before(async () => {
    rig = await openRig();
  });
  after(() => rig.close());

  it("makes one manager at the first start, whose password waits in a private file until it is used", async () => {
    const file = join(rig.data, "first-password.txt");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const [name, password] = readFileSync(file, "utf8").trim().split("\n");
    const open = (given: string) =>
      rig.client.call("session.open", { name: name!, password: given, address: "127.0.0.1" });
    await assert.rejects(open("wrong-password-1"), { code: "sign-in-failed" });
    assert.equal(existsSync(file), true);
    const { auth, role } = await open(password!);
    assert.equal(role, "manager");
    assert.equal(existsSync(file), false);
    assert.equal((await rig.client.call("session.check", { auth })).kind, "session");
    await rig.client.call("session.close", { auth });
    await assert.rejects(rig.client.call("session.check", { auth }), { code: "not-signed-in" });
  });

  it("answers health and nothing else before a flow is declared", async () => {
    const health = await rig.client.call("health", {});
    assert.equal(health.status, "degraded");
    assert.equal(health.armed.relays, false);
    await assert.rejects(tap(rig.client), { code: "unknown-door" });
  });

  it("refuses what is not in its schema, naming the field", async () => {
    const wrong = { door: "Main Gate", node: "n", reader: "r", method: "card" } as never;
    await assert.rejects(rig.client.call("identify", wrong), { code: "invalid", field: "/door" });
    await assert.rejects(rig.client.call("dump-templates" as never, {} as never), { code: "verb-unknown" });
    await assert.rejects(rig.client.call("constructor" as never, {} as never), { code: "verb-unknown" });
  });

  it("keeps people, cards and the log over a restart, and forgets tickets", async () => {
    const auth = await tokenFor(rig);
    await rig.client.call("configure", estate());
    const person = await resident(rig, auth);
    const sensed = await tap(rig.client);
    await ruled(rig.client, sensed);
    const { ticket, record } = await recorded(rig.client, sensed);
    await rig.restart();
    await rig.client.call("configure", estate());
    await assert.rejects(rig.client.call("redeem", { ticket: ticket!, door: "main-gate", action: "open" }), {
      code: "ticket-unknown",
    });
    assert.equal((await tap(rig.client)).person, person);
    assert.equal(rig.vault.services.log.read(record!.index)?.fields?.attempt, sensed.id);
  });

  it("refuses a second vault on the same data", async () => {
    await assert.rejects(openRig({ data: rig.data }), { code: "vault-running" });
  });
});
