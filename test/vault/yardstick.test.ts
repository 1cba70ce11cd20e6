import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { LogEntry, Recorded } from "../../core/audit/types.ts";
import type { KnownCalibration } from "../../core/faces/threshold.ts";
import { migrate } from "../../core/store/database.ts";
import { Yardstick, yardstickMigrations } from "../../vault/yardstick.ts";
import { handClock } from "../core/hand-clock.ts";

const calibration: KnownCalibration = {
  model: "m",
  sha256: "00",
  date: "2026-11-24",
  command: "",
  data: "",
  groups: [],
  exact: true,
  file: "m.calibration.json",
  hash: "aa",
};

describe("the calibration faces are judged by", () => {
  it("is on record when it is not the one it was at the last start", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db, "face calibration", yardstickMigrations);
    const entries: LogEntry[] = [];
    const appendWith = (more: readonly LogEntry[], alongside?: () => void): Recorded[] => {
      alongside?.();
      entries.push(...more);
      return [];
    };
    /** What a start with it put on record. */
    const startWith = (one: KnownCalibration | undefined) => {
      entries.length = 0;
      new Yardstick({ db, log: { appendWith }, clock: handClock() }).note(one);
      return entries.map(({ class: kind, fields }) => [kind, fields.what, fields.sha256, fields.exact]);
    };
    assert.deepEqual(startWith(undefined), [], "a site that never had one has nothing to tell");
    assert.deepEqual(startWith(calibration), [["configuration", "face-calibration", "aa", "true"]]);
    assert.deepEqual(startWith(calibration), []);
    assert.deepEqual(startWith({ ...calibration, hash: "bb" }), [
      ["configuration", "face-calibration", "bb", "true"],
    ]);
    assert.deepEqual(startWith({ ...calibration, hash: "bb", exact: false }), [
      ["configuration", "face-calibration", "bb", "false"],
    ]);
    assert.deepEqual(startWith(undefined), [["configuration", "face-calibration", "none", undefined]]);
    assert.deepEqual(startWith(undefined), []);
  });

  it("is not taken for recorded when the log could not be written", () => {
    const db = new DatabaseSync(":memory:");
    migrate(db, "face calibration", yardstickMigrations);
    const appendWith = (): Recorded[] => {
      throw new Error("log-failed");
    };
    const yardstick = new Yardstick({ db, log: { appendWith }, clock: handClock() });
    assert.throws(() => yardstick.note(calibration));
    assert.equal(db.prepare("SELECT count(*) AS n FROM face_calibration").get()!.n, 0);
  });
});
