import assert from "node:assert/strict";
import { type Command, encodeCommand } from "../../../../core/devices/osdp/commands.ts";
import { decodeFrame, type ReceivedFrame } from "../../../../core/devices/osdp/frame.ts";
import { publicKey } from "../../../../core/devices/osdp/keys.ts";
import { decodeReply } from "../../../../core/devices/osdp/replies.ts";
import {
  clientCryptogram,
  initialMac,
  SecureSession,
  type SessionKeys,
  serverCryptogram,
  sessionKeys,
} from "../../../../core/devices/osdp/secure-channel.ts";
import { deviceNonce, keyset, panelNonce, polls, session } from "./transcript.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const frameOf = (text: string): ReceivedFrame => {
  const frame = decodeFrame(Buffer.from(text, "hex"));
  assert.ok(frame, `not a frame: ${text}`);
  return frame;
};

/** What the panel meant, for each line of the transcript. */
const meant: Record<string, Command> = {
  LSTAT: { kind: "local-status" },
  ISTAT: { kind: "input-status" },
  LED: {
    kind: "leds",
    leds: [
      {
        reader: 0,
        led: 0,
        temporary: { on: 2, off: 2, onColour: "green", offColour: "none", tenths: 20 },
        permanent: { on: 1, off: 0, onColour: "red", offColour: "none" },
      },
    ],
  },
  BUZ: { kind: "buzzer", buzzes: [{ reader: 0, tone: 2, on: 1, off: 1, count: 3 }] },
  OUT: { kind: "outputs", outputs: [{ output: 0, code: 5, tenths: 50 }] },
  "KEYSET 00112233445566778899aabbccddeeff": {
    kind: "key-set",
    key: Buffer.from("00112233445566778899aabbccddeeff", "hex"),
  },
};

describe("OSDP secure channel", () => {
  const keys = (): SessionKeys => sessionKeys(publicKey, panelNonce);

  it("derives the standard's annex E keys, cryptograms and first MAC", () => {
    const derived = keys();
    assert.equal(hex(derived.mac1), "5e86c676603bdee2d8beafe178637332");
    assert.equal(hex(derived.mac2), "6fda86e857777e81132035758239172e");
    assert.equal(hex(derived.encryption), "bf8dc2a8329acb8c67c6d0cd9a451682");
    const cryptogram = serverCryptogram(derived, panelNonce, deviceNonce);
    assert.equal(hex(cryptogram), "26d3356e07762d262801fc8e6665a891");
    assert.equal(hex(clientCryptogram(derived, panelNonce, deviceNonce)), "fde5d2f428ec16312471ea3c02bd7796");
    assert.equal(hex(initialMac(derived, cryptogram)), "b2a30057eb98ba2229ec1f875662b524");
  });

  const start = (own: "panel" | "device"): SecureSession => {
    const derived = keys();
    return new SecureSession(
      own,
      derived,
      initialMac(derived, serverCryptogram(derived, panelNonce, deviceNonce)),
    );
  };

  for (const [name, lines] of [
    ["cards, keys, tamper and inputs", [...session, ...polls]],
    ["a new key", [...session, ...keyset]],
  ] as const)
    it(`says and hears a whole recorded conversation byte for byte: ${name}`, () => {
      const panel = start("panel");
      const device = start("device");
      for (const line of lines) {
        const theirs = frameOf(line.panel);
        const command = encodeCommand(meant[line.says] ?? { kind: "poll" });
        const said = panel.seal({ address: 0, sequence: theirs.sequence, check: "crc", ...command });
        assert.equal(hex(said), line.panel, line.says);
        assert.deepEqual(device.unseal(theirs), { ...command, open: command.data.length === 0 }, line.says);
        const answer = frameOf(line.device);
        if (!answer.scb) continue; // the plaintext NAK that ends it
        const heard = panel.unseal(answer);
        assert.ok(heard, line.says);
        const { id, sequence, check, scb } = answer;
        const reply = { address: 0, sequence, check, id, data: heard.data };
        // it sends statuses it was asked for in clear, under the panel's own type
        const again = scb.type === 0x15 ? device.sealOpen(reply, 0x15) : device.seal(reply);
        assert.equal(hex(again), line.device, line.says);
      }
    });

  it("hears what the recorded device reported", () => {
    const panel = start("panel");
    const heard = [...session, ...polls].map((line) => {
      const theirs = frameOf(line.panel);
      panel.seal({
        address: 0,
        sequence: theirs.sequence,
        check: "crc",
        ...encodeCommand(meant[line.says] ?? { kind: "poll" }),
      });
      const { id, data } = panel.unseal(frameOf(line.device))!;
      return decodeReply(id, data);
    });
    assert.deepEqual(heard, [
      { kind: "local-status", tamper: false, power: false },
      { kind: "input-status", inputs: [true, false] },
      { kind: "ack" },
      { kind: "ack" },
      { kind: "ack" },
      { kind: "card", reader: 0, format: "wiegand", bits: 26, data: Buffer.from("ea83e840", "hex") },
      { kind: "card", reader: 0, format: "wiegand", bits: 34, data: Buffer.from("a4cb016900", "hex") },
      { kind: "keys", reader: 0, keys: Buffer.from("1234#") },
      { kind: "local-status", tamper: true, power: false },
      { kind: "input-status", inputs: [true, false] },
      { kind: "ack" },
    ]);
  });

  it("agrees with published frames under all-zero session keys", () => {
    const zero = Buffer.alloc(16);
    for (const [text, command] of [
      ["53 00 0E 00 0E 02 15 60 4B 32 76 77 73 B6", { kind: "poll" }],
      [
        "53 00 1E 00 0E 02 17 68 F7EFA0D4764A4E29267596F216D8A9E8 C5887608 B9 08",
        {
          kind: "outputs",
          outputs: [
            { output: 0, code: 3, tenths: 100 },
            { output: 1, code: 6, tenths: 120 },
          ],
        },
      ],
      ["53 00 1E 00 0E 02 17 61 D14EB7AD982CC5F9AA25318A7EAED626 9AE99573 19 83", { kind: "id" }],
    ] as const) {
      const keys = { encryption: zero, mac1: zero, mac2: zero };
      const session = new SecureSession("panel", keys, zero);
      const bytes = session.seal({ address: 0, sequence: 2, check: "crc", ...encodeCommand(command) });
      assert.equal(hex(bytes), text.replaceAll(" ", "").toLowerCase());
    }
  });

  it("refuses encrypted data without its padding, and data that is no whole block, even under a good MAC", () => {
    const covered = (data: Buffer) =>
      ({
        address: 0,
        reply: true,
        sequence: 1,
        check: "crc",
        id: 0x50,
        data,
        scb: { type: 0x18, data: Buffer.alloc(0) },
      }) as const;
    for (const data of [Buffer.alloc(16), Buffer.alloc(16, 7), Buffer.alloc(15), Buffer.alloc(0)]) {
      const panel = start("panel");
      panel.seal({ address: 0, sequence: 1, check: "crc", id: 0x60, data: Buffer.alloc(0) });
      const device = start("device");
      device.unseal(
        frameOf(
          hex(
            start("panel").seal({ address: 0, sequence: 1, check: "crc", id: 0x60, data: Buffer.alloc(0) }),
          ),
        ),
      );
      const bytes = device.sealOpen(covered(data), 0x18);
      assert.equal(panel.unseal(frameOf(hex(bytes))), undefined);
    }
  });
});
