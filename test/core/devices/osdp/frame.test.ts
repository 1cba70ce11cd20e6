import assert from "node:assert/strict";
import fc from "fast-check";
import { crcOf, sumOf } from "../../../../core/devices/osdp/check.ts";
import { type Command, decodeCommand, encodeCommand } from "../../../../core/devices/osdp/commands.ts";
import { decodeFrame, encodeFrame, type Frame } from "../../../../core/devices/osdp/frame.ts";
import { FrameParser } from "../../../../core/devices/osdp/parser.ts";
import { decodeReply, encodeReply, type Reply } from "../../../../core/devices/osdp/replies.ts";
import { withCheck } from "../../../device/osdp/peripheral.ts";
import { keyset, opening, polls, session } from "./transcript.ts";

const bytes = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const plain = (text: string): string => text.replaceAll(" ", "").toLowerCase();

/** Published frames in clear, and what they say. */
const commands: readonly [string, number, Command][] = [
  ["53 00 09 00 04 61 00 C0 66", 0, { kind: "id" }],
  ["53 00 08 00 00 61 00 44", 0, { kind: "id" }],
  ["53 00 08 00 06 60 89 CC", 2, { kind: "poll" }],
  ["53 00 07 00 02 60 44", 2, { kind: "poll" }],
  [
    "53 00 10 00 06 68 00 03 64 00 01 06 78 00 0B 5B",
    2,
    {
      kind: "outputs",
      outputs: [
        { output: 0, code: 3, tenths: 100 },
        { output: 1, code: 6, tenths: 120 },
      ],
    },
  ],
  [
    "53 00 0D 00 06 6A 00 02 02 02 01 59 92",
    2,
    { kind: "buzzer", buzzes: [{ reader: 0, tone: 2, on: 2, off: 2, count: 1 }] },
  ],
  ["53 7F 0D 00 04 6E 00 80 25 00 00 6E 38", 0, { kind: "communication", address: 0, baud: 9600 }],
  ["53 7F 0C 00 00 6E 00 80 25 00 00 0F", 0, { kind: "communication", address: 0, baud: 9600 }],
];

describe("OSDP frames", () => {
  for (const [text, sequence, command] of commands)
    it(`says ${command.kind} as published: ${text.slice(0, 20)}…`, () => {
      const raw = bytes(text);
      const frame = decodeFrame(raw);
      assert.ok(frame);
      assert.deepEqual(decodeCommand(frame.id, frame.data), command);
      const said = encodeFrame({
        address: raw[1]!,
        reply: false,
        sequence,
        check: raw[4]! & 4 ? "crc" : "sum",
        ...encodeCommand(command),
      });
      assert.equal(said.toString("hex"), plain(text));
    });

  it("reads a published PDID", () => {
    const frame = decodeFrame(bytes("53 80 14 00 06 45 00 0E E3 10 10 00 00 74 97 23 06 06 1B 88"));
    assert.ok(frame?.reply);
    assert.deepEqual(decodeReply(frame.id, frame.data), {
      kind: "identity",
      identity: { vendor: 0xe30e00, model: 0x10, version: 0x10, serial: 0x97740000, firmware: [35, 6, 6] },
    });
  });

  it("reads every frame of a recorded conversation and would say it the same way", () => {
    for (const line of [...opening, ...session, ...polls, ...keyset])
      for (const text of [line.panel, line.device]) {
        const frame = decodeFrame(bytes(text));
        assert.ok(frame, line.says);
        assert.equal(encodeFrame(frame).toString("hex"), text);
      }
  });

  it("refuses published frames that are none", () => {
    // from a test suite of another project: the CRC of ID at the end of something else
    assert.equal(decodeFrame(bytes("53 00 09 00 04 60 00 C0 B9")), undefined);
    assert.equal(decodeFrame(bytes("53 00 08 00 04 60 C0 B9")), undefined);
  });

  it("refuses any other length, check, start or control bits", () => {
    const good = bytes("53 00 08 00 06 60 89 CC");
    assert.ok(decodeFrame(good));
    for (let at = 0; at < good.length; at++)
      for (let bit = 0; bit < 8; bit++) {
        const wrong = Buffer.from(good);
        wrong[at]! ^= 1 << bit;
        assert.equal(decodeFrame(wrong), undefined, wrong.toString("hex"));
      }
    assert.equal(decodeFrame(good.subarray(0, -1)), undefined);
    assert.equal(decodeFrame(Buffer.concat([good, Buffer.of(0)])), undefined);
    assert.equal(decodeFrame(Buffer.alloc(0)), undefined);
  });

  it("refuses control bits that mean nothing, under a right check", () => {
    for (const control of [0x14, 0x24, 0x44, 0x84]) {
      const body = bytes("53800800044000").subarray(0, 6);
      body[4] = control;
      const raw = withCheck(body);
      assert.equal(decodeFrame(raw), undefined);
      assert.deepEqual(new FrameParser({ wants: "replies" }).push(raw), []);
    }
    assert.ok(decodeFrame(withCheck(bytes("538008000440"))));
  });

  it("refuses a security block that does not fit its frame", () => {
    for (const body of [
      "53800a000c0015", // a block of no length
      "53800a000c0115",
      "53800b000cff1540", // longer than the frame
      "53800c000c02154000", // no room for a MAC
      "53800d000c0216400000",
      "53800a000c00114041",
      "53800a000c01114041",
      "53800a000c04114041",
    ]) {
      const raw = bytes(body);
      raw[2] = raw.length + 2;
      const crc = crcOf(raw);
      assert.equal(decodeFrame(Buffer.concat([raw, Buffer.of(crc & 0xff, crc >> 8)])), undefined, body);
    }
  });

  it("agrees with a CRC counted bit by bit, and a checksum that brings the sum to zero", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (raw) => {
        let crc = 0x1d0f;
        for (const byte of raw)
          for (let bit = 7; bit >= 0; bit--) {
            const carry = ((crc >> 15) ^ (byte >> bit)) & 1;
            crc = ((crc << 1) & 0xffff) ^ (carry ? 0x1021 : 0);
          }
        assert.equal(crcOf(raw), crc);
        assert.equal((raw.reduce((sum, byte) => sum + byte, 0) + sumOf(raw)) & 0xff, 0);
      }),
    );
  });

  const frames: fc.Arbitrary<Frame> = fc
    .record({
      address: fc.integer({ min: 0, max: 127 }),
      reply: fc.boolean(),
      sequence: fc.integer({ min: 0, max: 3 }),
      check: fc.constantFrom("crc" as const, "sum" as const),
      type: fc.option(fc.integer({ min: 0x11, max: 0x18 })),
      id: fc.integer({ min: 0, max: 255 }),
      data: fc.uint8Array({ maxLength: 60 }),
    })
    .map(({ type, data, ...rest }) => ({
      ...rest,
      ...(type === null ? {} : { scb: { type, data: Buffer.alloc(type < 0x15 ? 1 : 0) } }),
      ...(type !== null && type >= 0x15 ? { mac: Buffer.from([1, 2, 3, 4]) } : {}),
      data: Buffer.from(data),
    }));

  it("reads what it says, however it is cut and whatever lies between", () => {
    const junk = fc.uint8Array({ maxLength: 6 }).map((noise) => noise.filter((byte) => byte !== 0x53));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(frames, junk), { maxLength: 6 }),
        fc.integer({ min: 1, max: 9 }),
        (list, step) => {
          const parser = new FrameParser({ wants: "replies" });
          const stream = Buffer.concat(list.flatMap(([frame, noise]) => [noise, encodeFrame(frame)]));
          const found: Frame[] = [];
          for (let at = 0; at < stream.length; at += step)
            found.push(...parser.push(stream.subarray(at, at + step)));
          const expected = list.map(([frame]) => frame).filter(({ reply }) => reply);
          assert.deepEqual(
            found.map((frame) => encodeFrame(frame).toString("hex")),
            expected.map((frame) => encodeFrame(frame).toString("hex")),
          );
          assert.equal(parser.echoes, list.length - expected.length);
          assert.equal(parser.held, 0);
        },
      ),
    );
  });

  it("finds the answer that a start in noise had swallowed", () => {
    const parser = new FrameParser({ wants: "replies" });
    const answer = bytes("53800900064106a0ba");
    assert.deepEqual(parser.push(Buffer.concat([bytes("53 80 40 00 04"), answer])), []);
    assert.ok(parser.held > 0);
    assert.equal(parser.flush().length, 1);
    assert.equal(parser.held, 0);
    assert.equal(parser.push(answer).length, 1);
  });

  it("forgets an unfinished frame when told to", () => {
    const parser = new FrameParser({ wants: "replies" });
    const answer = bytes("53800900064106a0ba");
    parser.push(answer.subarray(0, 5));
    parser.clear();
    assert.deepEqual(parser.push(answer.subarray(5)), []);
    assert.equal(parser.push(answer).length, 1);
  });

  it("reads every command it can say", () => {
    const blink = { on: 2, off: 3, onColour: "amber", offColour: "blue" } as const;
    const list: Command[] = [
      { kind: "poll" },
      { kind: "id" },
      { kind: "capabilities" },
      { kind: "local-status" },
      { kind: "input-status" },
      { kind: "output-status" },
      { kind: "reader-status" },
      { kind: "abort" },
      { kind: "outputs", outputs: [{ output: 1, code: 5, tenths: 600 }] },
      {
        kind: "leds",
        leds: [
          { reader: 0, led: 1, temporary: { ...blink, tenths: 300 }, permanent: blink },
          { reader: 1, led: 0, temporary: "cancel" },
          { reader: 1, led: 0 },
        ],
      },
      { kind: "buzzer", buzzes: [{ reader: 0, tone: 1, on: 0, off: 0, count: 0 }] },
      { kind: "text", reader: 0, mode: 3, seconds: 5, row: 1, column: 2, text: "Welcome home" },
      { kind: "communication", address: 3, baud: 115_200 },
      { kind: "key-set", key: Buffer.alloc(16, 1) },
      { kind: "challenge", random: Buffer.alloc(8, 2) },
      { kind: "server-cryptogram", cryptogram: Buffer.alloc(16, 3) },
      { kind: "receive-size", bytes: 256 },
      { kind: "keep-active", ms: 3000 },
      { kind: "maker", vendor: 0x123456, data: Buffer.from("abc") },
    ];
    for (const command of list) {
      const { id, data } = encodeCommand(command);
      assert.deepEqual(decodeCommand(id, data), command);
      if (command.kind !== "maker")
        assert.equal(decodeCommand(id, Buffer.concat([data, bytes("07")])), undefined);
    }
  });

  it("refuses to say what the standard forbids or the wire cannot carry", () => {
    const blink = { on: 0, off: 0, onColour: "red", offColour: "none" } as const;
    const list: [Command, string][] = [
      [{ kind: "leds", leds: [{ reader: 0, led: 0, permanent: blink }] }, "/permanent"],
      [{ kind: "leds", leds: [{ reader: 0, led: 0, permanent: { ...blink, on: 256 } }] }, "/permanent/on"],
      [
        {
          kind: "leds",
          leds: [{ reader: 0, led: 0, permanent: { ...blink, on: 1, onColour: "pink" as never } }],
        },
        "/permanent/onColour",
      ],
      [{ kind: "buzzer", buzzes: [{ reader: 0, tone: 2, on: 0, off: 1, count: 1 }] }, "/on"],
      [{ kind: "outputs", outputs: [{ output: 0, code: 7, tenths: 0 }] }, "/code"],
      [{ kind: "outputs", outputs: [{ output: 0, code: 5, tenths: 65_536 }] }, "/tenths"],
      [{ kind: "outputs", outputs: [{ output: 0.5, code: 5, tenths: 1 }] }, "/output"],
      [{ kind: "key-set", key: Buffer.alloc(15) }, "/key"],
      [{ kind: "text", reader: 0, mode: 1, seconds: 0, row: 1, column: 1, text: "a\u0007" }, "/text"],
    ];
    for (const [command, field] of list)
      assert.throws(() => encodeCommand(command), { code: "osdp-command-bad", field });
  });

  it("reads every reply it can say", () => {
    const list: Reply[] = [
      { kind: "ack" },
      { kind: "busy" },
      { kind: "nak", code: 3 },
      {
        kind: "identity",
        identity: { vendor: 1, model: 2, version: 3, serial: 0xfedcba98, firmware: [1, 2, 3] },
      },
      { kind: "capabilities", capabilities: [{ code: 9, level: 1, items: 1 }] },
      { kind: "local-status", tamper: true, power: false },
      { kind: "input-status", inputs: [true, false, true] },
      { kind: "output-status", outputs: [false] },
      { kind: "reader-status", readers: [0, 2] },
      { kind: "card", reader: 1, format: "raw", bits: 32, data: bytes("01020304") },
      { kind: "formatted-card", reader: 1 },
      { kind: "keys", reader: 0, keys: Buffer.from("12") },
      { kind: "communication", address: 1, baud: 38_400 },
      {
        kind: "client-cryptogram",
        uid: Buffer.alloc(8),
        random: Buffer.alloc(8),
        cryptogram: Buffer.alloc(16),
      },
      { kind: "initial-mac", mac: Buffer.alloc(16) },
      { kind: "maker", vendor: 5, data: bytes("ff") },
    ];
    for (const reply of list) {
      const { id, data } = encodeReply(reply);
      assert.deepEqual(decodeReply(id, data), reply);
    }
  });

  it("takes no card whose bits and bytes differ, and none of the bits past the last", () => {
    const card = (text: string): Reply | undefined => decodeReply(0x50, bytes(text));
    assert.equal(card("00 01 1a00 ea83e8"), undefined);
    assert.equal(card("00 01 1a00 ea83e84000"), undefined);
    assert.equal(card("00 01 0000"), undefined);
    assert.equal(card("00 02 1a00 ea83e840"), undefined);
    assert.deepEqual(card("00 01 1a00 ea83e87f"), {
      kind: "card",
      reader: 0,
      format: "wiegand",
      bits: 26,
      data: bytes("ea83e840"),
    });
    for (const [id, text] of [
      [0x53, "00 05 31323334"],
      [0x48, "00"],
      [0x48, "00 02"],
      [0x49, "03"],
      [0x45, "00"],
      [0x46, "0102"],
      [0x41, ""],
      [0x40, "00"],
      [0xee, ""],
    ] as const)
      assert.equal(decodeReply(id, bytes(text)), undefined);
  });

  it("never throws on any code and data", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }), (id, data) => {
        const reply = decodeReply(id, Buffer.from(data));
        const command = decodeCommand(id, Buffer.from(data));
        if (reply && reply.kind !== "formatted-card" && reply.kind !== "nak" && reply.kind !== "card")
          assert.deepEqual(encodeReply(reply).data, Buffer.from(data));
        if (command && command.kind !== "leds") assert.equal(encodeCommandSafely(command)?.id ?? id, id);
      }),
      { numRuns: 5000 },
    );
  });
});

function encodeCommandSafely(command: Command): { id: number } | undefined {
  try {
    return encodeCommand(command);
  } catch (error) {
    assert.equal((error as { code?: string }).code, "osdp-command-bad");
    return undefined;
  }
}
