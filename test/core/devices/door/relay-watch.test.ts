import assert from "node:assert/strict";
import fc from "fast-check";
import { RelayWatch } from "../../../../core/devices/door/relay-watch.ts";

const kinds = (events: { kind: string }[]): string[] => events.map(({ kind }) => kind);

describe("a lock's relay that reports", () => {
  it("says nothing while it does what it was told", () => {
    const relay = new RelayWatch();
    assert.deepEqual(relay.take(false, 0), []);
    relay.told(1000, 5000);
    assert.deepEqual(relay.take(true, 1100), []);
    assert.deepEqual(relay.take(false, 6900), []); // a device that rounds up to whole seconds
    assert.equal(relay.due, undefined);
    assert.deepEqual(relay.tick(60_000), []);
  });

  it("is stuck when it stays on past its time, once, until it is off", () => {
    const relay = new RelayWatch();
    relay.told(0, 5000);
    relay.take(true, 100);
    assert.equal(relay.due, 7000);
    assert.deepEqual(kinds(relay.tick(7000)), ["relay-stuck"]);
    assert.equal(relay.fault, "stuck");
    assert.deepEqual(relay.tick(8000), []);
    assert.deepEqual(kinds(relay.take(false, 9000)), ["relay-rests"]);
    assert.equal(relay.fault, "none");
  });

  it("was not asked by us when it goes on by itself, also before it was ever told anything", () => {
    const relay = new RelayWatch();
    assert.deepEqual(kinds(relay.take(true, 0)), ["relay-unasked"]);
    assert.deepEqual(kinds(relay.take(false, 500)), ["relay-rests"]);
    relay.told(1000, 1000);
    relay.take(true, 1050);
    relay.take(false, 2000);
    assert.deepEqual(kinds(relay.take(true, 20_000)), ["relay-unasked"]);
  });

  it("is silent when it never says that it moved, and is well again when it does", () => {
    const relay = new RelayWatch();
    relay.told(0, 1000);
    assert.deepEqual(kinds(relay.tick(2999)), []);
    assert.deepEqual(kinds(relay.tick(3000)), ["relay-silent"]);
    relay.told(10_000, 1000);
    assert.deepEqual(kinds(relay.tick(13_000)), []); // said once
    relay.told(20_000, 1000);
    assert.deepEqual(kinds(relay.take(true, 20_200)), ["relay-rests"]);
    assert.deepEqual(relay.take(false, 21_000), []);
  });

  it("is stuck also while a crowd has it told again and again, if it said that it is on and nothing more", () => {
    const relay = new RelayWatch();
    relay.told(0, 1000);
    relay.take(true, 100);
    const told: string[] = [];
    for (let at = 1200; at < 20_000; at += 1200) {
      told.push(...kinds(relay.tick(at)));
      relay.told(at, 1000);
    }
    assert.deepEqual(told, ["relay-stuck"]);
    assert.deepEqual(kinds(relay.take(false, 20_000)), ["relay-rests"]);
  });

  it("is well in a crowd that keeps it open, and in one that comes just after it went off", () => {
    for (const apart of [400, 1200]) {
      const relay = new RelayWatch();
      relay.take(false, 0);
      for (let at = 1000; at < 20_000; at += apart) {
        assert.deepEqual(relay.tick(at), []);
        relay.told(at, 1000);
        if (apart > 1000 || at === 1000) assert.deepEqual(relay.take(true, at + 50), []);
        if (apart > 1000) assert.deepEqual(relay.take(false, at + 1050), []);
      }
    }
  });

  it("never stays on past its time unnoticed, in whatever order things come", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("told" as const), ms: fc.integer({ min: 100, max: 60_000 }) }),
      fc.record({ do: fc.constant("report" as const), on: fc.boolean() }),
      fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const relay = new RelayWatch();
        let at = 0;
        let until = Number.NEGATIVE_INFINITY;
        let on = false;
        for (const one of steps) {
          if (one.do === "told") {
            relay.told(at, one.ms);
            until = Math.max(until, at + one.ms);
          } else if (one.do === "report") {
            on = one.on;
            relay.take(on, at);
          } else {
            at += one.ms;
            while (relay.due !== undefined && relay.due <= at) relay.tick(relay.due);
          }
          if (on && at >= until + 2000) {
            relay.tick(at);
            assert.notEqual(relay.fault, "none");
          }
          if (!on && relay.fault !== "silent") assert.equal(relay.fault, "none");
        }
      }),
    );
  });
});
