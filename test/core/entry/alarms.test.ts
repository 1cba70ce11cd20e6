import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { alarmMigrations, StandingAlarms } from "../../../core/entry/alarms.ts";
import { migrate } from "../../../core/store/database.ts";
import { handClock } from "../hand-clock.ts";

describe("alarms that stand at a door", () => {
  const stand = () => {
    const clock = handClock();
    const db = new DatabaseSync(":memory:");
    migrate(db, "alarms", alarmMigrations);
    const alarms = new StandingAlarms(db, clock);
    const happen = (...kinds: string[]) => {
      for (const one of kinds) {
        clock.pass(1000);
        const [kind, detail] = one.split("@") as [string, string | undefined];
        alarms.take({ door: "gate", kind, at: clock.now().toISOString(), ...(detail && { detail }) });
      }
      return alarms.at("gate").map(({ kind }) => kind);
    };
    return { alarms, clock, db, happen };
  };

  it("stand until what ends them, at their own door", () => {
    const { alarms, happen } = stand();
    assert.deepEqual(happen("reader-silent", "camera-silent", "reader-back"), ["camera-silent"]);
    assert.deepEqual(happen("camera-back", "forced", "closed"), []);
    assert.deepEqual(happen("closed", "forced"), ["forced"]);
    assert.deepEqual(happen("closed", "held-warning", "held"), ["held"]);
    assert.deepEqual(happen("closed", "relay-failed", "decision", "opened"), []);
    assert.deepEqual(alarms.at("other"), []);
  });

  it("come fire first, then readers that lock out whoever refuses a face, then a lock that stays open", () => {
    const { happen } = stand();
    assert.deepEqual(happen("forced", "camera-silent", "relay-stuck", "reader-silent", "fire"), [
      "fire",
      "reader-silent",
      "relay-stuck",
      "forced",
      "camera-silent",
    ]);
    assert.deepEqual(happen("relay-rests", "fire-reset"), ["reader-silent", "forced", "camera-silent"]);
  });

  it("are not hidden by any number of openings, and say since when", () => {
    const { alarms, happen } = stand();
    happen("reader-silent@osdp 1");
    const since = alarms.at("gate")[0]!.since;
    for (let n = 0; n < 60; n++) happen("opened", "closed");
    happen("reader-silent@osdp 1");
    assert.deepEqual(alarms.at("gate"), [{ kind: "reader-silent", since }]);
  });

  it("of two dead readers, one that is back ends its own; one that nobody can place ends all", () => {
    const { happen } = stand();
    assert.deepEqual(happen("reader-silent@osdp 1", "reader-silent@osdp 2", "reader-back@osdp 1"), [
      "reader-silent",
    ]);
    assert.deepEqual(happen("reader-back@osdp 2"), []);
    assert.deepEqual(happen("reader-silent@serial in a", "reader-back@serial in b"), []);
    assert.deepEqual(happen("camera-silent@yard frozen", "camera-back@yard"), []);
  });

  it("are over with what a node finds well at its start, and only of the very same reader", () => {
    const { alarms, happen } = stand();
    assert.equal(alarms.wouldEnd("gate", "reader-back", "osdp 1"), false);
    happen("reader-silent@osdp 1");
    assert.equal(alarms.wouldEnd("gate", "reader-back", "osdp 2"), false);
    assert.equal(alarms.wouldEnd("gate", "reader-back", "osdp 1"), true);
  });

  it("keep a call for help until somebody opened, or a quarter of an hour", () => {
    const { alarms, clock, happen } = stand();
    assert.deepEqual(happen("help-asked", "decision"), ["help-asked"]);
    assert.deepEqual(happen("assisted"), []);
    happen("help-asked");
    clock.pass(16 * 60_000);
    assert.deepEqual(alarms.at("gate"), []);
  });

  it("keep a tamper for a day after the last one, since nothing ends it", () => {
    const { alarms, clock, happen } = stand();
    happen("tamper", "closed");
    clock.pass(20 * 3_600_000);
    happen("tamper");
    clock.pass(20 * 3_600_000);
    assert.equal(alarms.at("gate")[0]?.kind, "tamper");
    clock.pass(5 * 3_600_000);
    assert.deepEqual(alarms.at("gate"), []);
  });

  it("keep what was typed under threat out of the alarms, and mark the door for half an hour", () => {
    const { alarms, clock, happen } = stand();
    assert.deepEqual(happen("duress", ...Array.from({ length: 60 }, () => "opened")), []);
    assert.equal(alarms.marked("gate"), true);
    clock.pass(31 * 60_000);
    assert.equal(alarms.marked("gate"), false);
  });
});
