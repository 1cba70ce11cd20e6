import assert from "node:assert/strict";
import type { Bus } from "../../../nodes/limen-bus/bus.ts";
import { BusState } from "../../../nodes/limen-bus/bus.ts";
import limenBus from "../../../nodes/limen-bus/limen-bus.ts";
import { FarEnd, has, PtyLine, until } from "../../device/lines.ts";
import { type Bench, bench } from "../harness.ts";

describe("limen-bus", () => {
  let on: Bench | undefined;
  let line: PtyLine | undefined;
  afterEach(async () => {
    await on?.stop();
    on = undefined;
    await line?.remove();
    line = undefined;
  });

  const load = async (settings: Record<string, unknown>): Promise<Bus> => {
    on = await bench([limenBus] as never, [{ id: "bus", type: "limen-bus", ...settings }]);
    return (on.node("bus") as unknown as { limen: { service: Bus } }).limen.service;
  };

  for (const kind of ["lcus", "modbus"])
    it(`of kind ${kind} waits for a port that is not there, and finds it`, async function () {
      if (!has("socat")) this.skip();
      line = new PtyLine();
      const bus = await load({ kind, port: line.near });
      assert.equal(bus.up, false);
      await assert.rejects(bus.pulse(1, 1, 500), { code: "relay-failed" });
      await bus.off(1, 1);
      const seen: boolean[] = [];
      const stop = bus.onState((up) => seen.push(up));
      await line.plug();
      await until(() => bus.up, "the line");
      await line.unplug();
      await until(() => !bus.up, "the loss");
      assert.deepEqual(seen, [true, false]);
      stop();
    });

  it("gives its port back when the flow stops", async function () {
    if (!has("socat")) this.skip();
    line = await new PtyLine().plug();
    const far = await FarEnd.open(line.far);
    const bus = await load({ kind: "lcus", port: line.near, relays: 2 });
    await until(() => bus.up, "the line");
    await on?.stop();
    on = undefined;
    assert.ok(far.received.endsWith("a00100a1a00200a2"));
    const next = await FarEnd.open(line.near); // a lock that was still held would refuse
    await Promise.all([next.close(), far.close()]);
  });

  it("tells its listeners only what changed", () => {
    const state = new BusState();
    const seen: boolean[] = [];
    state.on((up) => seen.push(up));
    for (const up of [false, true, true, false, false]) state.set(up);
    assert.deepEqual(seen, [true, false]);
  });
});
