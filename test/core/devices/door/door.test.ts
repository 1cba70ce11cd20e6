import assert from "node:assert/strict";
import fc from "fast-check";
import { Heartbeats } from "../../../../core/devices/door/heartbeats.ts";
import { levelOf } from "../../../../core/devices/door/levels.ts";
import {
  type DoorEvent,
  type DoorInput,
  type DoorSettings,
  DoorWatch,
} from "../../../../core/devices/door/supervise.ts";

const settings: DoorSettings = {
  openMs: 5000,
  heldMs: 15_000,
  warnMs: 5000,
  exit: "shunt",
  lostIsFire: true,
};
const kinds = (events: DoorEvent[]): string => events.map(({ kind }) => kind).join(" ");
const opens = { input: "contact", open: true } as const;
const closes = { input: "contact", open: false } as const;
const granted = { input: "granted" } as const;
const exit = { input: "exit" } as const;
const fire = (alarm: boolean) => ({ input: "fire", alarm }) as const;
const reset = { input: "fire-reset" } as const;

/** Runs inputs at their times and answers what happened, as `time:kind`. */
function play(script: [number, DoorInput | undefined][], more: Partial<DoorSettings> = {}): string {
  const door = new DoorWatch({ ...settings, ...more });
  door.take(closes, 0);
  return script
    .flatMap(([at, input]) =>
      (input ? door.take(input, at) : door.tick(at)).map(({ kind }) => `${at}:${kind}`),
    )
    .join(" ");
}

describe("a watched door", () => {
  it("that opens for nobody was forced", () => {
    assert.equal(play([[1000, opens]]), "1000:forced");
    assert.equal(
      play([
        [1000, granted],
        [7001, opens],
      ]),
      "7001:not-taken 7001:forced",
    );
  });

  it("that opens after a grant or the exit button was not", () => {
    assert.equal(
      play([
        [1000, granted],
        [3000, opens],
        [4000, closes],
      ]),
      "4000:closed",
    );
    assert.equal(
      play([
        [1000, granted],
        [6900, opens],
      ]),
      "",
    ); // contact bounce and lag
    assert.equal(
      play([
        [1000, exit],
        [2000, opens],
      ]),
      "1000:exit",
    );
  });

  it("is awaited, and held, from the end of the time it was opened for", () => {
    const longer = { input: "granted", ms: 15_000 } as const;
    // the usual time would be over: somebody who needs more comes through, and is not a break-in
    assert.equal(
      play([
        [1000, longer],
        [15_900, opens],
        [16_500, closes],
      ]),
      "16500:closed",
    );
    assert.equal(
      play([
        [1000, longer],
        [17_001, undefined],
      ]),
      "17001:not-taken",
    );
    const held = 1000 + 15_000 + settings.heldMs;
    assert.equal(
      play(
        [
          [1000, longer],
          [2000, opens],
          [held - 1, undefined],
        ],
        { warnMs: 0 },
      ),
      "",
    );
    assert.equal(
      play(
        [
          [1000, longer],
          [2000, opens],
          [held, undefined],
        ],
        { warnMs: 0 },
      ),
      `${held}:held`,
    );
  });

  it("counts a bouncing button once", () => {
    assert.equal(
      play([
        [1000, exit],
        [1005, exit],
        [1900, exit],
        [2900, exit],
      ]),
      "1000:exit 2900:exit",
    );
  });

  it("says when somebody was let in and did not go", () => {
    assert.equal(
      play([
        [1000, granted],
        [6999, undefined],
        [7000, undefined],
        [9000, undefined],
      ]),
      "7000:not-taken",
    );
    assert.equal(
      play([
        [1000, exit],
        [9000, undefined],
      ]),
      "1000:exit",
    );
  });

  it("warns before it counts as held, once each, and starts over when it closes", () => {
    assert.equal(
      play([
        [1000, granted],
        [2000, opens],
        [15_999, undefined],
        [16_000, undefined],
        [20_999, undefined],
        [21_000, undefined],
        [90_000, undefined],
        [91_000, closes],
        [92_000, exit],
        [92_500, opens],
        [112_000, undefined],
      ]),
      "16000:held-warning 21000:held 91000:closed 92000:exit 112000:held",
    );
    assert.equal(
      play(
        [
          [1000, opens],
          [16_000, undefined],
        ],
        { warnMs: 0 },
      ),
      "1000:forced 16000:held",
    );
  });

  it("gives more time when the next person is let in", () => {
    assert.equal(
      play([
        [1000, granted],
        [2000, opens],
        [17_000, granted],
        [30_000, undefined],
        [32_000, undefined],
      ]),
      "17000:held-warning 32000:held-warning",
    );
  });

  it("that stood open when it was first heard of was not forced, but is held", () => {
    const door = new DoorWatch(settings);
    assert.equal(door.state, "unknown");
    assert.equal(kinds(door.take(opens, 1000)), "");
    assert.equal(door.state, "open");
    assert.equal(kinds(door.tick(20_000)), "held");
  });

  it("says tampering once until it is over", () => {
    const door = new DoorWatch(settings);
    const tamper = (alarm: boolean) => kinds(door.take({ input: "tamper", alarm }, 0));
    assert.deepEqual(
      [tamper(false), tamper(true), tamper(true), tamper(false), tamper(true)],
      ["", "tamper", "", "", "tamper"],
    );
  });
});

describe("fire", () => {
  it("latches until a person resets it and the input is quiet", () => {
    const door = new DoorWatch(settings);
    assert.equal(kinds(door.take(fire(true), 0)), "fire");
    assert.equal(kinds(door.take(fire(true), 1)), "");
    assert.equal(kinds(door.take(reset, 2)), "");
    assert.equal(kinds(door.take(fire(false), 3)), "");
    assert.ok(door.fire);
    assert.equal(kinds(door.take(reset, 4)), "fire-reset");
    assert.ok(!door.fire);
  });

  it("makes nothing the door does an alarm", () => {
    assert.equal(
      play([
        [0, fire(true)],
        [1000, opens],
        [90_000, undefined],
        [91_000, closes],
        [92_000, opens],
      ]),
      "0:fire 91000:closed",
    );
  });

  it("gives whoever stands in the door the usual time when it is over", () => {
    assert.equal(
      play([
        [0, fire(true)],
        [1000, opens],
        [90_000, fire(false)],
        [90_000, reset],
        [99_999, undefined],
        [100_000, undefined],
        [105_000, undefined],
      ]),
      "0:fire 90000:fire-reset 100000:held-warning 105000:held",
    );
  });

  it("is assumed where its input cannot be read and people must get out; elsewhere that is a fault", () => {
    assert.equal(play([[0, { input: "fire-lost" }]]), "0:fire");
    assert.equal(play([[0, { input: "fire-lost" }]], { lostIsFire: false }), "0:tamper");
  });

  it("from before a restart is still fire, and needs its input to speak before a reset", () => {
    const door = new DoorWatch(settings);
    door.restore({ fire: true });
    assert.ok(door.fire);
    assert.equal(kinds(door.take(reset, 0)), "");
    door.take(fire(false), 1);
    assert.equal(kinds(door.take(reset, 2)), "fire-reset");
  });
});

describe("a watched door, whatever happens", () => {
  const input: fc.Arbitrary<DoorInput> = fc.oneof(
    fc.record({ input: fc.constant("contact" as const), open: fc.boolean() }),
    fc.constantFrom<DoorInput>(granted, exit, reset, { input: "fire-lost" }),
    fc.record({ input: fc.constantFrom("fire" as const, "tamper" as const), alarm: fc.boolean() }),
  );

  it("alarms only where it may, latches fire, and never asks to be called in the past for ever", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.option(input)), {
          maxLength: 60,
          size: "max",
        }),
        (steps) => {
          const door = new DoorWatch(settings);
          let at = 0;
          let released = Number.NEGATIVE_INFINITY;
          let quiet = true;
          for (const [wait, what] of steps) {
            at += wait;
            const burning = door.fire;
            const events = what ? door.take(what, at) : door.tick(at);
            for (const { kind } of events) {
              if (kind === "forced") assert.ok(at >= released + 1000, "forced within a release");
              if (burning && door.fire)
                assert.ok(["closed", "exit", "tamper"].includes(kind), `${kind} while it burns`);
              if (kind === "fire-reset") assert.ok(burning && quiet && what?.input === "fire-reset");
              if (kind === "not-taken") assert.notEqual(door.state, "unknown");
            }
            if (burning && what?.input !== "fire-reset") assert.ok(door.fire, "only a reset ends it");
            if (what?.input === "granted" || what?.input === "exit")
              released = Math.max(released, at + settings.openMs);
            if (what?.input === "fire") quiet = !what.alarm;
            if (what?.input === "fire-lost") quiet = false;
            // asked at its own time, it has something to say and then asks for later
            for (let calls = 0; door.due !== undefined && door.due <= at; calls++) {
              assert.ok(calls < 4, "asks for the past again and again");
              door.tick(at);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("heartbeats", () => {
  it("tell once who has gone silent, and once who is back", () => {
    const beats = new Heartbeats(["card", "pin"], 60_000, 0);
    assert.equal(beats.due, 60_000);
    assert.deepEqual(beats.take({ name: "card", alive: true }, 30_000), []);
    assert.deepEqual(beats.tick(60_000), [{ name: "pin", alive: false }]);
    assert.deepEqual(beats.tick(70_000), []);
    assert.equal(beats.due, 90_000);
    assert.deepEqual(beats.take({ name: "pin", alive: true }, 80_000), [{ name: "pin", alive: true }]);
    assert.deepEqual(beats.take({ name: "card", alive: false }, 81_000), [{ name: "card", alive: false }]);
    assert.deepEqual(beats.silent, ["card"]);
    assert.deepEqual(beats.take({ name: "stranger", alive: true }, 82_000), []);
    assert.equal(new Heartbeats([], 1, 0).due, undefined);
  });
});

describe("levels", () => {
  it("are what devices send, and nothing else", () => {
    for (const on of [true, 1, "1", "ON", "open", " pressed\n", Buffer.from("true"), "online"])
      assert.equal(levelOf(on), true);
    for (const off of [false, 0, "0", "off", "CLOSED", Buffer.from("0"), "offline"])
      assert.equal(levelOf(off), false);
    for (const none of [undefined, null, 2, "", "maybe", {}, [], { state: "ON" }, "x".repeat(1e6)])
      assert.equal(levelOf(none), undefined);
  });
});
