import assert from "node:assert/strict";
import { isLate, longestWaitMs } from "../../../nodes/limen-bus/keeper-protocol.ts";
import { Turns } from "../../../nodes/limen-bus/turns.ts";
import { MovedTime } from "../../core/devices/moved-time.ts";

describe("the turns of a line", () => {
  it("come one after the other, and never late", async () => {
    const time = new MovedTime();
    const turns = new Turns(time);
    const done: string[] = [];
    let go = (): void => undefined;
    const run =
      (name: string, work: Promise<unknown> = Promise.resolve()) =>
      async () => {
        await work;
        done.push(name);
        return name;
      };
    const stalled = new Promise<void>((resolve) => {
      go = resolve;
    });
    const first = turns.take(run("first", stalled), longestWaitMs);
    const late = turns.take(run("late"), longestWaitMs);
    const off = turns.take(run("off")); // an OFF is never too late
    await time.move(longestWaitMs + 1);
    const fresh = turns.take(run("fresh"), longestWaitMs);
    assert.deepEqual(done, []);
    go();
    assert.deepEqual(await Promise.all([first, late, off, fresh]), ["first", undefined, "off", "fresh"]);
    await turns.over();
    assert.deepEqual(done, ["first", "off", "fresh"]);
  });

  it("are over for an order to open that has waited too long, and for no other order", () => {
    const order = { n: 1, do: "pulse", channel: 1, ms: 1000, before: longestWaitMs } as const;
    assert.equal(isLate(order, longestWaitMs), false);
    assert.equal(isLate(order, longestWaitMs + 1), true);
    assert.equal(isLate({ n: 2, do: "off", channel: 1 }, Number.MAX_VALUE), false);
    assert.equal(isLate({ n: 3, do: "hold", channel: 1 }, Number.MAX_VALUE), false);
  });
});
