import assert from "node:assert/strict";
import { alarmsOf } from "../../pages/widgets/alarms.ts";

const start = Date.parse("2026-11-24T08:00:00Z");
/** Newest first, as the API tells them. */
const events = (...kinds: string[]) =>
  kinds
    .map((kind, n) => ({ index: n, at: new Date(start + n * 1000).toISOString(), door: "gate", kind }))
    .reverse();

describe("alarms of the door wall", () => {
  it("stand until what ends them", () => {
    assert.deepEqual(alarmsOf(events("reader-silent", "camera-silent", "reader-back"), start), [
      "camera-silent",
    ]);
    assert.deepEqual(alarmsOf(events("forced", "closed"), start), []);
    assert.deepEqual(alarmsOf(events("closed", "forced"), start), ["forced"]);
    assert.deepEqual(alarmsOf(events("held-warning", "held"), start), ["held"]);
    assert.deepEqual(alarmsOf(events("relay-failed", "decision", "opened"), start), []);
  });

  it("come fire first, then readers that lock out whoever refuses a face, then a lock that stays open", () => {
    assert.deepEqual(alarmsOf(events("forced", "relay-stuck", "reader-silent", "fire"), start), [
      "fire",
      "reader-silent",
      "relay-stuck",
      "forced",
    ]);
    assert.deepEqual(alarmsOf(events("relay-stuck", "relay-rests"), start), []);

    assert.deepEqual(alarmsOf(events("camera-silent", "reader-silent", "fire"), start), [
      "fire",
      "reader-silent",
      "camera-silent",
    ]);
  });

  it("keep a call for help until somebody opened, or a quarter of an hour", () => {
    assert.deepEqual(alarmsOf(events("help-asked"), start + 60_000), ["help-asked"]);
    assert.deepEqual(alarmsOf(events("help-asked", "decision"), start), ["help-asked"]);
    assert.deepEqual(alarmsOf(events("help-asked", "assisted"), start), []);
    assert.deepEqual(alarmsOf(events("help-asked"), start + 16 * 60_000), []);
  });

  it("keep a tamper for a day, since nothing ends it", () => {
    assert.deepEqual(alarmsOf(events("tamper", "closed"), start + 3_600_000), ["tamper"]);
    assert.deepEqual(alarmsOf(events("tamper"), start + 25 * 3_600_000), []);
  });
});
