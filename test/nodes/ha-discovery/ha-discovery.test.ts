import assert from "node:assert/strict";
import { accessEventOf } from "../../../core/devices/door/bacnet.ts";
import { attemptCodes } from "../../../core/entry/codes.ts";
import haDiscovery from "../../../nodes/ha-discovery/ha-discovery.ts";
import { registry } from "../../../nodes/lib/registry.ts";
import type { Message } from "../../../nodes/lib/types.ts";
import { vaultOf } from "../../../nodes/lib/vault.ts";
import limenDoor from "../../../nodes/limen-door/limen-door.ts";
import limenSite from "../../../nodes/limen-site/limen-site.ts";
import { until } from "../../device/lines.ts";
import { attemptOf } from "../fake-vault.ts";
import { type Bench, bench, houseNodes } from "../harness.ts";

const config = "homeassistant/device/limen_site_1_gate_1/config";
const event = "limen/ha/site-1/gate-1/event";

describe("ha-discovery", () => {
  let on: Bench | undefined;
  let told: Message[] = [];
  afterEach(async () => {
    await on?.stop();
    on = undefined;
    told = [];
  });

  const load = async (settings: object = {}): Promise<Bench> => {
    on = await bench(
      [limenSite, limenDoor, haDiscovery] as never,
      [
        ...houseNodes
          .filter(({ type }) => type !== "limen-camera")
          .map((node) => (node.type === "limen-door" ? { ...node, openSeconds: 0.5 } : node)),
        { id: "ha", type: "ha-discovery", wires: [["mqtt"]], ...settings },
        { id: "mqtt", type: "helper" },
      ],
      { unconfigured: true },
    );
    const mqtt = on.node("mqtt") as unknown as { on(event: string, take: (message: Message) => void): void };
    mqtt.on("input", (message) => told.push(message));
    await registry.configure(vaultOf({ settings: {} as never }), { hash: "0".repeat(64), findings: [] });
    await has(config);
    return on;
  };
  const at = (topic: string): Message[] => told.filter((message) => message.topic === topic);
  const has = (topic: string, count = 1): Promise<void> => until(() => at(topic).length >= count, topic);
  const last = (topic: string): unknown => at(topic).at(-1)?.payload;

  it("shows each door as a device without anything that takes a command", async () => {
    await load();
    const [message] = at(config);
    assert.equal(message!.retain, true);
    const { cmps, dev } = message!.payload as { cmps: Record<string, { p: string }>; dev: { name: string } };
    assert.equal(dev.name, "Gate");
    assert.deepEqual(
      Object.values(cmps).map(({ p }) => p),
      ["binary_sensor", "binary_sensor", "event"],
    );
    assert.doesNotMatch(JSON.stringify(message), /command|payload_open|payload_unlock/);
    await has("limen/ha/site-1/status");
    assert.equal(last("limen/ha/site-1/status"), "online");
  });

  it("tells lock and leaf as retained states, and events once", async () => {
    const { vault } = await load();
    vault.broadcast({ event: "door", door: "gate-1", kind: "forced" });
    await has(event);
    assert.deepEqual(at(event)[0]?.payload, { event_type: "forced", bacnet: "forced-open" });
    assert.equal(at(event)[0]?.retain, false);
    assert.equal(last("limen/ha/site-1/gate-1/door"), "OPEN");
    vault.broadcast({ event: "door", door: "gate-1", kind: "closed" });
    vault.broadcast({ event: "door", door: "gate-1", kind: "opened" });
    await until(() => last("limen/ha/site-1/gate-1/lock") === "UNLOCKED", "the lock");
    assert.equal(last("limen/ha/site-1/gate-1/door"), "OPEN");
    await until(() => last("limen/ha/site-1/gate-1/lock") === "LOCKED", "the lock's end");
    assert.ok(at("limen/ha/site-1/gate-1/lock").every(({ retain }) => retain === true));
  });

  it("tells nothing of people, of threats, or of entries unless it is asked to", async () => {
    const quiet = await load();
    quiet.vault.broadcast({ event: "attempt", attempt: attemptOf({ outcome: "granted", code: "granted" }) });
    quiet.vault.broadcast({ event: "door", door: "gate-1", kind: "duress" });
    quiet.vault.broadcast({ event: "door", door: "gate-1", kind: "tamper" });
    await has(event);
    assert.deepEqual(
      at(event).map(({ payload }) => (payload as { event_type: string }).event_type),
      ["tamper"],
    );
    await on?.stop();
    told = [];
    const open = await load({ attempts: true });
    for (const code of ["consent-refused", "no-match"] as const)
      open.vault.broadcast({
        event: "attempt",
        attempt: attemptOf({ outcome: "denied", code, method: "face" }),
      });
    await has(event, 2);
    // one refusal of a face looks like the other
    assert.deepEqual(at(event)[0]?.payload, { event_type: "denied", bacnet: "denied-other" });
    assert.deepEqual(at(event)[1]?.payload, at(event)[0]?.payload);
    assert.doesNotMatch(JSON.stringify(told), /person_|cred_|face|consent/);
  });

  it("tells everything again when Home Assistant has come back, and takes no other word", async () => {
    const { put } = await load();
    for (const [topic, payload] of [
      ["homeassistant/status", "offline"],
      ["limen/ha/site-1/gate-1/lock/set", "OPEN"],
      ["homeassistant/status", Buffer.from("online")],
    ] as const)
      put("ha", { topic, payload } as never);
    await has(config, 2);
    assert.equal(at(config).length, 2);
    assert.ok(told.every(({ payload }) => payload !== "UNLOCKED" && payload !== "OPEN"));
  });

  it("has a name of BACnet's for every end of an attempt, and none that tells who declined a face", () => {
    for (const code of attemptCodes) assert.match(accessEventOf(code), /^[a-z-]+$/);
    for (const code of attemptCodes.filter((one) => one.startsWith("consent-") || one === "no-match"))
      assert.equal(accessEventOf(code), "denied-other");
  });
});
