import assert from "node:assert/strict";
import fc from "fast-check";
import { farApart } from "../../../core/people/pins.ts";
import { handClock } from "../hand-clock.ts";
import { openPeople } from "./site.ts";

const pad = { reader: "pad-1", door: "gate-1" };
const day = 86_400_000;

describe("duress codes", () => {
  it("are far from the code they stand beside: no slip of a finger, and no guess", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 6, maxLength: 10 });
    fc.assert(
      fc.property(digits, digits, (pin, duress) => {
        if (!farApart(pin, duress)) return;
        assert.ok(Math.abs(Number(pin) - Number(duress)) > 100);
        assert.notEqual([...pin].sort().join(), [...duress].sort().join());
        if (pin.length === duress.length)
          assert.ok([...pin].filter((digit, at) => digit !== duress[at]).length >= 3);
      }),
    );
    for (const near of ["482916", "482914", "482915", "519284", "482215", "4829157", "48291"])
      assert.equal(farApart("482915", near), false, near);
    assert.equal(farApart("482915", "730162"), true);
  });
});

describe("one's own code", () => {
  let clock = handClock();
  let site: ReturnType<typeof openPeople>;
  let person: string;
  beforeEach(() => {
    clock = handClock();
    site = openPeople(clock);
    person = site.persons.create({ name: "Resident" });
  });
  afterEach(() => site.remove());
  const reopen = () => {
    site.close();
    site = openPeople(clock, site.dir);
  };

  it("is chosen with a duress code, and both open as the same credential, also after a restart", async () => {
    const { id, ...made } = await site.credentials.setOwnCode({ person, pin: "482915", duress: "730162" });
    assert.deepEqual(made, {}, "nothing is answered that was chosen");
    reopen();
    const usual = await site.credentials.findPin("482915", pad);
    const threatened = await site.credentials.findPin("730162", pad);
    assert.deepEqual(usual, { credential: id, person, assurance: "clonable", method: "pin" });
    assert.deepEqual(threatened, { ...usual, duress: true });
    assert.deepEqual(
      site.credentials.of(person).map((one) => one.id),
      [id],
      "one code is listed, so that nobody who looks knows that there is another",
    );
  });

  it("is made here when none is chosen, and the two are far apart", async () => {
    const { pin, duress } = await site.credentials.setOwnCode({ person, pin: "new", duress: "new" });
    assert.ok(pin && duress && farApart(pin, duress));
    assert.ok(!JSON.stringify(site.log.entries).includes(pin));
    assert.ok(!JSON.stringify(site.log.entries).includes(duress));
  });

  it("replaces the one before, and takes the duress code away when none is named", async () => {
    await site.credentials.setOwnCode({ person, pin: "482915", duress: "730162" });
    const { id } = await site.credentials.setOwnCode({ person, pin: "639174" });
    assert.equal(
      ((await site.credentials.findPin("482915", pad)) as { code: string }).code,
      "credential-blocked",
    );
    assert.equal(((await site.credentials.findPin("730162", pad)) as { code: string }).code, "wrong-pin");
    assert.equal(site.credentials.hasDuress(id), false);
  });

  it("stays when it is named again, to give it a duress code or take it away", async () => {
    const { id } = await site.credentials.setOwnCode({ person, pin: "482915" });
    assert.deepEqual(await site.credentials.setOwnCode({ person, pin: "482915", duress: "730162" }), { id });
    assert.equal(site.credentials.hasDuress(id), true);
    assert.deepEqual(await site.credentials.setOwnCode({ person, pin: "482915", duress: "730162" }), { id });
    assert.deepEqual(await site.credentials.setOwnCode({ person, pin: "482915" }), { id });
    assert.equal(((await site.credentials.findPin("730162", pad)) as { code: string }).code, "wrong-pin");
  });

  it("moves its duress code along to another code", async () => {
    await site.credentials.setOwnCode({ person, pin: "482915", duress: "730162" });
    await assert.rejects(site.credentials.setOwnCode({ person, pin: "639174", duress: "639175" }), {
      code: "codes-too-alike",
    });
    const { id } = await site.credentials.setOwnCode({ person, pin: "639174", duress: "730162" });
    const told = await site.credentials.findPin("730162", pad);
    assert.deepEqual("credential" in told && [told.credential, "duress" in told && told.duress], [id, true]);
  });

  it("is refused when it is short, easily guessed or taken, without saying which; and guessing is slowed, also across a restart", async () => {
    const other = site.persons.create({ name: "Neighbour" });
    await site.credentials.setOwnCode({ person: other, pin: "482915", duress: "730162" });
    const choose = (pin: string) => site.credentials.setOwnCode({ person, pin });
    const said: unknown[] = [];
    for (const pin of ["482915", "730162", "123456", "00482915".slice(2, 7)])
      await choose(pin).catch(({ code, params }) => said.push({ code, params }));
    assert.equal(said.length, 4);
    assert.deepEqual(said, Array(4).fill({ code: "code-unsuitable", params: { digits: 6 } }));
    await assert.rejects(choose("730162"), { code: "code-unsuitable" });
    await assert.rejects(choose("639174"), { code: "try-later" });
    reopen();
    await assert.rejects(choose("639174"), { code: "try-later" });
    clock.pass(61_000);
    await choose("639174");
    assert.ok("person" in (await site.credentials.findPin("482915", pad)), "the neighbour's is as it was");
  });

  it("is not had by whoever moved out", async () => {
    site.persons.leave(person);
    await assert.rejects(site.credentials.setOwnCode({ person, pin: "482915" }), { code: "residency-ended" });
  });
});

describe("codes that several people share", () => {
  let clock = handClock();
  let site: ReturnType<typeof openPeople>;
  let mother: string;
  let son: string;
  beforeEach(() => {
    clock = handClock();
    site = openPeople(clock);
    mother = site.persons.create({ name: "Mother", flat: "1-101" });
    son = site.persons.create({ name: "Son", flat: "1-101" });
  });
  afterEach(() => site.remove());
  const room = () =>
    site.credentials.issueShared({ kind: "room", members: [mother, son], doors: ["gate-1"] }, "staff_1");

  it("open as nobody in particular, also after a restart, until they are blocked", async () => {
    const { id, code } = await room();
    site.close();
    site = openPeople(clock, site.dir);
    const found = await site.credentials.findPin(code, pad);
    assert.deepEqual(found, {
      credential: id,
      shared: [mother, son].sort(),
      assurance: "clonable",
      method: "pin",
      doors: ["gate-1"],
    });
    site.credentials.shared.block(id, "lost", "staff_1");
    assert.deepEqual(await site.credentials.findPin(code, pad), {
      code: "credential-blocked",
      credential: id,
    });
  });

  it("end with the last of the household, and with nobody before", async () => {
    const { id } = await room();
    site.persons.leave(son);
    assert.equal(site.credentials.shared.standing(id)?.resident, true);
    site.persons.leave(mother);
    assert.equal(site.credentials.shared.standing(id)?.resident, false);
  });

  it("of a door have an end, and belong to nobody", async () => {
    const validUntil = new Date(clock.now().getTime() + 30 * day).toISOString();
    const issue = (order: object) =>
      site.credentials.issueShared({ kind: "door", members: [], doors: ["gate-1"], ...order }, "staff_1");
    await assert.rejects(issue({}), { code: "code-too-long" });
    await assert.rejects(issue({ validUntil: "2036-01-01T00:00:00Z" }), { code: "code-too-long" });
    await assert.rejects(issue({ validUntil, members: [mother] }), { code: "code-members" });
    await assert.rejects(issue({ validUntil, doors: [] }), { code: "code-doors" });
    const { id, code } = await issue({ validUntil });
    assert.equal(site.credentials.shared.standing(id)?.resident, true);
    clock.pass(30 * day);
    assert.deepEqual(await site.credentials.findPin(code, pad), {
      code: "credential-expired",
      credential: id,
    });
  });

  it("of a household name people who live here", async () => {
    const issue = (members: string[]) =>
      site.credentials.issueShared({ kind: "room", members, doors: ["gate-1"] }, "staff_1");
    await assert.rejects(issue([]), { code: "code-members" });
    await assert.rejects(issue(["person_0000000000000000"]), { code: "person-unknown" });
    site.persons.leave(son);
    await assert.rejects(issue([mother, son]), { code: "residency-ended" });
  });

  it("are forgotten days after they ended, unless somebody's records are held", async () => {
    const { id } = await room();
    site.credentials.shared.block(id, "lost", "staff_1");
    clock.pass(31 * day);
    assert.equal(
      site.credentials.sweep(30, (person) => person === son),
      0,
    );
    assert.equal(
      site.credentials.sweep(30, () => false),
      1,
    );
    assert.deepEqual(site.credentials.shared.list(), []);
  });

  it("of a household that was erased are forgotten", async () => {
    await room();
    site.persons.erase(mother);
    site.persons.erase(son);
    assert.equal(
      site.credentials.sweep(30, () => false),
      1,
    );
    assert.deepEqual(site.credentials.shared.list(), []);
  });

  it("are on the record of each of the household, without the code", async () => {
    const { code } = await room();
    const issued = site.log.entries.filter(({ fields }) => fields.what === "room-code-issued");
    assert.deepEqual(issued.map(({ subject }) => subject).sort(), [mother, son].sort());
    assert.ok(!JSON.stringify(issued).includes(code));
  });
});
