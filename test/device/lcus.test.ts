import assert from "node:assert/strict";
import { type ChildProcess, fork, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { LcusBus } from "../../nodes/limen-bus/lcus.ts";
import { FarEnd, has, PtyLine, relaysOn, until } from "./lines.ts";

const host = fileURLToPath(new URL("./lcus-host.ts", import.meta.url));
const off = "a00100a1";
const on = "a00101a2";

describe("an LCUS board on a real line", () => {
  let line: PtyLine;
  let far: FarEnd | undefined;
  let bus: LcusBus | undefined;

  before(function () {
    if (!has("socat")) this.skip();
  });
  beforeEach(async () => {
    line = await new PtyLine().plug();
    far = await FarEnd.open(line.far);
  });
  afterEach(async () => {
    await bus?.close();
    bus = undefined;
    await far?.close();
    await line.remove();
  });

  const start = async (relays = 1): Promise<LcusBus> => {
    bus = new LcusBus({ path: line.near, baudRate: 9600, relays }).open();
    await until(() => bus!.up, "the bus");
    return bus;
  };
  const heard = (): string => far?.received ?? "";
  const forget = (): void => {
    if (far) far.received = "";
  };

  it("hears OFF at the start, ON for a pulse, and OFF after it", async () => {
    const relays = await start(2);
    await until(() => heard() === `${off}a00200a2`, "OFF for each relay");
    forget();
    await relays.pulse(1, 1, 300);
    await until(() => heard() === on + off, "ON, then OFF");
  });

  it("hears OFF when the flow stops mid-pulse", async () => {
    const relays = await start();
    await relays.pulse(1, 1, 60_000);
    await until(() => heard().endsWith(on), "ON");
    await relays.close();
    bus = undefined;
    await until(() => heard().endsWith(on + off), "OFF");
  });

  it("hears OFF first when the line comes back, and is never switched on by what it missed", async () => {
    const relays = await start();
    await relays.pulse(1, 1, 60_000);
    await until(() => heard().endsWith(on), "ON");
    await far?.close();
    await line.unplug();
    await until(() => !relays.up, "the loss to be noticed");
    await assert.rejects(relays.pulse(1, 1, 1000), { code: "relay-failed" });
    await line.plug();
    far = await FarEnd.open(line.far);
    await until(() => heard().length >= off.length, "OFF");
    await until(() => relays.up, "the bus");
    assert.ok(heard().startsWith(off));
    assert.ok(!heard().includes(on));
    await relays.pulse(1, 1, 200);
    await until(() => heard().endsWith(on + off), "the next pulse");
  });

  it("can be there before its line is", async () => {
    await far?.close();
    await line.unplug();
    bus = new LcusBus({ path: line.near, baudRate: 9600, relays: 1 }).open();
    await assert.rejects(bus.pulse(1, 1, 1000), { code: "relay-failed" });
    await line.plug();
    far = await FarEnd.open(line.far);
    await until(() => bus!.up && heard().startsWith(off), "OFF");
  });

  for (const signal of ["SIGKILL", "SIGTERM", "SIGINT"] as const)
    it(`hears OFF when the process that opened it dies of ${signal} mid-pulse`, async () => {
      const child = fork(host, [line.near, "60000"]);
      await pulsing(child);
      child.kill(signal);
      await until(() => heard().endsWith(on + off), "OFF");
      assert.equal(relaysOn(heard()).size, 0);
    });

  for (const signal of ["SIGKILL", "SIGTERM"] as const)
    it(`hears OFF when its keeper gets a ${signal} mid-pulse, and works on with the next one`, async () => {
      const relays = await start();
      await relays.pulse(1, 1, 60_000);
      const states: boolean[] = [];
      relays.onState((up) => states.push(up));
      const { stdout } = spawnSync("pgrep", ["-P", String(process.pid), "-f", `keeper.*${line.near}`], {
        encoding: "utf8",
      });
      process.kill(Number(stdout.trim()), signal);
      await until(() => /a00101a2(a00100a1)+$/.test(heard()), "OFF");
      await until(() => states.join() === "false,true", "the next keeper");
      await relays.pulse(1, 1, 200);
      await until(() => heard().endsWith(on + off), "the next pulse");
    });

  it("is not opened late by a keeper that was held up when it was asked", async () => {
    const relays = await start();
    const { stdout } = spawnSync("pgrep", ["-P", String(process.pid), "-f", `keeper.*${line.near}`], {
      encoding: "utf8",
    });
    const keeper = Number(stdout.trim());
    process.kill(keeper, "SIGSTOP");
    try {
      await assert.rejects(relays.pulse(1, 1, 1000), { code: "relay-failed" });
    } finally {
      process.kill(keeper, "SIGCONT");
    }
    await relays.pulse(1, 1, 100); // it works again, and has heard the first order by now
    await until(() => heard().endsWith(on + off), "the next pulse");
    assert.equal(heard().split(on).length, 2, "one ON");
  });

  it("stays released by fire over the end of the process that said so, and is freed by the next", async () => {
    const relays = await start();
    await relays.hold(1, 1);
    await until(() => heard().endsWith(on), "ON");
    forget();
    await relays.close();
    bus = new LcusBus({ path: line.near, baudRate: 9600, relays: 1, held: [1] }).open();
    await until(() => bus!.up && heard().length > 0, "the next process");
    assert.ok(!heard().includes(off), heard());
    await bus.free(1, 1);
    await until(() => heard().endsWith(off), "OFF at the reset");
  });

  it("hears OFF on time from a process that hangs", async () => {
    const child = fork(host, [line.near, "1500"]);
    try {
      await pulsing(child);
      child.kill("SIGSTOP");
      await until(() => heard().endsWith(on + off), "OFF");
    } finally {
      child.kill("SIGKILL");
    }
  });

  const pulsing = async (child: ChildProcess): Promise<void> => {
    const said = await new Promise((resolve) => child.once("message", resolve));
    assert.equal(said, "on");
    await until(() => heard().includes(on), "ON");
  };
});
