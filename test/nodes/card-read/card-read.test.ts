import assert from "node:assert/strict";
import { encodeRdm6300 } from "../../../core/devices/cards/rdm6300.ts";
import cardRead from "../../../nodes/card-read/card-read.ts";
import type { Message } from "../../../nodes/lib/types.ts";
import limenDoor from "../../../nodes/limen-door/limen-door.ts";
import limenSite from "../../../nodes/limen-site/limen-site.ts";
import { attemptOf, FakeVault } from "../fake-vault.ts";
import { type Bench, bench, houseNodes } from "../harness.ts";

const modules = [limenSite, limenDoor, cardRead] as never;
const house = houseNodes.filter(({ type }) => type !== "limen-camera");
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("card-read", () => {
  let on: Bench | undefined;
  afterEach(async () => {
    await on?.stop();
    on = undefined;
  });

  const load = async (settings: Record<string, unknown> = {}, wires = [["out"]]): Promise<Bench> => {
    const vault = new FakeVault().answer("identify", ({ door, method }) => attemptOf({ door, method }));
    on = await bench(
      modules,
      [
        ...house,
        { id: "read", type: "card-read", door: "door", wires, ...settings },
        { id: "out", type: "helper" },
      ],
      { vault },
    );
    return on;
  };
  const frame = Buffer.from(encodeRdm6300("01026F6C3A"));
  const put = (payload: unknown, more: object = {}): void =>
    on?.put("read", { payload, _msgid: "m1", ...more } as Message);

  it("tells the vault the card, and the flow only the attempt", async () => {
    const { vault, next } = await load({ reader: "gate-left" });
    const got = next("out");
    put(frame, { port: "/dev/ttyUSB0", topic: "reader", copy: frame });
    const message = await got;
    assert.deepEqual(vault.requests("identify"), [
      {
        door: "gate-1",
        node: "read",
        reader: "gate-left",
        method: "card",
        card: { format: "em4100", notation: "10H", number: "01026F6C3A", bits: 40 },
      },
    ]);
    assert.equal(message.topic, "gate-1");
    assert.deepEqual(Object.keys(message).sort(), ["_msgid", "payload", "topic"]);
    assert.doesNotMatch(JSON.stringify(message), /026F6C3A|40856634/i);
  });

  it("reads a frame cut anywhere, and two in one message", async () => {
    const { vault, next } = await load();
    for (const [number, cut] of [
      ["01026F6C3A", 1],
      ["01000734E0", 7],
      ["62E3086CED", 13],
    ] as const) {
      const bytes = Buffer.from(encodeRdm6300(number));
      const got = next("out");
      put(bytes.subarray(0, cut));
      put(bytes.subarray(cut).toString("latin1"));
      await got;
    }
    const both = next("out");
    put(Buffer.concat([encodeRdm6300("0000000001"), encodeRdm6300("0000000002")]));
    await both;
    assert.deepEqual(
      vault.requests("identify").map(({ card }) => card?.number),
      ["01026F6C3A", "01000734E0", "62E3086CED", "0000000001", "0000000002"],
    );
  });

  it("reads a Wiegand layout of the site, and refuses to start with one that could be another", async () => {
    const format = {
      name: "flat40",
      bits: 40,
      number: "2-39",
      parity: "even 1-20; odd 21-40",
      instead: "none",
    };
    const { vault, next } = await load({ format: "wiegand", formats: [format] });
    const got = next("out");
    put(`${"11".padEnd(20, "0")}${"1".padEnd(20, "0")}\n`);
    await got;
    assert.deepEqual(
      vault.requests("identify").map(({ card }) => card),
      [{ format: "wiegand", notation: "flat40", number: "2000040000", bits: 38 }],
    );
    await on?.stop();
    const unsaid = { ...format, bits: 26, number: "2-25", parity: "" };
    const { put: hand, failure } = await load({ format: "wiegand", formats: [unsaid] });
    const failed = failure("read");
    hand("read", { payload: "0" } as Message);
    assert.equal(await failed, "wiegand-instead");
  });

  it("counts a card that stays in the field once", async () => {
    const { vault, next } = await load();
    const got = next("out");
    for (let times = 0; times < 20; times++) put(frame);
    await got;
    const last = next("out");
    put(Buffer.from(encodeRdm6300("0000000001")));
    await last;
    assert.equal(vault.requests("identify").length, 2);
  });

  it("ignores a broker's memory, things that are no bytes, and floods; none is an error", async () => {
    const { vault, next, status } = await load();
    let errors = 0;
    (on!.node("read") as unknown as { on(event: string, run: () => void): void }).on("call:error", () => {
      errors++;
    });
    put(frame, { retain: true });
    for (const payload of [undefined, null, 7, {}, [2, 48], true, Buffer.alloc(1 << 20, 0x30)]) put(payload);
    const noisy = status("read", (text) => text.includes("noise"));
    put("\x02garbage and more garbage\x03");
    await noisy;
    const got = next("out");
    put(frame);
    await got;
    assert.equal(vault.requests("identify").length, 1);
    assert.equal(errors, 0);
  });

  it("never says the number in an error or a status", async () => {
    const { vault, failure, next } = await load();
    const said: string[] = [];
    const node = on?.node("read") as unknown as { on(event: string, run: (call: unknown) => void): void };
    for (const event of ["call:error", "call:warn", "call:log", "call:status"])
      node.on(event, (call) => said.push(JSON.stringify((call as { args: unknown[] }).args)));
    await vault.stop();
    const failed = failure("read");
    put(frame);
    assert.equal(await failed, "vault-away");
    await vault.start();
    while (!(await import("../../../nodes/lib/vault.ts")).vaultOf({ settings: {} as never }).up)
      await pause(20);
    const got = next("out");
    put(Buffer.from(encodeRdm6300("0000000001")));
    await got;
    assert.ok(said.length > 0);
    assert.doesNotMatch(said.join(), /6F6C3A|40856634/i);
  });

  it("takes lines in a named notation, ended by the message where a device sends none", async () => {
    const { vault, next } = await load({ format: "text", notation: "8H10D", framing: "message" });
    const got = next("out");
    put("0040856634");
    await got;
    assert.deepEqual(vault.requests("identify")[0]?.card, {
      format: "decimal",
      notation: "8H10D",
      number: "026F6C3A",
      bits: 32,
    });
  });

  it("refuses to start without a notation, and says so", async () => {
    const { put: hand, failure } = await load({ format: "text" });
    const failed = failure("read");
    hand("read", { payload: "0040856634" } as Message);
    assert.equal(await failed, "notation-missing");
  });

  it("is a way into its door only while it is wired", async () => {
    const first = await load();
    assert.deepEqual(first.vault.requests("configure")[0]?.doors[0]?.ways, ["card"]);
    await first.stop();
    const second = await load({}, [[]]);
    assert.deepEqual(second.vault.requests("configure")[0]?.doors[0]?.ways, []);
  });
});
