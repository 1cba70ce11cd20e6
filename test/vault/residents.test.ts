import assert from "node:assert/strict";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { handClock } from "../core/hand-clock.ts";
import { signedIn } from "./accounts.ts";
import { alwaysRule, estate, openRig, printedCard, type Rig, readerCard, tokenFor } from "./rig.ts";

/** The estate, its gate opening from a resident's own page. */
const openByPhone = () => {
  const { doors, ...rest } = estate();
  return { ...rest, doors: doors.map((door) => ({ ...door, phone: "anywhere" as const })) };
};

describe("residents, passes and the office", () => {
  const clock = handClock();
  let rig: Rig;
  let auth: string;
  let li: string;
  let wang: string;
  before(async () => {
    rig = await openRig({ clock });
    await rig.client.call("configure", openByPhone());
    auth = await tokenFor(rig);
    ({ id: li } = await rig.client.call("person.create", { auth, name: "李红", flat: "1-101" }));
    ({ id: wang } = await rig.client.call("person.create", { auth, name: "王明", flat: "1-102" }));
    await rig.client.call("credential.issue", { auth, person: li, kind: "card", ...printedCard });
  });
  after(() => rig.close());

  const enter = async (sense: Omit<Request<"identify">, "node" | "reader">): Promise<EntryAttempt> => {
    const { client } = rig;
    const { id } = await client.call("identify", { node: "n1", reader: "r1", ...sense });
    await client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
    return await client.call("record", { attempt: id, node: "n3" });
  };
  const tap = () => enter({ door: "main-gate", method: "card", card: readerCard });
  const session = async (person: string): Promise<string> => {
    const { invitation } = await rig.client.call("resident.invite", { auth, person });
    const opened = await rig.client.call("session.accept", { invitation, address: "127.0.0.1" });
    assert.equal(opened.person, person);
    return opened.auth;
  };
  const visit = (own: string, more: Partial<Request<"pass.issue">> = {}) =>
    rig.client.call("pass.issue", {
      auth: own,
      person: li,
      kind: "visitor",
      from: clock.now().toISOString(),
      until: new Date(clock.now().getTime() + 3_600_000).toISOString(),
      uses: 1,
      window: 0,
      doors: ["main-gate"],
      ...more,
    });

  it("see their own entries and who looked, and nobody else's", async () => {
    const own = await session(li);
    assert.equal((await tap()).outcome, "granted");
    await rig.client.call("person.read", { auth, id: li, purpose: "desk-request" });
    const entries = await rig.client.call("own.entries", { auth: own, kind: "decision", limit: 10 });
    assert.deepEqual(
      entries.entries.map(({ method, outcome }) => [method, outcome]),
      [["card", "granted"]],
    );
    const looks = await rig.client.call("own.entries", { auth: own, kind: "look-up", limit: 10 });
    assert.deepEqual(
      looks.entries.map(({ purpose, role }) => [purpose, role]),
      [["desk-request", "manager"]],
    );
    const others = await session(wang);
    const none = await rig.client.call("own.entries", { auth: others, kind: "decision", limit: 10 });
    assert.deepEqual(none.entries, []);
    await assert.rejects(rig.client.call("own.entries", { auth, kind: "decision", limit: 10 }), {
      code: "not-allowed",
    });
  });

  it("see who looked at their consents, passes and erasures, each for a purpose", async () => {
    const { client } = rig;
    const own = await session(wang);
    for (const [verb, what] of [
      ["consent.list", "consents"],
      ["pass.list", "passes"],
      ["erasure.list", "erasures"],
    ] as const) {
      await assert.rejects(client.call(verb, { auth, person: wang }), { code: "purpose-needed" }, verb);
      await client.call(verb, { auth: own, person: wang }); // one's own look at one's own data
      const before = await client.call("own.entries", { auth: own, kind: "look-up", limit: 10 });
      assert.ok(!before.entries.some((entry) => entry.what === what), verb);
      await client.call(verb, { auth, person: wang, purpose: "rights-request" });
      const { entries } = await client.call("own.entries", { auth: own, kind: "look-up", limit: 1 });
      assert.deepEqual(
        entries.map((entry) => [entry.role, entry.purpose, entry.what]),
        [["manager", "rights-request", what]],
      );
    }
  });

  it("reach one person only: themselves", async () => {
    const own = await session(wang);
    const { client } = rig;
    for (const asked of [
      () => client.call("consent.list", { auth: own, person: li }),
      () => client.call("consent.withdraw-all", { auth: own, person: li }),
      () => client.call("pass.list", { auth: own, person: li }),
      () => client.call("person.export", { auth: own, person: li }),
      () => client.call("erasure.start", { auth: own, person: li }),
      () => client.call("erasure.list", { auth: own, person: li }),
      () => client.call("face.remove", { auth: own, person: li }),
      () => visit(own),
    ]) {
      await assert.rejects(asked, { code: "not-allowed" });
    }
    await assert.rejects(client.call("person.list", { auth: own, purpose: "audit", limit: 10 }), {
      code: "not-allowed",
    });
  });

  it("read who of staff gave them a card, a code or a pass; of what they made themselves, nobody's name", async () => {
    const { client } = rig;
    const desk = await signedIn(rig, "Feng", "desk");
    const { id: person } = await client.call("person.create", { auth: desk, name: "陈静" });
    const own = await session(person);
    const printed = { notation: "8H10D", number: "0040850001" };
    await client.call("credential.issue", { auth: desk, person, kind: "card", ...printed });
    await client.call("credential.issue", { auth: desk, person, kind: "pin" });
    await client.call("code.set", { auth: desk, person });
    await visit(desk, { person });
    await client.call("code.set", { auth: own, person, code: "482915" });
    await visit(own, { person });
    const { entries } = await client.call("own.entries", { auth: own, kind: "configuration", limit: 20 });
    const made = entries.filter(({ what }) => what?.endsWith("-issued")).reverse();
    assert.deepEqual(
      made.map(({ what, name, role }) => [what, name, role]),
      [
        ["credential-issued", "Feng", "desk"],
        ["credential-issued", "Feng", "desk"],
        ["credential-issued", "Feng", "desk"],
        ["pass-issued", "Feng", "desk"],
        ["credential-issued", undefined, "resident"],
        ["pass-issued", undefined, "resident"],
      ],
    );
  });

  it("come in by an invitation that works once", async () => {
    const { invitation } = await rig.client.call("resident.invite", { auth, person: li });
    const accept = () => rig.client.call("session.accept", { invitation, address: "192.0.2.1" });
    const { auth: own } = await accept();
    await assert.rejects(accept(), { code: "sign-in-failed" });
    const { entries } = await rig.client.call("own.entries", { auth: own, kind: "configuration", limit: 2 });
    assert.deepEqual(
      entries.map(({ what, name, role }) => [what, name, role]),
      [
        ["invitation-used", undefined, undefined],
        ["resident-invited", "manager", "manager"],
      ],
      "both, and who of staff made it",
    );
  });

  it("are invited by whoever proved moments ago who they are", async () => {
    const desk = await signedIn(rig, "Fan", "desk");
    await rig.client.call("resident.invite", { auth: desk, person: li });
    clock.pass(11 * 60_000);
    await assert.rejects(rig.client.call("resident.invite", { auth: desk, person: li }), {
      code: "fresh-sign-in-needed",
    });
  });

  it("come in by no link once they moved out or somebody ended their phone's way in", async () => {
    const { client } = rig;
    const invited = async (name: string) => {
      const { id: person } = await client.call("person.create", { auth, name });
      const { invitation } = await client.call("resident.invite", { auth, person });
      return { person, accept: () => client.call("session.accept", { invitation, address: "192.0.2.9" }) };
    };
    const gone = await invited("Zhou");
    await client.call("person.leave", { auth, id: gone.person });
    await assert.rejects(gone.accept(), { code: "sign-in-failed" });
    const lost = await invited("Wei");
    await client.call("passkey.forget", { auth, person: lost.person });
    await assert.rejects(lost.accept(), { code: "sign-in-failed" });
    const left = await invited("Han");
    rig.vault.services.persons.leave(left.person);
    await assert.rejects(left.accept(), { code: "residency-ended" });
  });

  it("say yes and no on their own page, for themselves; the desk says so for what was said there", async () => {
    const { client } = rig;
    const { id: sun } = await client.call("person.create", { auth, name: "孙丽" });
    const own = await session(sun);
    const { id: notice } = await client.call("notice.current", {
      method: "face",
      door: "main-gate",
      language: "zh-CN",
    });
    const give = (more: Partial<Request<"consent.give">>) =>
      client.call("consent.give", {
        auth: own,
        person: sun,
        purpose: "door-entry",
        method: "face",
        doors: ["main-gate"],
        notice,
        language: "zh-CN",
        givenBy: "self",
        channel: "resident-page",
        ...more,
      });
    for (const channel of ["desk", "paper"] as const) {
      await assert.rejects(give({ channel }), { code: "consent-channel", field: "/channel" });
      await assert.rejects(
        client.call("consent.refuse", { auth: own, person: sun, method: "face", channel }),
        {
          code: "consent-channel",
        },
      );
    }
    await assert.rejects(give({ auth }), { code: "consent-channel", field: "/channel" });
    await assert.rejects(
      client.call("consent.refuse", { auth, person: sun, method: "face", channel: "resident-page" }),
      { code: "consent-channel" },
    );
    const { id: child } = await client.call("person.create", { auth, name: "小李", birthDate: "2018-01-01" });
    await assert.rejects(
      give({ person: child, givenBy: "guardian", guardian: sun, relation: "parent" }),
      { code: "consent-guardian-desk" },
      "whom they could neither list nor withdraw",
    );
    const { consent } = await give({});
    assert.equal(consent.channel, "resident-page");
    await client.call("consent.withdraw", { auth: own, id: consent.id });
  });

  it("let a visitor in once, by scan or by code, and take the pass back", async () => {
    const own = await session(li);
    const { id, text } = await visit(own);
    const granted = await enter({ door: "main-gate", method: "pass", text });
    assert.deepEqual([granted.outcome, granted.assurance, granted.person], ["granted", "strong", li]);
    assert.equal((await enter({ door: "main-gate", method: "pass", text })).code, "pass-used-up");
    const { passes } = await rig.client.call("pass.list", { auth: own, person: li });
    assert.deepEqual(
      passes.map((pass) => [pass.id, pass.used, pass.state]),
      [[id, 1, "used-up"]],
    );
    const other = await visit(own);
    assert.equal((await enter({ door: "unit-1", method: "pass", text: other.code })).code, "no-rights-here");
    await rig.client.call("pass.revoke", { auth: own, id: other.id });
    assert.equal(
      (await enter({ door: "main-gate", method: "pass", text: other.text })).code,
      "credential-blocked",
    );
  });

  it("of two readers at once, a single pass opens one", async () => {
    const { text } = await visit(await session(li));
    const both = await Promise.all([1, 2].map(() => enter({ door: "main-gate", method: "pass", text })));
    assert.deepEqual(both.map(({ outcome }) => outcome).sort(), ["denied", "granted"]);
  });

  it("open from their own phone's session, and from nobody's", async () => {
    const own = await session(li);
    assert.equal((await enter({ door: "main-gate", method: "phone", auth: own })).outcome, "granted");
    await assert.rejects(enter({ door: "main-gate", method: "phone", auth: "ls_000000000000000000000000" }), {
      code: "not-signed-in",
    });
    assert.equal((await enter({ door: "main-gate", method: "phone", auth })).code, "no-such-credential");
  });

  it("stay out during a lockdown, also after a restart, until it is lifted", async () => {
    const lock = { auth, doors: ["main-gate"] };
    await rig.client.call("lockdown.set", { ...lock, on: true, reason: "threat" });
    assert.equal((await tap()).code, "locked-down");
    await rig.restart();
    await rig.client.call("configure", estate());
    assert.equal((await tap()).code, "locked-down");
    await rig.client.call("lockdown.set", { ...lock, on: false, reason: "over" });
    assert.equal((await tap()).outcome, "granted");
    await assert.rejects(
      rig.client.call("lockdown.set", { ...lock, doors: ["nowhere"], on: true, reason: "drill" }),
      {
        code: "unknown-door",
      },
    );
  });

  interface Copy {
    person: { name: string };
    log: { entries: { class: string; door?: string; at?: string; proof: string }[] };
    passes: object[];
    leftOut?: { what: string[]; said: Record<string, string> };
  }
  const copyFor = async (asker: string, more: { case?: string } = {}): Promise<[Copy, string]> => {
    const { export: text } = await rig.client.call("person.export", { auth: asker, person: li, ...more });
    return [JSON.parse(text) as Copy, text];
  };
  const decisionsIn = ({ log }: Copy) => log.entries.filter(({ class: kind }) => kind === "decision");

  it("get everything held about them, with proofs, and nothing that opens a door", async () => {
    const [held, text] = await copyFor(await session(li));
    assert.equal(held.person.name, "李红");
    assert.ok(decisionsIn(held).length > 2);
    assert.ok(held.passes.some((pass) => "used" in pass));
    // what was before the link is the one thing that is not in it (links.test.ts)
    assert.deepEqual(held.leftOut?.what, ["door-entries"]);
    assert.equal(text.includes(printedCard.number), false);
    assert.equal(text.includes(readerCard.number), false);
  });

  it("see what is held on their own page, without a copy being made", async () => {
    const own = await session(li);
    const seen = await rig.client.call("own.overview", { auth: own });
    assert.deepEqual(seen.person, { name: "李红", flat: "1-101" });
    assert.ok(seen.credentials.some(({ kind, tail }) => kind === "card" && tail === "6634"));
    assert.equal(seen.face, false);
    await assert.rejects(rig.client.call("own.overview", { auth }), { code: "not-allowed" });
  });

  it("see who looked at a proof of residence, and that only its kind was kept", async () => {
    const { id } = await rig.client.call("person.create", {
      auth,
      name: "何平",
      flat: "2-303",
      proof: "lease",
    });
    const own = await session(id);
    const overview = async () => (await rig.client.call("own.overview", { auth: own })).person;
    const { name: by } = await rig.client.call("session.check", { auth });
    const zone = { timeZone: estate().site.timeZone, dateStyle: "short" } as const;
    const on = new Intl.DateTimeFormat("sv-SE", zone).format(clock.now());
    assert.deepEqual((await overview()).proof, { by, on, kind: "lease" });
    const change = (changes: Omit<Request<"person.update">, "auth" | "id">) =>
      rig.client.call("person.update", { auth, id, ...changes });
    await change({ proof: "deed", languages: ["zh-TW"], birthDate: "1970-02-03" });
    const read = () => rig.client.call("person.read", { auth, id, purpose: "desk-request" });
    const seen = await read();
    assert.deepEqual([seen.proof, seen.languages], [{ by, on, kind: "deed" }, ["zh-TW"]]);
    await change({ flat: null });
    assert.deepEqual((await read()).proof, seen.proof, "what is not named stays");
    await change({ proof: null, languages: null, birthDate: null });
    assert.deepEqual(await overview(), { name: "何平" });
  });

  it("keep nobody waiting while a copy with hundreds of proofs is made", async () => {
    const { client } = rig;
    const { id: busy } = await client.call("person.create", { auth, name: "忙人" });
    const { log } = rig.vault.services;
    const at = clock.now();
    const entries = 200;
    const fields = { at: at.toISOString(), door: "main-gate", outcome: "granted" };
    log.appendWith(
      Array.from({ length: entries }, () => ({
        class: "decision" as const,
        at,
        door: "main-gate",
        subject: busy,
        fields,
      })),
    );
    const own = await session(busy);
    let done = false;
    const copy = client.call("person.export", { auth: own, person: busy }).finally(() => {
      done = true;
    });
    let answered = 0;
    for (; !done; answered++) await client.call("door.list", { auth });
    const { log: held } = JSON.parse((await copy).export) as Copy;
    assert.ok(held.entries.filter(({ class: kind }) => kind === "decision").length >= entries);
    // made in one go it would let one or two through: before it, and after
    assert.ok(answered >= 15, `${answered} answered meanwhile`);
  });

  it("have no copy of their movements made by one of staff, nor by a token, and the copy says so", async () => {
    for (const asker of [auth, await signedIn(rig, "sun"), await tokenFor(rig, "privacy-officer")]) {
      const [held] = await copyFor(asker);
      assert.equal(held.person.name, "李红");
      assert.ok(held.log.entries.length > 3);
      assert.deepEqual(decisionsIn(held), []);
      assert.equal(held.log.entries.filter(({ door }) => door !== undefined).length, 0);
      assert.ok(held.passes.length > 0);
      for (const pass of held.passes) assert.ok(!("used" in pass) && !("state" in pass));
      assert.deepEqual(held.leftOut?.what, ["door-entries", "pass-use"]);
      for (const language of ["zh-CN", "zh-TW", "en-US"]) assert.match(held.leftOut!.said[language]!, /\/me/);
    }
  });

  it("have those of a case put in that a second person approved, and see it on their own page", async () => {
    const { client } = rig;
    const [first, second] = [await signedIn(rig, "wu"), await signedIn(rig, "lin", "privacy-officer")];
    const opened = (more: Partial<Request<"disclosure.open">> = {}) =>
      client.call("disclosure.open", {
        auth: first,
        kind: "inquiry",
        recipient: "李红",
        basis: "own-claim",
        case: "2026-31",
        why: "包裹丢失索赔",
        officer: "李红",
        doors: ["unit-1"],
        from: new Date(clock.now().getTime() - 86_400_000).toISOString(),
        to: clock.now().toISOString(),
        person: li,
        names: false,
        expires: new Date(clock.now().getTime() + 86_400_000).toISOString(),
        ...more,
      });
    await enter({ door: "unit-1", method: "card", card: readerCard });
    const { id } = await opened();
    await assert.rejects(copyFor(first, { case: id }), { code: "disclosure-not-approved" });
    await client.call("disclosure.approve", { auth: second, id });
    const [held] = await copyFor(first, { case: id });
    assert.deepEqual(new Set(decisionsIn(held).map(({ door }) => door)), new Set(["unit-1"]));
    assert.ok(held.leftOut !== undefined && held.passes.every((pass) => !("used" in pass)));
    const own = await session(li);
    const { disclosures } = await client.call("rights.own", { auth: own });
    assert.equal(disclosures[0]?.id, id);
    // somebody else's case, or an authority's, opens nothing here
    for (const more of [{ person: wang }, { kind: "authority", basis: "court-order" }] as const) {
      const other = await opened(more);
      await client.call("disclosure.approve", { auth: second, id: other.id });
      await assert.rejects(copyFor(first, { case: other.id }), { code: "disclosure-other", field: "/case" });
    }
  });

  it("have their entries kept for a claim, and the rest go on its day", async () => {
    const { client } = rig;
    const today = clock.now().toISOString().slice(0, 10);
    const expires = new Date(clock.now().getTime() + 300 * 86_400_000).toISOString();
    const { id } = await client.call("hold.put", {
      auth,
      from: today,
      to: today,
      reason: "claim 7",
      expires,
    });
    clock.pass(40 * 86_400_000);
    assert.equal((await client.call("retention.run", { class: "entry-events", days: 30 })).entries, 0);
    await client.call("hold.lift", { auth, id });
    const preview = await client.call("retention.preview", { class: "entry-events", days: 30 });
    assert.ok(preview.entries > 0);
    const run = await client.call("retention.run", { class: "entry-events", days: 30 });
    assert.equal(run.entries, preview.entries);
    assert.match(run.certificate!, /"scope":"days"/);
    const coverage = await client.call("log.coverage", { auth });
    assert.deepEqual(coverage.findings, []);
    await assert.rejects(client.call("retention.run", { class: "security-log", days: 30 }), {
      code: "retention-out-of-bounds",
    });
    assert.ok((await client.call("retention.run", { class: "passes", days: 30 })).entries > 0);
  });

  it("have cards and codes that ended forgotten after their days, unless a claim keeps them", async () => {
    const { client } = rig;
    const { id: person } = await client.call("person.create", { auth, name: "Somebody" });
    const lost = await client.call("credential.issue", { auth, person, kind: "pin" });
    const kept = await client.call("credential.issue", { auth, person, kind: "pin" });
    await client.call("credential.block", { auth, id: lost.id, reason: "lost" });
    const ended = { class: "credentials", days: 30 } as const;
    await client.call("retention.run", ended);
    const { credentials, holds, log } = rig.vault.services;
    assert.equal(credentials.of(person).length, 2, "not yet");
    clock.pass(31 * 86_400_000);
    assert.ok((await client.call("retention.preview", ended)).entries > 0);
    const today = clock.now().toISOString().slice(0, 10);
    const expires = new Date(clock.now().getTime() + 9 * 86_400_000).toISOString();
    const { id } = await client.call("hold.put", {
      auth,
      person,
      from: today,
      to: today,
      reason: "claim 8",
      expires,
    });
    await client.call("retention.run", ended);
    assert.equal(credentials.of(person).length, 2, "kept for the claim");
    await client.call("hold.lift", { auth, id });
    assert.equal(holds.onAny([person]), false);
    assert.equal((await client.call("retention.run", ended)).entries, 1);
    assert.deepEqual(
      credentials.of(person).map((credential) => credential.id),
      [kept.id],
    );
    assert.equal((await client.call("retention.preview", ended)).entries, 0);
    assert.equal(log.query({ classes: ["configuration"], limit: 1 })[0]?.fields?.what, "credentials-over");
    await assert.rejects(client.call("retention.run", { ...ended, days: 3 }), {
      code: "retention-out-of-bounds",
    });
  });

  it("have ended consents cut from them after their years, never the word that still counts", async () => {
    const { client } = rig;
    auth = await tokenFor(rig);
    const notice = await client.call("notice.current", { method: "face", language: "zh-CN" });
    const give = () =>
      client.call("consent.give", {
        auth,
        person: wang,
        purpose: "door-entry",
        method: "face",
        doors: ["main-gate"],
        notice: notice.id,
        givenBy: "self",
        channel: "desk",
      });
    const first = await give();
    await client.call("consent.withdraw", { auth, id: first.consent.id });
    const second = await give();
    await client.call("consent.withdraw", { auth, id: second.consent.id });
    await assert.rejects(client.call("retention.run", { class: "consents", days: 30 }), {
      code: "retention-out-of-bounds",
    });
    clock.pass(1100 * 86_400_000);
    assert.equal((await client.call("retention.preview", { class: "consents", days: 1096 })).entries, 1);
    assert.equal((await client.call("retention.run", { class: "consents", days: 1096 })).entries, 1);
    auth = await tokenFor(rig);
    const { consents } = await client.call("consent.list", { auth, person: wang, purpose: "rights-request" });
    assert.deepEqual(
      consents.map(({ id, state }) => [id, state]),
      [[second.consent.id, "withdrawn"]],
    );
    await rig.restart();
    await rig.client.call("configure", estate());
    assert.equal((await rig.client.call("retention.preview", { class: "consents", days: 1096 })).entries, 0);
  });

  it("have papers before a real face: kept, closed and read back", async () => {
    const { client } = rig;
    const papers = {
      assessment: { at: clock.now().toISOString(), facts: "x", necessity: "No other way was wanted." },
    };
    await client.call("papers.put", { auth, papers });
    const { assessment, facesHeld } = (await client.call("papers.read", { auth })).papers;
    assert.deepEqual({ assessment }, papers);
    assert.equal(facesHeld, 0);
    await assert.rejects(client.call("papers.put", { auth, papers: { waiver: true } as never }), {
      code: "invalid",
    });
  });
});
