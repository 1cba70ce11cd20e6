import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { ModbusBus } from "../../nodes/limen-bus/modbus.ts";
import { BoardWatch } from "../../nodes/relay-out/board-watch.ts";
import { FarEnd, has, PtyLine, until } from "./lines.ts";

const python = "/usr/bin/python3"; // Debian's: the one its packages are for
const script = fileURLToPath(new URL("./modbus-slave.py", import.meta.url));
const run = promisify(execFile);

describe("Modbus relays on a slave that is not ours", () => {
  let line: PtyLine;
  let slave: ChildProcess | undefined;
  let bus: ModbusBus | undefined;

  before(function () {
    const modules = spawnSync(python, ["-c", "import pymodbus, serial_asyncio"]).status === 0;
    if (!has("socat") || !has("mbpoll") || !modules) this.skip();
  });
  beforeEach(async () => {
    line = await new PtyLine().plug();
  });
  afterEach(async () => {
    await bus?.close();
    bus = undefined;
    slave?.kill();
    await line.remove();
  });

  /** The coils as another master sees them; undefined while the slave does not answer. */
  const coils = async (): Promise<string | undefined> => {
    const args = [
      "-m",
      "rtu",
      "-a",
      "1",
      "-b",
      "9600",
      "-P",
      "none",
      "-t",
      "0",
      "-r",
      "1",
      "-c",
      "8",
      "-1",
      "-q",
    ];
    const { stdout } = await run("mbpoll", [...args, line.near]).catch(() => ({ stdout: "" }));
    const values = [...stdout.matchAll(/^\[\d\]:\s+([01])$/gm)].map(([, value]) => value);
    return values.length === 8 ? values.join("") : undefined;
  };
  const serve = async (...kind: string[]): Promise<void> => {
    slave = spawn(python, [script, line.far, ...kind], { stdio: "ignore" });
    await until(async () => (await coils()) === "00000000", "the slave");
  };
  const open = async (): Promise<ModbusBus> => {
    bus = new ModbusBus({ path: line.near, baudRate: 9600 }).open();
    await until(() => bus!.up, "the bus");
    return bus;
  };
  const letGo = async (): Promise<void> => {
    await bus?.close();
    bus = undefined;
  };

  it("are released for their time by the board itself", async () => {
    await serve("waveshare");
    await (await open()).pulse(1, 3, 2500);
    await letGo(); // nobody is there to switch off
    await until(async () => (await coils()) === "00100000", "relay 3 on");
    await until(async () => (await coils()) === "00000000", "relay 3 off");
  });

  it("are not believed to have moved when an adapter repeats what was said and no board is there", async () => {
    const adapter = await FarEnd.open(line.far);
    adapter.port.on("data", (bytes: Buffer) => void adapter.say(bytes).catch(() => undefined));
    const relays = await open();
    await assert.rejects(relays.pulse(1, 3, 2500), { code: "relay-failed" });
    await adapter.close();
  });

  it("are told OFF before their time", async () => {
    await serve("waveshare");
    const relays = await open();
    await relays.pulse(1, 1, 60_000);
    await relays.off(1, 1);
    await letGo();
    assert.equal(await coils(), "00000000");
  });

  it("say themselves whether they are on, and nothing where nobody answers", async () => {
    await serve("waveshare");
    const relays = await open();
    assert.equal(await relays.isOn(1, 2), false);
    await relays.pulse(1, 2, 60_000);
    assert.equal(await relays.isOn(1, 2), true);
    await relays.off(1, 2);
    assert.equal(await relays.isOn(1, 2), false);
    assert.equal(await relays.isOn(2, 1), undefined);
    await letGo();
  });

  it("are missed when their board stops answering, before anybody needs it, and found again", async () => {
    await serve("waveshare");
    bus = new ModbusBus({ path: line.near, baudRate: 9600, idleMs: 200 }).open();
    await until(() => bus!.up, "the bus");
    const told: string[] = [];
    const watch = new BoardWatch(bus, 1, 3, (kind) => told.push(kind));
    await new Promise((later) => setTimeout(later, 1000)); // it answers
    assert.deepEqual(told, []);
    slave?.kill("SIGSTOP"); // alive on the line, and silent
    await until(() => told.length === 1, "the silence to be noticed");
    assert.ok(bus.up, "the line itself is well");
    slave?.kill("SIGCONT");
    await until(() => told.length === 2, "the board to be heard again");
    watch.close();
    assert.deepEqual(told, ["relay-silent", "relay-rests"]);
    await letGo();
    assert.equal(await coils(), "00000000", "it was only asked");
  });

  it("have failed when the answer is not the request again: a board of another protocol", async () => {
    await serve();
    const relays = await open();
    await assert.rejects(relays.pulse(1, 1, 3000), { code: "relay-failed" });
    await relays.off(1, 1); // as relay-out does: it may have moved
    await letGo();
    assert.equal(await coils(), "00000000");
  });

  it("have failed when nobody answers, and never are everybody", async () => {
    await serve("waveshare");
    const relays = await open();
    await assert.rejects(relays.pulse(2, 1, 3000), { code: "relay-failed" });
    await assert.rejects(relays.pulse(0, 1, 3000), { code: "relay-failed" });
    await relays.pulse(1, 8, 1000);
    await letGo();
  });

  it("are found again after the line was pulled out and put back", async () => {
    await serve("waveshare");
    const relays = await open();
    slave?.kill();
    await line.unplug();
    await until(() => !relays.up, "the loss to be noticed");
    await assert.rejects(relays.pulse(1, 1, 1000), { code: "relay-failed" });
    await line.plug();
    slave = spawn(python, [script, line.far, "waveshare"], { stdio: "ignore" });
    await until(() => relays.up, "the bus");
    await until(
      () =>
        relays.pulse(1, 1, 300).then(
          () => true,
          () => false,
        ),
      "a pulse",
    );
  });
});
