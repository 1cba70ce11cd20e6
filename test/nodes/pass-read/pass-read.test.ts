import assert from "node:assert/strict";
import type { Message } from "../../../nodes/lib/types.ts";
import limenDoor from "../../../nodes/limen-door/limen-door.ts";
import limenSite from "../../../nodes/limen-site/limen-site.ts";
import passRead from "../../../nodes/pass-read/pass-read.ts";
import { attemptOf, FakeVault } from "../fake-vault.ts";
import { type Bench, bench, houseNodes } from "../harness.ts";

const modules = [limenSite, limenDoor, passRead] as never;
const house = houseNodes.filter(({ type }) => type !== "limen-camera");

describe("pass-read", () => {
  let on: Bench | undefined;
  afterEach(async () => {
    await on?.stop();
    on = undefined;
  });

  const load = async (settings: Record<string, unknown> = {}): Promise<Bench> => {
    const vault = new FakeVault().answer("identify", ({ door, method }) => attemptOf({ door, method }));
    on = await bench(
      modules,
      [
        ...house,
        { id: "pass", type: "pass-read", door: "door", wires: [["out"]], ...settings },
        { id: "out", type: "helper" },
      ],
      { vault },
    );
    return on;
  };
  const put = (payload: unknown): void => on?.put("pass", { payload, _msgid: "m" } as Message);

  it("hands a pass to the vault, however it was cut, and its text to nobody else", async () => {
    const { vault, next } = await load({ reader: "gate-qr" });
    const got = next("out");
    put(Buffer.from("AEBAGBAFAYDQQC"));
    put("IKBMGA2DQ\r\n");
    const message = await got;
    assert.deepEqual(vault.requests("identify"), [
      { door: "gate-1", node: "pass", reader: "gate-qr", method: "pass", text: "AEBAGBAFAYDQQCIKBMGA2DQ" },
    ]);
    assert.doesNotMatch(JSON.stringify(message), /AEBAG/);
  });

  it("counts a code that is held there once, and drops what is too long, binary or remembered", async () => {
    const { vault, next, status } = await load({ framing: "message" });
    on?.put("pass", { payload: "RETAINED", retain: true } as Message);
    const unreadable = status("pass", (text) => text.includes("unreadable"));
    put("A".repeat(2000));
    put(Buffer.from([0x80, 0x81, 0xff]));
    await unreadable;
    for (let times = 0; times < 10; times++) put("PASSONE");
    put("PASSTWO");
    while (!vault.requests("identify").some(({ text }) => text === "PASSTWO")) await next("out");
    assert.deepEqual(
      vault.requests("identify").map(({ text }) => text),
      ["PASSONE", "PASSTWO"],
    );
  });
});
