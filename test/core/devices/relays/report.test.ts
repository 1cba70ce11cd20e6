import assert from "node:assert/strict";
import fc from "fast-check";
import { relayReport } from "../../../../core/devices/relays/report.ts";

describe("a relay's own report", () => {
  const says = (topic: string, payload: unknown, channel = 1): boolean | undefined =>
    relayReport(topic, payload, channel);

  it("is read as each device gives it", () => {
    assert.equal(says("shellyplus1-08b/status/switch:0", '{"id":0,"source":"timer","output":true}'), true);
    assert.equal(says("shellyplus1-08b/status/switch:0", { id: 0, output: false }), false);
    const notified = { method: "NotifyStatus", params: { ts: 1.5, "switch:1": { id: 1, output: true } } };
    assert.equal(says("shellypro2/events/rpc", Buffer.from(JSON.stringify(notified)), 2), true);
    assert.equal(says("stat/lock/POWER", "ON"), true);
    assert.equal(says("stat/lock/POWER2", Buffer.from("OFF"), 2), false);
    assert.equal(says("stat/lock/RESULT", { POWER1: "ON" }), true);
    assert.equal(says("tele/lock/STATE", '{"Time":"2026-11-24T03:00:00","POWER":"OFF"}'), false);
    assert.equal(says("gate/switch/lock_relay/state", "ON"), true);
    assert.equal(says("gate/lock/front/state", "UNLOCKED"), true);
    assert.equal(says("gate/lock/front/state", "LOCKED"), false);
    assert.equal(says("zigbee2mqtt/gate", { state: "ON", linkquality: 120 }), true);
    assert.equal(says("zigbee2mqtt/gate", { state_l1: "OFF", state_l2: "ON" }, 2), true);
    assert.equal(says("limen/gate/relay/state", 1), true);
  });

  it("is nobody's that is another relay's, another message, or neither on nor off", () => {
    assert.equal(says("shellypro2/status/switch:1", { output: true }), undefined);
    assert.equal(says("shellypro2/status/input:0", { output: true }), undefined);
    assert.equal(says("stat/lock/POWER2", "ON"), undefined);
    assert.equal(says("stat/lock/STATUS", '{"POWER":"ON"}'), undefined);
    assert.equal(says("gate/lock/front/state", "JAMMED"), undefined);
    assert.equal(says("zigbee2mqtt/gate/set", { state: "ON" }), undefined);
    assert.equal(says("zigbee2mqtt/gate", { contact: false }), undefined);
    assert.equal(says("limen/gate/contact", 1), undefined);
    assert.equal(says("stat/lock/RESULT", "{broken"), undefined);
  });

  it("never throws, whatever comes", () => {
    const topics = ["a/status/switch:0", "a/events/rpc", "stat/a/RESULT", "stat/a/POWER", "zigbee2mqtt/a"];
    fc.assert(
      fc.property(fc.constantFrom(...topics), fc.anything(), (topic, payload) => {
        const read = relayReport(topic, payload, 1);
        assert.ok(read === undefined || typeof read === "boolean");
      }),
    );
  });
});
