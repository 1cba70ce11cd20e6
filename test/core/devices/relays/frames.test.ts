import assert from "node:assert/strict";
import { encodeLcus } from "../../../../core/devices/relays/lcus.ts";
import { openMessage, relayProfiles, tasmotaPulseTime } from "../../../../core/devices/relays/messages.ts";
import { pulseMs } from "../../../../core/devices/relays/pulse.ts";
import { coilOff, crc16, flashOn, rtuFrame, writeCoil } from "../../../../core/devices/relays/waveshare.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex").toUpperCase();
const command = { id: "01JDB0000000000000000000AB", expires: "2026-01-01T00:00:05Z", seconds: 5 };

describe("LCUS frames", () => {
  it("are the published ones", () => {
    const all = [1, 2, 3, 4].flatMap((channel) => [encodeLcus(channel, true), encodeLcus(channel, false)]);
    assert.deepEqual(all.map(hex), [
      "A00101A2",
      "A00100A1",
      "A00201A3",
      "A00200A2",
      "A00301A4",
      "A00300A3",
      "A00401A5",
      "A00400A4",
    ]);
  });
  it("have no relay 0 and no relay 9", () => {
    for (const channel of [0, 9, 1.5]) assert.throws(() => encodeLcus(channel, false), RangeError);
  });
});

describe("Waveshare Modbus frames", () => {
  const frame = (data: readonly number[]) => hex(rtuFrame(1, writeCoil, data));

  it("are the published ones", () => {
    assert.equal(frame(flashOn(1, 700)), "0105020000078DB0");
    assert.equal(frame(flashOn(1, 3000)), "01050200001E4C7A");
    assert.equal(frame(flashOn(1, 5000)), "0105020000324DA7");
    assert.equal(frame(flashOn(8, 700)), "0105020700073C71");
    assert.equal(frame(coilOff(1)), "010500000000CDCA");
    assert.equal(hex(rtuFrame(1, 0x01, [0, 0, 0, 8])), "0101000000083DCC"); // eight coils, and five of them on
    for (const whole of ["010101" + "05918B", "018502C351", "FF050000FF0099E4", "FF0F000000080" + "1FF301D"])
      assert.equal(crc16(Buffer.from(whole, "hex")), 0, whole); // the check of a frame with its check is nothing
  });

  it("are none that hold, toggle, or move every relay: those are published, and nothing here can say them", () => {
    const never = [
      "01050000FF008C3A", // relay 1 on, until told otherwise
      "010500005500F29A", // toggled
      "010500FFFF00BC0A", // all on
      "010500FF0000FDFA", // all off
      "010504000008CD3C", // relay 1 off for 800 ms, then on
    ];
    const said = new Set<string>();
    for (let channel = 1; channel <= 32; channel++) {
      said.add(frame(coilOff(channel)));
      for (let ms = 100; ms <= 60_000; ms += 100) said.add(frame(flashOn(channel, ms)));
    }
    for (const published of never) {
      assert.equal(crc16(Buffer.from(published, "hex")), 0, published);
      assert.ok(!said.has(published), published);
    }
  });

  it("never say a plain ON to the flash register, nor a pulse over a minute, nor every unit", () => {
    for (let channel = 1; channel <= 32; channel++)
      for (const ms of [100, 700, 5000, 60_000]) {
        const [, , high, low] = flashOn(channel, ms);
        assert.ok(high! * 256 + low! <= 600);
      }
    assert.throws(() => flashOn(1, 60_100), RangeError);
    assert.throws(() => flashOn(1, 0), RangeError);
    assert.throws(() => flashOn(0, 700), RangeError);
    assert.throws(() => rtuFrame(0, writeCoil, coilOff(1)), RangeError);
  });
});

describe("open messages", () => {
  it("are what each device expects", () => {
    const show = (profile: (typeof relayProfiles)[number], topic: string) => {
      const { topic: to, payload } = openMessage(profile, topic, 1, command);
      return [to, payload];
    };
    assert.deepEqual(show("shelly", "gate/rpc"), [
      "gate/rpc",
      {
        id: command.id,
        src: "limen",
        method: "Switch.Set",
        params: { id: 0, on: true, toggle_after: 5 },
        expires: command.expires,
      },
    ]);
    assert.deepEqual(show("tasmota", "cmnd/gate"), ["cmnd/gate/Backlog", "PulseTime1 50; Power1 ON"]);
    assert.deepEqual(show("esphome", "gate/switch/lock/command"), ["gate/switch/lock/command", "ON"]);
    assert.deepEqual(show("esphome", "gate/lock/front/command"), ["gate/lock/front/command", "OPEN"]);
    assert.deepEqual(show("zigbee2mqtt", "zigbee2mqtt/gate/set"), [
      "zigbee2mqtt/gate/set",
      { state: "ON", on_time: 5, off_wait_time: 0 },
    ]);
    assert.deepEqual(show("generic", "a/b"), [
      "a/b",
      { id: command.id, expires: command.expires, action: "open", channel: 1, seconds: 5 },
    ]);
  });

  it("are never retained, expire in seconds, carry their id, and never toggle", () => {
    for (const profile of relayProfiles) {
      const message = openMessage(profile, "t", 1, command);
      assert.equal(message.retain, false);
      assert.ok(message.messageExpiryInterval >= 1 && message.messageExpiryInterval <= 5);
      assert.equal(message.correlationData.toString(), command.id);
      assert.deepEqual(message.userProperties, { id: command.id, expires: command.expires });
      assert.doesNotMatch(JSON.stringify(message.payload), /toggle"|TOGGLE/);
    }
  });

  it("cap the pulse", () => {
    assert.equal(pulseMs(0.5), 500);
    assert.equal(pulseMs(5.04), 5000);
    for (const seconds of [0, -1, 60.1, 6528, Number.NaN, Number.POSITIVE_INFINITY])
      assert.throws(() => pulseMs(seconds), { code: "pulse-out-of-range" });
    for (const profile of relayProfiles)
      assert.throws(() => openMessage(profile, "t", 1, { ...command, seconds: 3600 }), {
        code: "pulse-out-of-range",
      });
  });

  it("give Tasmota its two scales", () => {
    assert.equal(tasmotaPulseTime(5000), 50);
    assert.equal(tasmotaPulseTime(11_100), 111);
    assert.equal(tasmotaPulseTime(11_200), 112); // 12 s, rounded up
    assert.equal(tasmotaPulseTime(30_000), 130);
    assert.equal(tasmotaPulseTime(60_000), 160);
  });
});
