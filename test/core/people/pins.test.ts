import assert from "node:assert/strict";
import { pinDigits, trivial } from "../../../core/people/pins.ts";
import { handClock } from "../hand-clock.ts";
import { openPeople } from "./site.ts";

describe("pins", () => {
  let clock = handClock();
  let site: ReturnType<typeof openPeople>;
  let person: string;
  const at = { reader: "pad-1", door: "gate-1" };
  beforeEach(() => {
    clock = handClock();
    site = openPeople(clock);
    person = site.persons.create({ name: "Resident" });
  });
  afterEach(() => site.remove());

  it("calls codes trivial that people try first", () => {
    for (const pin of [
      "111111",
      "121212",
      "123456",
      "987654",
      "901234",
      "123123",
      "123321",
      "199001",
      "19610203",
    ]) {
      assert.ok(trivial(pin), pin);
    }
    for (const pin of ["482915", "730164", "58291647"]) assert.ok(!trivial(pin), pin);
  });

  it("makes codes longer as there are more of them", () => {
    assert.deepEqual([1, 10, 11, 1000, 10_000].map(pinDigits), [6, 6, 7, 8, 9]);
  });

  it("issues a code that opens", async () => {
    const { id, pin } = await site.credentials.issuePin({ person });
    assert.match(pin, /^\d{6}$/);
    assert.ok(!trivial(pin));
    assert.deepEqual(await site.credentials.findPin(pin, at), {
      credential: id,
      person,
      assurance: "clonable",
      method: "pin",
    });
    assert.ok(!JSON.stringify(site.log.entries).includes(pin));
  });

  it("locks reader and door after five wrong codes, longer each time, also across a restart", async () => {
    const { pin } = await site.credentials.issuePin({ person });
    const wrong = pin.startsWith("5") ? "482916" : "582916";
    const fail = async () => await site.credentials.findPin(wrong, at);
    for (let time = 0; time < 5; time += 1) assert.deepEqual(await fail(), { code: "wrong-pin" });
    assert.deepEqual(await site.credentials.findPin(pin, at), { code: "locked-out", minutes: 1 });
    assert.deepEqual(await site.credentials.findPin(pin, { reader: "pad-2", door: "gate-1" }), {
      code: "locked-out",
      minutes: 1,
    });
    assert.ok("credential" in (await site.credentials.findPin(pin, { reader: "pad-9", door: "gate-9" })));
    site.close();
    site = openPeople(clock, site.dir);
    assert.equal(((await site.credentials.findPin(pin, at)) as { code: string }).code, "locked-out");
    clock.pass(61_000);
    assert.ok("credential" in (await site.credentials.findPin(pin, at)));
    for (let time = 0; time < 5; time += 1) await fail();
    assert.deepEqual(await site.credentials.findPin(pin, at), { code: "locked-out", minutes: 2 });
  });

  it("is not opened early by a clock set forward, nor held shut for days by one set back", async () => {
    const { pin } = await site.credentials.issuePin({ person });
    for (let time = 0; time < 5; time += 1) await site.credentials.findPin("00000000", at);
    const then = clock.now();
    clock.set(new Date(then.getTime() + 3600_000));
    assert.equal(((await site.credentials.findPin(pin, at)) as { code: string }).code, "locked-out");
    clock.set(new Date(then.getTime() - 7 * 24 * 3600_000));
    site.close();
    site = openPeople(clock, site.dir);
    assert.equal(((await site.credentials.findPin(pin, at)) as { code: string }).code, "locked-out");
    clock.pass(61_000);
    assert.ok("credential" in (await site.credentials.findPin(pin, at)));
  });

  it("counts tries sent at once one after the other", async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => site.credentials.findPin("00000000", at)),
    );
    assert.deepEqual(
      answers.map((answer) => (answer as { code: string }).code),
      [...Array<string>(5).fill("wrong-pin"), ...Array<string>(3).fill("locked-out")],
    );
  });

  it("locks after ten wrong codes in ten minutes even with right ones in between", async () => {
    const { pin } = await site.credentials.issuePin({ person });
    let wrong = 0;
    for (let time = 0; time < 30; time += 1) {
      const last = (await site.credentials.findPin(time % 4 === 3 ? pin : "00000000", at)) as {
        code?: string;
      };
      if (last.code === "locked-out") break;
      if (last.code === "wrong-pin") wrong += 1;
    }
    assert.equal(wrong, 10);
  });
});
