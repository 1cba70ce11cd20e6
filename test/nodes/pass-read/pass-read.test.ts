import assert from "node:assert/strict";
import { act } from "../../../nodes/lib/acts.ts";
import { registry } from "../../../nodes/lib/registry.ts";
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

  it("takes a phone's press, where the door is set to, and says so to whoever asks what the door offers", async () => {
    const { vault, next } = await load({ phone: "by-class" });
    const auth = "ls_0123456789abcdefghij";
    const got = next("out");
    const id = await act("gate-1", "phone", { auth });
    assert.equal(((await got).payload as { id: string }).id, id);
    await act("gate-1", "phone", { auth, code: "482913" });
    assert.deepEqual(vault.requests("identify"), [
      { door: "gate-1", node: "pass", reader: "pass", method: "phone", auth },
      { door: "gate-1", node: "pass", reader: "pass", method: "phone", auth, digits: "482913" },
    ]);
    const [door] = described();
    assert.deepEqual([door!.ways, door!.phone], [["pass", "phone"], "anywhere"]);
  });

  it("opens a house only for a phone that is there, and a door that is not set to for none", async () => {
    await load({ phone: "at-door" });
    assert.equal(described()[0]!.phone, "at-door");
    await on!.stop();
    await load();
    assert.deepEqual([described()[0]!.ways, described()[0]!.phone], [["pass"], undefined]);
    await assert.rejects(act("gate-1", "phone", { auth: "ls_0123456789abcdefghij" }), {
      code: "no-such-way",
    });
    await on!.stop();
    await load({ phone: "anywhere", wires: [[]] });
    assert.deepEqual([described()[0]!.ways, described()[0]!.phone], [[], undefined], "not wired: no way in");
  });
});

const described = () => registry.describe({ hash: "f".repeat(64), findings: [] }, []).doors;
