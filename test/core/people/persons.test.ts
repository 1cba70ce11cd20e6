import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { truncateWal } from "../../../core/store/database.ts";
import { handClock } from "../hand-clock.ts";
import { openPeople } from "./site.ts";

describe("persons", () => {
  let site: ReturnType<typeof openPeople>;
  beforeEach(() => {
    site = openPeople(handClock());
  });
  afterEach(() => site.remove());

  it("keeps what was said of a person, across a restart", () => {
    const fields = {
      name: "林美玲",
      birthDate: "1961-02-03",
      flat: "3-1201",
      languages: ["zh-TW" as const],
    };
    const id = site.persons.create({ ...fields, doors: ["gate-1"] });
    assert.match(id, /^person_[0-9a-z]{16}$/);
    site.close();
    const dir = site.dir;
    site = openPeople(handClock(), dir);
    assert.deepEqual(site.persons.read(id), {
      id,
      ...fields,
      doors: ["gate-1"],
      state: "resident",
      since: "2026-11-23T08:00:00.000Z",
    });
    assert.deepEqual(site.persons.standing(id), { doors: ["gate-1"], resident: true });
  });

  it("answers for everybody's standing from memory, and follows every change before it returns", () => {
    const [a, b] = [
      site.persons.create({ name: "A" }),
      site.persons.create({ name: "B", doors: ["gate-1"] }),
    ];
    assert.deepEqual(site.persons.standing(a), { doors: undefined, resident: true });
    const prepare = site.db.prepare.bind(site.db);
    let asked = 0;
    site.db.prepare = (sql: string) => {
      asked++;
      return prepare(sql);
    };
    for (let frame = 0; frame < 100; frame++)
      for (const id of [a, b]) assert.ok(site.persons.standing(id)?.resident);
    assert.equal(asked, 0, "a frame must not cost a query a person");
    const c = site.persons.create({ name: "C", opens: ["gate-1"] });
    assert.deepEqual(site.persons.standing(c), { doors: undefined, opens: ["gate-1"], resident: true });
    site.persons.update(b, { doors: ["gate-2"] });
    assert.deepEqual(site.persons.standing(b)?.doors, ["gate-2"]);
    site.persons.update(b, { doors: null });
    assert.equal(site.persons.standing(b)?.doors, undefined);
    site.persons.leave(a);
    assert.equal(site.persons.standing(a)?.resident, false);
    site.persons.erase(c);
    assert.equal(site.persons.standing(c), undefined);
  });

  it("finds by part of a name or flat, in any width and case, over more people than are opened at once", async () => {
    for (let at = 0; at < 230; at += 1) site.persons.create({ name: `Resident ${at}`, flat: `${at}-1` });
    const wanted = site.persons.create({ name: "Ｗang Fang", flat: "9-909" });
    assert.deepEqual(
      (await site.persons.search({ search: "wang" })).map(({ id }) => id),
      [wanted],
    );
    assert.deepEqual(
      (await site.persons.search({ search: "9-909" })).map(({ id }) => id),
      [wanted],
    );
    assert.equal((await site.persons.search({ limit: 200 })).length, 200);
    assert.equal((await site.persons.search({ search: "nobody" })).length, 0);
  });

  it("writes no name to the disk, and corrects and clears fields", () => {
    const id = site.persons.create({ name: "Marker-Name-7319", flat: "Marker-Flat-7319" });
    site.persons.update(id, { name: "Marker-Other-7319", flat: null, doors: ["gate-2"] });
    truncateWal(site.db);
    for (const file of ["people.db", "ledger.db"]) {
      assert.ok(!readFileSync(join(site.dir, file)).includes("Marker-"), file);
    }
    const { name, flat, doors } = site.persons.read(id);
    assert.deepEqual(
      { name, flat, doors },
      { name: "Marker-Other-7319", flat: undefined, doors: ["gate-2"] },
    );
  });

  it("cannot be read once its key is destroyed, and a row pasted onto another person does not open", () => {
    const one = site.persons.create({ name: "One" });
    const two = site.persons.create({ name: "Two" });
    site.db
      .prepare("UPDATE person SET sealed = (SELECT sealed FROM person WHERE id = ?) WHERE id = ?")
      .run(one, two);
    assert.throws(() => site.persons.read(two), { code: "seal-broken" });
    site.keys.destroy(one);
    assert.throws(() => site.persons.read(one), { code: "person-erased" });
    assert.throws(() => site.persons.read("person_0000000000000000"), { code: "person-unknown" });
  });
});
