import assert from "node:assert/strict";
import { FarEnd, has, PtyLine, until } from "../device/lines.ts";
import { houseNodes } from "../nodes/harness.ts";
import { type Booted, boot } from "./booted.ts";
import { StaffedVault } from "./staffed-vault.ts";

const at = { z: "tab", x: 100, y: 100 };

describe("a card reader that is pulled off its line", () => {
  let line: PtyLine;
  let far: FarEnd | undefined;
  let vault: StaffedVault;
  let red: Booted | undefined;
  before(async function () {
    if (!has("socat")) this.skip();
    line = await new PtyLine().plug();
    far = await FarEnd.open(line.far);
    vault = new StaffedVault();
    await vault.start();
    red = await boot({
      socket: vault.socket,
      flow: [
        { id: "tab", type: "tab", label: "Gate" },
        ...houseNodes,
        {
          id: "port",
          type: "serial-port",
          serialport: line.near,
          serialbaud: "9600",
          databits: "8",
          parity: "none",
          stopbits: "1",
          newline: "20",
          bin: "bin",
          out: "interbyte",
          addchar: "",
          waitfor: "",
          responsetimeout: "10000",
        },
        { ...at, id: "serial", type: "serial in", serial: "port", wires: [["read"]] },
        { ...at, id: "read", type: "card-read", door: "door", format: "rdm6300", wires: [["rule"]] },
        { ...at, id: "rule", type: "entry-rule", door: "door", wires: [[]] },
      ],
    });
  });
  after(async () => {
    await red?.stop();
    await vault?.remove();
    await far?.close();
    await line?.remove();
  });

  const told = (): string[] => vault.readerNews;

  it("is on the record within the minute, without anything being wired for it, and so is its return", async () => {
    await until(() => red!.log().includes("serial port"), "the port", 30_000);
    await far?.close();
    far = undefined;
    await line.unplug();
    await until(() => told().length > 0, "the alarm", 60_000);
    await line.plug();
    await until(() => told().length > 1, "its end", 60_000);
    assert.deepEqual(told(), [
      "gate-1 reader-silent serial in serial",
      "gate-1 reader-back serial in serial",
    ]);
  });
});
