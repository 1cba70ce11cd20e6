import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { IdleFaces } from "../../../core/retention/index.ts";
import { type HandClock, handClock } from "../hand-clock.ts";

const day = 86_400_000;

describe("faces nobody uses", () => {
  let clock: HandClock;
  let db: DatabaseSync;
  let shelf: Map<string, string[]>;
  let erased: string[];
  let years: number | undefined;
  const open = () =>
    new IdleFaces({
      db,
      clock,
      templates: { of: (person) => shelf.get(person) ?? [] },
      people: () => shelf.keys(),
      years: () => years,
      erase(person) {
        erased.push(person);
        shelf.set(person, []);
      },
    });

  beforeEach(() => {
    clock = handClock("2026-11-24T08:00:00Z");
    db = new DatabaseSync(":memory:");
    shelf = new Map([
      ["wang", ["t1"]],
      ["li", ["t2"]],
    ]);
    erased = [];
    years = 3;
  });
  afterEach(() => db.close());

  it("are erased within three years of their last use, counted from enrolment where there was none", () => {
    const idle = open();
    idle.sweep();
    clock.set(new Date("2028-02-15T08:00:00Z"));
    idle.used("li");
    clock.set(new Date("2029-10-31T23:59:00Z"));
    assert.equal(idle.sweep(), 0);
    clock.set(new Date("2029-11-01T00:01:00Z"));
    assert.equal(idle.sweep(), 1);
    assert.deepEqual(erased, ["wang"]);
    clock.set(new Date("2031-02-01T00:00:00Z"));
    idle.sweep();
    assert.deepEqual(erased, ["wang", "li"]);
  });

  it("are never kept longer than three years to the day, whenever they were used", () => {
    for (let start = 0; start < 400; start += 13) {
      shelf = new Map([["wang", [`of-${start}`]]]);
      erased = [];
      const used = new Date(Date.parse("2027-01-01T00:00:00Z") + start * day);
      clock.set(used);
      const idle = open();
      idle.used("wang");
      clock.set(new Date(Date.UTC(used.getUTCFullYear() + 3, used.getUTCMonth(), used.getUTCDate())));
      assert.equal(idle.sweep(), 1, used.toISOString());
    }
  });

  it("stay where the law names no such time", () => {
    years = undefined;
    const idle = open();
    idle.sweep();
    clock.pass(5000 * day);
    assert.equal(idle.sweep(), 0);
    years = 3;
    assert.equal(idle.sweep(), 2, "the months were kept all the same");
  });

  it("are remembered by month alone, over a restart, and forgotten with their template", () => {
    open().used("wang");
    assert.deepEqual({ ...db.prepare("SELECT * FROM template_use").get() }, { id: "t1", month: "2026-11" });
    clock.set(new Date("2029-11-02T00:00:00Z"));
    assert.equal(open().sweep(), 1);
    open().sweep();
    assert.deepEqual(
      db
        .prepare("SELECT id FROM template_use")
        .all()
        .map(({ id }) => id),
      ["t2"],
    );
  });
});
