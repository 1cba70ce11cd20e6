import assert from "node:assert/strict";
import { act } from "../../../nodes/lib/acts.ts";
import { registry } from "../../../nodes/lib/registry.ts";
import type { Message } from "../../../nodes/lib/types.ts";
import limenDoor from "../../../nodes/limen-door/limen-door.ts";
import limenSite from "../../../nodes/limen-site/limen-site.ts";
import pinRead from "../../../nodes/pin-read/pin-read.ts";
import { attemptOf, FakeVault } from "../fake-vault.ts";
import { type Bench, bench, houseNodes } from "../harness.ts";

const modules = [limenSite, limenDoor, pinRead] as never;
const house = houseNodes.filter(({ type }) => type !== "limen-camera");

describe("pin-read", () => {
  let on: Bench | undefined;
  afterEach(async () => {
    await on?.stop();
    on = undefined;
  });

  const load = async (settings: Record<string, unknown> = {}): Promise<Bench> => {
    const vault = new FakeVault().answer("identify", ({ door, method, attempt }) =>
      attemptOf({ door, method, ...(attempt ? { id: attempt } : {}) }),
    );
    on = await bench(
      modules,
      [
        ...house,
        { id: "pin", type: "pin-read", door: "door", wires: [["out"]], ...settings },
        { id: "out", type: "helper" },
      ],
      { vault },
    );
    return on;
  };
  const put = (payload: unknown): void => on?.put("pin", { payload, _msgid: "m" } as Message);

  it("hands a finished code to the vault, and its digits to nobody else", async () => {
    const { vault, next, node } = await load({ reader: "gate-keys" });
    const said: string[] = [];
    for (const event of ["call:status", "call:error", "call:warn", "call:log"])
      (node("pin") as unknown as { on(event: string, run: (call: { args: unknown[] }) => void): void }).on(
        event,
        ({ args }) => said.push(JSON.stringify(args)),
      );
    const got = next("out");
    for (const key of "48*482913#") put(key);
    const message = await got;
    assert.deepEqual(vault.requests("identify"), [
      { door: "gate-1", node: "pin", reader: "gate-keys", method: "pin", digits: "482913" },
    ]);
    assert.doesNotMatch(JSON.stringify(message) + said.join(), /4829/);
    assert.equal(message.topic, "gate-1");
  });

  it("never takes a card number on a shared wire for a code", async () => {
    const { vault, next } = await load({ format: "shared", length: 4 });
    put("0040856634\r\n");
    const got = next("out");
    for (const key of "4829") {
      put(key);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    await got;
    assert.deepEqual(
      vault.requests("identify").map(({ digits }) => digits),
      ["4829"],
    );
  });

  it("adds the code to the attempt before it", async () => {
    const { vault, next, status } = await load({ use: "after" });
    const asked = status("pin", (text) => text.includes("code-please"));
    const first = attemptOf();
    put(first);
    await asked;
    const got = next("out");
    put("4829#");
    assert.equal(((await got).payload as { id: string }).id, first.id);
    assert.deepEqual(vault.requests("identify"), [
      { door: "gate-1", node: "pin", reader: "pin", method: "pin", digits: "4829", attempt: first.id },
    ]);
  });

  it("keeps nobody waiting whom staff or a test lets in", async () => {
    const { next } = await load({ use: "after" });
    const got = next("out");
    const vouched = attemptOf({ method: "guard" });
    put(vouched);
    assert.deepEqual((await got).payload, vouched);
  });

  it("takes no code before the first way, and sends on what already failed or was overtaken", async () => {
    const { vault, next, status } = await load({ use: "after" });
    const refused = status("pin", (text) => text.includes("first-way-first"));
    put("4829#");
    await refused;
    const failed = attemptOf({
      checks: [{ node: "card", check: "identify", result: "fail", code: "no-such-credential" }],
    });
    let got = next("out");
    put(failed);
    assert.deepEqual((await got).payload, failed);
    const [older, newer] = [attemptOf(), attemptOf()];
    got = next("out");
    put(older);
    put(newer);
    assert.deepEqual((await got).payload, older);
    assert.equal(vault.requests("identify").length, 0);
  });

  it("is a way in alone, and none as a second", async () => {
    const first = await load();
    assert.deepEqual(first.vault.requests("configure")[0]?.doors[0]?.ways, ["pin"]);
    await first.stop();
    const second = await load({ use: "after" });
    assert.deepEqual(second.vault.requests("configure")[0]?.doors[0]?.ways, []);
  });

  it("ignores a broker's memory and things that are no keys", async () => {
    const { vault, next } = await load();
    on?.put("pin", { payload: "1111#", retain: true } as Message);
    for (const payload of [undefined, null, 7, {}, [1, 2], Buffer.alloc(1 << 20, 0x31)]) put(payload);
    const got = next("out");
    put("4829#");
    await got;
    assert.deepEqual(
      vault.requests("identify").map(({ digits }) => digits),
      ["4829"],
    );
  });

  it("takes a code from the door's own screen, which locks for itself", async () => {
    const { vault, next } = await load({ reader: "gate-keys" });
    const got = next("out");
    const id = await act("gate-1", "pin", { digits: "482913" });
    const message = await got;
    assert.equal((message.payload as { id: string }).id, id);
    assert.deepEqual(vault.requests("identify"), [
      { door: "gate-1", node: "pin", reader: "screen-gate-1", method: "pin", digits: "482913" },
    ]);
    assert.doesNotMatch(JSON.stringify(message), /4829/);
    assert.equal(described()[0]!.pad, true);
  });

  it("takes none from a screen where it is not set to, and after nothing where a card comes first", async () => {
    await load({ screen: false });
    await assert.rejects(act("gate-1", "pin", { digits: "482913" }), { code: "no-such-way" });
    assert.equal(described()[0]!.pad, undefined);
    await on!.stop();
    const { vault, next, status } = await load({ use: "after" });
    await assert.rejects(act("gate-1", "pin", { digits: "482913" }), { code: "first-way-first" });
    const asked = status("pin", (text) => text.includes("code-please"));
    const first = attemptOf();
    put(first);
    await asked;
    const got = next("out");
    assert.equal(await act("gate-1", "pin", { digits: "482913" }), first.id);
    await got;
    assert.equal(vault.requests("identify")[0]!.attempt, first.id);
    assert.deepEqual([described()[0]!.ways, described()[0]!.seconds], [[], ["pin"]]);
  });
});

const described = () => registry.describe({ hash: "f".repeat(64), findings: [] }, []).doors;
