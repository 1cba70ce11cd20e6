import assert from "node:assert/strict";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { EntryRule } from "../../core/entry/rule.ts";
import { parse } from "../../core/schema.ts";
import type { Answer, Request } from "../../vault/protocol/index.ts";
import { handClock } from "../core/hand-clock.ts";
import { estate, openRig, printedCard, type Rig, readerCard, tokenFor } from "./rig.ts";

const hour = 3_600_000;
const day = 24 * hour;

/** The gate takes cards, codes after cards, passes and phones; the pool is a shared room. */
const site = (): Request<"configure"> => {
  const { doors, ...rest } = estate();
  const [gate, unit] = doors;
  return {
    ...rest,
    doors: [
      {
        ...gate!,
        ways: ["card", "face", "guard", "pass", "phone", "pin"],
        seconds: ["pin"],
        longSeconds: 12,
        phone: "at-door",
      },
      { ...unit!, longSeconds: 12, phone: "anywhere", ways: ["card", "face", "phone"] },
      { ...unit!, id: "pool", name: "Pool", class: "amenity", ways: ["card", "pin"] },
    ],
  };
};

describe("rules of entry, in the vault", () => {
  // Monday noon in Shanghai
  let clock = handClock("2026-11-23T04:00:00.000Z");
  let rig: Rig;
  let auth: string;
  let li: string;
  beforeEach(async () => {
    clock = handClock("2026-11-23T04:00:00.000Z");
    rig = await openRig({ clock });
    await rig.client.call("configure", site());
    auth = await tokenFor(rig);
    ({ id: li } = await rig.client.call("person.create", { auth, name: "李红", flat: "1-101" }));
    await rig.client.call("credential.issue", { auth, person: li, kind: "card", ...printedCard });
  });
  afterEach(() => rig.close());

  type Sense = Omit<Request<"identify">, "node" | "reader">;
  const rule = (fields: object = {}) => parse(EntryRule, fields);
  const card = (door = "main-gate"): Sense => ({ door, method: "card", card: readerCard });
  const enter = async (senses: Sense | Sense[], by = rule()): Promise<EntryAttempt> => {
    const { client } = rig;
    let id: string | undefined;
    for (const sense of [senses].flat()) {
      const sensed = await client.call("identify", {
        node: "n1",
        reader: "r1",
        ...sense,
        ...(id === undefined ? {} : { attempt: id }),
      });
      id = sensed.id;
    }
    await client.call("decide", { attempt: id!, node: "n2", rule: by });
    return await client.call("record", { attempt: id!, node: "n3" });
  };
  const open = async (attempt: EntryAttempt): Promise<Answer<"redeem">> =>
    await rig.client.call("redeem", { ticket: attempt.ticket!, door: attempt.door, action: "open" });
  const restart = async () => {
    await rig.restart();
    await rig.client.call("configure", site());
  };
  const session = async (person: string): Promise<string> => {
    const { invitation } = await rig.client.call("resident.invite", { auth, person });
    return (await rig.client.call("session.accept", { invitation, address: "127.0.0.1" })).auth;
  };
  const kinds = async (door: string) =>
    (await rig.client.call("event.list", { auth, door, limit: 200 })).events.map(({ kind }) => kind);
  const codeOf = (attempt: EntryAttempt) => attempt.code;

  describe("first person in", () => {
    const waits = rule({ firstPerson: "required", timeZone: "Asia/Shanghai" });
    let keeper: string;
    beforeEach(async () => {
      ({ id: keeper } = await rig.client.call("person.create", { auth, name: "赵叔", opens: ["pool"] }));
    });
    const keepersCode = async () => (await rig.client.call("code.set", { auth, person: keeper })).code!;

    it("lets nobody in before somebody named for the room, then everybody until midnight, also after a restart", async () => {
      const digits = await keepersCode();
      assert.equal(codeOf(await enter(card("pool"), waits)), "first-person-in");
      const first = await enter({ door: "pool", method: "pin", digits }, waits);
      assert.equal(first.outcome, "granted");
      assert.equal(codeOf(await enter(card("pool"), waits)), "first-person-in", "granted is not yet in");
      await open(first);
      assert.equal((await enter(card("pool"), waits)).outcome, "granted");
      await restart();
      assert.equal((await enter(card("pool"), waits)).outcome, "granted");
      assert.equal((await kinds("pool")).filter((kind) => kind === "day-begun").length, 1);
      clock.pass(12 * hour); // midnight in Shanghai
      assert.equal(codeOf(await enter(card("pool"), waits)), "first-person-in");
    });

    it("takes strong credentials before, where it only relaxes", async () => {
      const relaxes = rule({ firstPerson: "relaxes" });
      assert.equal(codeOf(await enter(card("pool"), relaxes)), "second-method-needed");
      const { code } = await rig.client.call("code.set", { auth, person: li });
      const both = await enter([card("pool"), { door: "pool", method: "pin", digits: code! }], relaxes);
      assert.equal(both.outcome, "granted");
      await open(await enter({ door: "pool", method: "pin", digits: await keepersCode() }, relaxes));
      assert.equal((await enter(card("pool"), relaxes)).outcome, "granted");
    });

    it("goes by the day of the place, and by the stretch that runs over midnight", async () => {
      const night = rule({
        firstPerson: "required",
        hours: [{ days: ["mon"], from: "20:00", to: "02:00" }],
      });
      clock.pass(9 * hour); // 21:00
      await open(await enter({ door: "pool", method: "pin", digits: await keepersCode() }, night));
      clock.pass(4 * hour); // 01:00 on Tuesday, Monday's stretch
      assert.equal((await enter(card("pool"), night)).outcome, "granted");
      clock.set(new Date("2026-11-30T13:00:00Z")); // a clock that is set makes another day
      assert.equal(codeOf(await enter(card("pool"), night)), "first-person-in");
    });

    it("makes nobody wait before their own home, whatever a flow says", async () => {
      assert.equal((await enter(card("unit-1"), waits)).outcome, "granted");
    });

    it("does not wait for staff who help", async () => {
      const { id } = await rig.client.call("assist", {
        auth: await tokenFor(rig, "guard"),
        door: "pool",
        reason: "other",
      });
      await rig.client.call("decide", { attempt: id, node: "n2", rule: waits });
      assert.equal((await rig.client.call("record", { attempt: id, node: "n3" })).outcome, "granted");
      assert.equal(codeOf(await enter(card("pool"), waits)), "first-person-in");
    });
  });

  describe("a technician's test opening", () => {
    const begin = async (role: "technician" | "manager" | "guard" | "auditor") =>
      await rig.client.call("door.test", { auth: await tokenFor(rig, role), door: "main-gate" });

    it("opens with the ticket of the flow's own record, by name and with its reason on the log", async () => {
      const { id } = await begin("technician");
      const early = await rig.client.call("record", { attempt: (await begin("manager")).id, node: "n3" });
      assert.deepEqual([early.outcome, early.ticket], ["denied", undefined], "no rule, no ticket");
      await rig.client.call("decide", { attempt: id, node: "n2", rule: rule() });
      const attempt = await rig.client.call("record", { attempt: id, node: "n3" });
      assert.equal(attempt.outcome, "granted");
      assert.equal((await open(attempt)).attempt, id);
      const assisted = rig.vault.services.log
        .query({ classes: ["door-event"], door: "main-gate", limit: 20 })
        .flatMap(({ fields }) => (fields?.kind === "assisted" ? [fields] : []));
      assert.deepEqual(assisted.map(({ reason, attempt: of }) => [reason, of === id]).sort(), [
        ["test", false],
        ["test", true],
      ]);
      assert.ok(assisted.every(({ by }) => typeof by === "string" && by !== ""));
    });

    it("is for technicians and managers, and waits like everybody while the door is locked down", async () => {
      for (const role of ["guard", "auditor"] as const)
        await assert.rejects(begin(role), { code: "not-allowed" });
      await rig.client.call("lockdown.set", { auth, doors: ["main-gate"], on: true, reason: "threat" });
      const { id } = await begin("technician");
      await rig.client.call("decide", { attempt: id, node: "n2", rule: rule() });
      assert.equal(codeOf(await rig.client.call("record", { attempt: id, node: "n3" })), "locked-down");
    });
  });

  describe("an emergency (RD-13)", () => {
    const declare = (more: Partial<Request<"emergency.declare">> = {}) =>
      rig.client.call("emergency.declare", {
        auth,
        doors: ["main-gate"],
        reason: "epidemic",
        note: "",
        end: new Date(clock.now().getTime() + 7 * day).toISOString(),
        two: true,
        noVisitors: true,
        ...more,
      });
    const pass = async (kind: "visitor" | "phone") =>
      (
        await rig.client.call("pass.issue", {
          auth,
          person: li,
          kind,
          from: clock.now().toISOString(),
          until: new Date(clock.now().getTime() + 20 * day).toISOString(),
          uses: 0,
          window: 0,
          doors: [],
        })
      ).text;

    it("asks two ways of those who have two without a face, and never of those who have one", async () => {
      await declare();
      assert.equal((await enter(card())).outcome, "granted", "a card is all this person has");
      const { code: digits } = await rig.client.call("code.set", { auth, person: li });
      assert.equal(codeOf(await enter(card())), "second-method-needed");
      const pin: Sense = { door: "main-gate", method: "pin", digits: digits! };
      assert.equal(codeOf(await enter(pin)), "second-method-needed");
      assert.equal((await enter([card(), pin])).outcome, "granted");
      assert.equal((await enter(card("unit-1"))).outcome, "granted", "other doors go on as before");
    });

    it("lets visitors' passes rest, residents' own not, and staff go on letting people in", async () => {
      const [visitor, own] = [await pass("visitor"), await pass("phone")];
      const scan = (text: string) => enter({ door: "main-gate", method: "pass", text });
      assert.equal((await scan(visitor)).outcome, "granted");
      const { id } = await declare();
      assert.equal(codeOf(await scan(visitor)), "visitors-closed");
      assert.equal((await scan(own)).outcome, "granted");
      const guard = await tokenFor(rig, "guard");
      const helped = await rig.client.call("assist", { auth: guard, door: "main-gate", reason: "visitor" });
      await rig.client.call("decide", { attempt: helped.id, node: "n2", rule: rule() });
      assert.equal((await rig.client.call("record", { attempt: helped.id, node: "n3" })).outcome, "granted");
      await rig.client.call("emergency.end", { auth, id });
      assert.equal((await scan(visitor)).outcome, "granted");
    });

    it("ends by itself, also while the box is off; it is on record and on the door's screen", async () => {
      const text = await pass("visitor");
      await declare();
      const [shown] = (await rig.client.call("door.screen", { door: "main-gate" })).emergencies ?? [];
      assert.deepEqual([shown?.reason, shown?.two, shown?.noVisitors], ["epidemic", true, true]);
      const { doors } = await rig.client.call("door.list", { auth });
      assert.deepEqual(
        doors.map(({ id, emergencies }) => [id, emergencies?.length]),
        [
          ["main-gate", 1],
          ["unit-1", undefined],
          ["pool", undefined],
        ],
      );
      clock.pass(3 * day);
      await restart();
      assert.equal(codeOf(await enter({ door: "main-gate", method: "pass", text })), "visitors-closed");
      clock.pass(4 * day);
      await restart();
      assert.equal((await enter({ door: "main-gate", method: "pass", text })).outcome, "granted");
      assert.equal((await rig.client.call("door.screen", { door: "main-gate" })).emergencies, undefined);
      assert.deepEqual((await rig.client.call("emergency.list", { auth })).emergencies, []);
      const kept = await kinds("main-gate");
      assert.ok(kept.includes("emergency"));
    });

    it("is declared by a manager alone, with a reason of the list, and an end within the pack", async () => {
      const guard = await tokenFor(rig, "guard");
      await assert.rejects(declare({ auth: guard }), { code: "not-allowed" });
      await assert.rejects(declare({ reason: "security" as never }), { code: "invalid" });
      await assert.rejects(declare({ end: undefined as never }), { code: "invalid" });
      await assert.rejects(declare({ methods: ["face"] } as never), { code: "invalid" });
      const late = new Date(clock.now().getTime() + 31 * day).toISOString();
      await assert.rejects(declare({ end: late }), { code: "emergency-too-long" });
      await assert.rejects(declare({ doors: ["unit-1"] }), { code: "emergency-last-way" });
      await assert.rejects(declare({ doors: ["nowhere"] }), { code: "unknown-door" });
      assert.equal((await rig.client.call("emergency.list", { auth: guard })).mostDays, 30);
    });

    it("asks nothing that a later flow makes impossible without a face", async () => {
      await declare();
      await rig.client.call("code.set", { auth, person: li });
      assert.equal(codeOf(await enter(card())), "second-method-needed");
      const { doors, ...rest } = site();
      await rig.client.call("configure", { ...rest, doors: doors.map(({ seconds: _, ...door }) => door) });
      assert.equal((await enter(card())).outcome, "granted");
    });

    it("of a flow is asked in its time, by its rules, and ends for good", async () => {
      const written = rule({
        emergency: "storm",
        emergencyFrom: "2026-11-23 11:00",
        emergencyUntil: "2026-11-24 11:00",
        emergencyNoVisitors: true,
      });
      const text = await pass("visitor");
      const scan = () => enter({ door: "main-gate", method: "pass", text }, written);
      assert.equal(codeOf(await scan()), "visitors-closed");
      clock.pass(day);
      assert.equal((await scan()).outcome, "granted");
      clock.set(new Date("2026-11-23T05:00:00Z"));
      assert.equal((await scan()).outcome, "granted", "a clock set back does not bring it back");
      await restart();
      assert.equal((await scan()).outcome, "granted");
    });
  });

  it("a lockdown keeps nobody in: leaving and fire are taken and recorded, whatever else is asked there", async () => {
    await rig.client.call("lockdown.set", {
      auth,
      doors: ["main-gate", "unit-1", "pool"],
      on: true,
      reason: "threat",
    });
    assert.equal(codeOf(await enter(card())), "locked-down");
    for (const kind of ["exit", "fire", "fire-reset"] as const)
      assert.ok((await rig.client.call("event", { door: "main-gate", kind })).index! > 0, kind);
    const kept = await kinds("main-gate");
    for (const kind of ["exit", "fire", "fire-reset"]) assert.ok(kept.includes(kind), kind);
  });

  it("a fire release is ended by guard or manager, on record with who and why", async () => {
    await rig.client.call("event", { door: "main-gate", kind: "fire" });
    const end = async (role: "guard" | "manager" | "desk" | "technician") =>
      rig.client.call("fire.reset", { auth: await tokenFor(rig, role), door: "main-gate", reason: "drill" });
    const burns = async () => {
      const { doors } = await rig.client.call("door.list", { auth });
      return doors.find(({ id }) => id === "main-gate")!.alarms?.some(({ kind }) => kind === "fire") ?? false;
    };
    for (const role of ["desk", "technician"] as const)
      await assert.rejects(end(role), { code: "not-allowed" });
    assert.equal(await burns(), true);
    await end("guard");
    assert.equal(await burns(), false);
    assert.ok((await kinds("main-gate")).includes("fire-reset"));
    await rig.client.call("event", { door: "main-gate", kind: "fire" });
    await end("manager");
    assert.equal(await burns(), false);
  });

  describe("more time at doors", () => {
    it("is given by the vault within the door's caps, and seen by nobody", async () => {
      const before = await enter(card());
      assert.equal((await open(before)).seconds, 3);
      await rig.client.call("person.update", { auth, id: li, moreTime: true });
      const heard: unknown[] = [];
      rig.client.on("event", (event) => heard.push(event));
      const attempt = await enter(card());
      const longer = await open(attempt);
      assert.equal(longer.seconds, 12);
      await rig.client.call("event", {
        door: "main-gate",
        kind: "opened",
        attempt: attempt.id,
        detail: "shelly",
      });
      const { events } = await rig.client.call("event.list", { auth, limit: 50 });
      const said = ({ id: _, at: __, record: ___, ticket: ____, ...rest }: EntryAttempt) => rest;
      assert.deepEqual(said(attempt), said(before), "nothing on a wire tells the two apart");
      assert.doesNotMatch(JSON.stringify([heard, events]), /moreTime|more-time|seconds/i);
      await restart();
      assert.equal((await open(await enter(card()))).seconds, 12, "kept on disk, sealed");
      const read = await rig.client.call("person.read", { auth, id: li, purpose: "desk-request" });
      assert.equal(read.moreTime, true);
      await rig.client.call("person.update", { auth, id: li, moreTime: false });
      assert.equal((await open(await enter(card()))).seconds, 3);
    });

    it("is not lent to a visitor by whoever invited them", async () => {
      await rig.client.call("person.update", { auth, id: li, moreTime: true });
      const { text } = await rig.client.call("pass.issue", {
        auth,
        person: li,
        kind: "visitor",
        from: clock.now().toISOString(),
        until: new Date(clock.now().getTime() + hour).toISOString(),
        uses: 1,
        window: 0,
        doors: [],
      });
      assert.equal((await open(await enter({ door: "main-gate", method: "pass", text }))).seconds, 3);
    });
  });

  describe("opening by phone", () => {
    const phone = (own: string, door: string, digits?: string) =>
      enter({ door, method: "phone", auth: own, ...(digits === undefined ? {} : { digits }) });

    it("asks for the code on the door's screen where the door is opened by whoever is there", async () => {
      const own = await session(li);
      assert.equal(codeOf(await phone(own, "main-gate")), "not-near");
      const { code } = await rig.client.call("door.presence", { door: "main-gate" });
      const other = await rig.client.call("door.presence", { door: "unit-1" });
      assert.notEqual(code, other.code);
      const granted = await phone(own, "main-gate", code);
      assert.deepEqual([granted.outcome, granted.person, granted.method], ["granted", li, "phone"]);
      clock.pass(61_000);
      assert.equal(codeOf(await phone(own, "main-gate", code)), "not-near");
      assert.equal((await phone(own, "unit-1")).outcome, "granted");
    });

    it("locks out whoever guesses it, also across a restart, and nobody else", async () => {
      const { id: wang } = await rig.client.call("person.create", { auth, name: "王明" });
      let own = await session(li);
      for (let guess = 0; guess < 5; guess++)
        assert.equal(codeOf(await phone(own, "main-gate", `00000${guess}`)), "not-near");
      const shown = async () => (await rig.client.call("door.presence", { door: "main-gate" })).code;
      assert.equal(codeOf(await phone(own, "main-gate", await shown())), "not-near");
      await restart();
      own = await session(li);
      assert.equal(codeOf(await phone(own, "main-gate", await shown())), "not-near");
      assert.equal((await phone(await session(wang), "main-gate", await shown())).outcome, "granted");
      clock.pass(61_000);
      assert.equal((await phone(own, "main-gate", await shown())).outcome, "granted");
    });

    it("opens one's own doors, lists them, and none that takes no phone", async () => {
      const { id: guest } = await rig.client.call("person.create", {
        auth,
        name: "Guest",
        doors: ["main-gate", "pool"],
      });
      const own = await session(guest);
      assert.deepEqual((await rig.client.call("own.doors", { auth: own })).doors, [
        { id: "main-gate", name: "Main gate", phone: "at-door" },
        { id: "pool", name: "Pool" },
      ]);
      assert.equal(codeOf(await phone(own, "unit-1")), "no-rights-here");
      await assert.rejects(phone(own, "pool"), { code: "no-such-way" });
    });
  });

  describe("hours of a card", () => {
    const mornings = [{ days: ["mon", "wed"] as ("mon" | "wed")[], from: "08:00", to: "11:00" }];
    const other = { notation: "10H", number: "0123456789" };
    const otherRead = { format: "em4100", notation: "10H", number: "0123456789", bits: 40 } as const;
    let cleaner: string;
    beforeEach(async () => {
      ({ id: cleaner } = await rig.client.call("person.create", { auth, name: "Cleaner" }));
      await rig.client.call("credential.issue", {
        auth,
        person: cleaner,
        kind: "card",
        ...other,
        schedule: mornings,
      });
    });
    const tap = (by = rule()) => enter({ door: "unit-1", method: "card", card: otherRead }, by);

    it("are kept, also across a restart, in the site's time zone", async () => {
      assert.equal(codeOf(await tap()), "credential-outside-hours"); // noon
      clock.pass(-hour - 60_000); // 10:59
      assert.equal((await tap()).outcome, "granted");
      await restart();
      assert.equal((await tap()).outcome, "granted");
      assert.equal((await enter(card("unit-1"))).outcome, "granted", "nobody else's");
      const read = await rig.client.call("person.read", { auth, id: cleaner, purpose: "card-issue" });
      assert.deepEqual(read.credentials[0]?.schedule, mornings);
    });

    it("are given to a card that is out already, and taken off again", async () => {
      const { credentials } = await rig.client.call("person.read", { auth, id: li, purpose: "card-issue" });
      const { id } = credentials[0]!;
      await rig.client.call("credential.hours", { auth, id, schedule: mornings });
      assert.equal(codeOf(await enter(card())), "credential-outside-hours");
      await rig.client.call("credential.hours", { auth, id });
      assert.equal((await enter(card())).outcome, "granted");
      const own = await session(li);
      const { entries } = await rig.client.call("own.entries", {
        auth: own,
        kind: "configuration",
        limit: 10,
      });
      assert.equal(entries.filter(({ what }) => what === "credential-hours").length, 2);
    });

    it("hold for a phone as well: no way without limits opens more than the card does (RD-02)", async () => {
      clock.pass(-70 * 60_000); // 10:50
      const own = await session(cleaner);
      const phone = () => enter({ door: "unit-1", method: "phone", auth: own });
      assert.equal((await phone()).outcome, "granted");
      clock.pass(11 * 60_000);
      assert.equal(codeOf(await phone()), "credential-outside-hours");
    });
  });

  describe("codes", () => {
    const digitsAt = (digits: string, door = "main-gate"): Sense => ({ door, method: "pin", digits });

    it("under threat opens like the other: the same message, the same answer, and a silent event", async () => {
      const own = await session(li);
      await rig.client.call("code.set", { auth: own, person: li, code: "482915", duress: "730162" });
      const heard: string[] = [];
      rig.client.on("event", (event) => event.event === "attempt" && heard.push(JSON.stringify(event)));
      const usual = await enter(digitsAt("482915"));
      const forced = await enter(digitsAt("730162"));
      assert.equal(forced.outcome, "granted");
      const { id: _, at: __, record: ___, ticket: ____, ...same } = forced;
      const { id: _1, at: _2, record: _3, ticket: _4, ...as } = usual;
      assert.deepEqual(same, as, "nothing on a wire tells the two apart");
      assert.doesNotMatch(heard.join(), /duress/);
      await open(forced);
      assert.equal((await kinds("main-gate")).filter((kind) => kind === "duress").length, 1);
      const { entries } = await rig.client.call("own.entries", { auth: own, kind: "decision", limit: 10 });
      assert.doesNotMatch(JSON.stringify(entries), /duress/);
      await restart();
      await enter(digitsAt("730162"));
      assert.equal((await kinds("main-gate")).filter((kind) => kind === "duress").length, 2);
    });

    it("under threat are told to guards and managers, and to nobody else", async () => {
      const own = await session(li);
      await rig.client.call("code.set", { auth: own, person: li, code: "482915", duress: "730162" });
      await enter(digitsAt("730162"));
      for (const role of ["manager", "guard", "desk", "technician", "auditor"] as const) {
        const { events } = await rig.client.call("event.list", {
          auth: await tokenFor(rig, role),
          limit: 50,
        });
        assert.equal(
          events.some(({ kind }) => kind === "duress"),
          role === "manager" || role === "guard",
          role,
        );
      }
    });

    it("are chosen by residents and made for the desk, each by themselves alone", async () => {
      const { id: wang } = await rig.client.call("person.create", { auth, name: "王明" });
      const own = await session(li);
      await assert.rejects(rig.client.call("code.set", { auth: own, person: wang }), { code: "not-allowed" });
      await assert.rejects(rig.client.call("code.set", { auth, person: li, code: "482915" }), {
        code: "not-allowed",
      });
      await assert.rejects(rig.client.call("code.set", { auth, person: li, duress: "482915" }), {
        code: "not-allowed",
      });
      const made = await rig.client.call("code.set", { auth, person: li, duress: "new" });
      assert.equal((await enter(digitsAt(made.code!))).outcome, "granted");
      assert.equal((await enter(digitsAt(made.duress!))).outcome, "granted");
      const { credentials } = await rig.client.call("person.read", { auth, id: li, purpose: "desk-request" });
      assert.deepEqual(
        credentials.filter(({ kind }) => kind === "pin").map(({ duress }) => duress),
        [true],
      );
    });

    it("of a household open its doors as nobody, and end with it", async () => {
      const { id: son } = await rig.client.call("person.create", { auth, name: "Son", flat: "1-101" });
      const { id, code } = await rig.client.call("code.share", {
        auth,
        kind: "room",
        members: [li, son],
        doors: ["main-gate"],
      });
      const attempt = await enter(digitsAt(code));
      assert.deepEqual([attempt.outcome, attempt.person, attempt.credential], ["granted", undefined, id]);
      assert.equal((await open(attempt)).seconds, 3);
      assert.equal(codeOf(await enter(digitsAt(code, "pool"))), "no-rights-here");
      assert.equal((await enter([card(), digitsAt(code)], rule({ assurance: "strong" }))).outcome, "granted");
      await rig.client.call("person.leave", { auth, id: son });
      assert.equal((await enter(digitsAt(code))).outcome, "granted");
      const own = await session(li);
      const { export: all } = await rig.client.call("person.export", { auth: own, person: li });
      const { codes } = JSON.parse(all) as { codes: object[] };
      assert.deepEqual(codes, [{ id, kind: "room", doors: ["main-gate"], state: "active" }]);
      await rig.client.call("person.leave", { auth, id: li });
      assert.equal(codeOf(await enter(digitsAt(code))), "credential-blocked");
    });

    it("of somebody else's household are no second way", async () => {
      const { id: wang } = await rig.client.call("person.create", { auth, name: "王明" });
      const { code } = await rig.client.call("code.share", {
        auth,
        kind: "room",
        members: [wang],
        doors: ["main-gate"],
      });
      assert.equal(codeOf(await enter([card(), digitsAt(code)])), "no-such-credential");
    });

    it("of a visitor's pass are typed at a keypad as well, and counted", async () => {
      const { code } = await rig.client.call("pass.issue", {
        auth,
        person: li,
        kind: "visitor",
        from: clock.now().toISOString(),
        until: new Date(clock.now().getTime() + hour).toISOString(),
        uses: 1,
        window: 0,
        doors: ["main-gate"],
      });
      const unused = await enter(digitsAt(code));
      assert.equal(unused.outcome, "granted");
      assert.equal(codeOf(await enter(digitsAt(code))), "pass-used-up", "its ticket may still come");
      clock.pass(5001);
      const failed = await enter(digitsAt(code)); // it did not
      await assert.rejects(open(unused), { code: "too-late" });
      await open(failed);
      const lost = { door: "main-gate", kind: "relay-failed", attempt: failed.id } as const;
      await rig.client.call("event", lost); // the lock did not move: that was no use of it
      const used = await enter(digitsAt(code));
      assert.equal(used.outcome, "granted");
      await rig.client.call("event", lost); // said twice
      await open(used);
      await rig.client.call("event", { ...lost, kind: "opened", attempt: used.id });
      await rig.client.call("event", { ...lost, attempt: used.id }); // it has moved
      assert.equal(codeOf(await enter(digitsAt(code))), "pass-used-up");
      const slip = `${code.slice(0, 11)}${(Number(code[11]) + 1) % 10}`;
      assert.equal(codeOf(await enter(digitsAt(slip))), "wrong-pin");
    });

    it("of a door open that door until their end", async () => {
      const validUntil = new Date(clock.now().getTime() + day).toISOString();
      const { id, code } = await rig.client.call("code.share", {
        auth,
        kind: "door",
        members: [],
        doors: ["main-gate"],
        validUntil,
      });
      assert.equal((await enter(digitsAt(code))).outcome, "granted");
      await restart();
      assert.equal((await enter(digitsAt(code))).outcome, "granted");
      await rig.client.call("code.block", { auth: await tokenFor(rig, "guard"), id, reason: "stolen" });
      assert.equal(codeOf(await enter(digitsAt(code))), "credential-blocked");
      assert.equal((await rig.client.call("code.list", { auth })).codes[0]?.state, "blocked");
    });
  });

  describe("anti-passback", () => {
    const timed = rule({ antiPassback: "timed", antiPassbackMinutes: 5 });
    const soft = rule({ antiPassback: "soft", antiPassbackMinutes: 5 });

    it("refuses the same card in the same zone for its time, or until staff forget it", async () => {
      await open(await enter(card(), timed));
      assert.equal(codeOf(await enter(card(), timed)), "anti-passback");
      assert.equal(codeOf(await enter(card("unit-1"), timed)), "anti-passback", "one zone, two doors");
      await rig.client.call("passback.reset", { auth: await tokenFor(rig, "guard"), door: "main-gate" });
      await open(await enter(card(), timed));
      clock.pass(5 * 60_000);
      assert.equal((await enter(card(), timed)).outcome, "granted");
      await assert.rejects(
        rig.client.call("passback.reset", { auth: await tokenFor(rig, "desk"), door: "pool" }),
        {
          code: "not-allowed",
        },
      );
    });

    it("forgets whom the lock let down, and who did not go in", async () => {
      const said = (kind: "relay-failed" | "opened" | "not-taken", attempt?: string) =>
        rig.client.call("event", { door: "main-gate", kind, ...(attempt && { attempt }) });
      const first = await enter(card(), timed);
      assert.equal((await enter(card(), timed)).outcome, "granted", "a ticket nobody used let nobody in");
      await open(first);
      await said("relay-failed", first.id);
      const second = await enter(card(), timed);
      assert.equal(second.outcome, "granted");
      await open(second);
      await said("opened", second.id);
      await said("relay-failed", second.id);
      assert.equal(codeOf(await enter(card(), timed)), "anti-passback", "it has moved");
      await said("not-taken");
      const third = await enter(card(), timed);
      await open(third);
      await said("not-taken");
      const fourth = await enter(card(), timed);
      assert.equal(fourth.outcome, "granted");
      await open(fourth);
      await rig.client.call("level", { door: "main-gate", contact: "open" });
      await said("not-taken"); // of somebody else's opening
      assert.equal(codeOf(await enter(card(), timed)), "anti-passback");
    });

    it("that is soft opens, and puts it on the record", async () => {
      await open(await enter(card(), soft));
      assert.deepEqual(
        (await kinds("main-gate")).filter((kind) => kind === "passback"),
        [],
      );
      assert.equal((await enter(card(), soft)).outcome, "granted");
      assert.equal((await kinds("main-gate")).filter((kind) => kind === "passback").length, 1);
    });

    it("says nothing about a household's code: nobody knows who of them came in", async () => {
      const { code: digits } = await rig.client.call("code.share", {
        auth,
        kind: "room",
        members: [li],
        doors: ["main-gate"],
      });
      const pin: Sense = { door: "main-gate", method: "pin", digits };
      assert.deepEqual(
        [(await enter(pin, timed)).outcome, (await enter(pin, timed)).outcome],
        ["granted", "granted"],
      );
    });
  });
});
