import assert from "node:assert/strict";
import { type KeypadFormat, keySourceFor } from "../../core/devices/keypad/presses.ts";
import { hear } from "../../nodes/door-watch/inputs.ts";
import { type FlowNode, flowsIn, readFlow } from "./files.ts";

const example = (name: string): FlowNode[] => readFlow(`flows/examples/${name}.json`);
const ofType = (flow: readonly FlowNode[], type: string): FlowNode[] =>
  flow.filter((node) => node.type === type);
const leadsTo = (node: FlowNode, id: string): boolean => (node.wires ?? []).flat().includes(id);

/** What a try button puts on the wire. */
const bytesOf = ({ payload, payloadType }: FlowNode): Buffer =>
  payloadType === "bin" ? Buffer.from(JSON.parse(String(payload)) as number[]) : Buffer.from(String(payload));

describe("the wirings one can import", () => {
  for (const name of ["keypad-wiegand-4bit", "keypad-wiegand-8bit"])
    it(`${name}: its try button presses 123456#`, () => {
      const flow = example(name);
      const [pad] = ofType(flow, "pin-read");
      const [button] = ofType(flow, "inject").filter((node) => leadsTo(node, pad!.id));
      const keys = keySourceFor(pad!.format as KeypadFormat).push(bytesOf(button!), 0);
      assert.equal(keys.join(""), "123456#");
    });

  it("card-and-code: a key on the card reader's wire is a press, and the card alone is not enough", () => {
    const flow = example("card-and-code");
    const [pad] = ofType(flow, "pin-read");
    const [card] = ofType(flow, "card-read");
    const [line] = ofType(flow, "serial in");
    const pressed = ofType(flow, "inject")
      .filter((node) => leadsTo(node, pad!.id))
      .map((node) => {
        const source = keySourceFor(pad!.format as KeypadFormat);
        return [...source.push(bytesOf(node), 0), ...source.flush(1000)].join("");
      });
    assert.deepEqual(pressed, ["1", "#"]);
    assert.equal(pad!.use, "after");
    assert.ok(leadsTo(card!, pad!.id) && leadsTo(line!, pad!.id) && leadsTo(line!, card!.id));
    assert.equal(ofType(flow, "entry-rule")[0]!.assurance, "strong");
  });

  it("interlock-two-gates: each gate waits for the other, whose contact is heard", () => {
    const flow = example("interlock-two-gates");
    const doors = ofType(flow, "limen-door");
    const rules = ofType(flow, "entry-rule");
    for (const { id, door } of doors) {
      const relay = ofType(flow, "relay-out").find((node) => node.door === id)!;
      const log = flow.find((node) => leadsTo(node, relay.id))!;
      const check = flow.find((node) => leadsTo(node, log.id))!;
      const rule = rules.find((node) => leadsTo(node, check.id))!;
      assert.deepEqual(
        rule.interlock,
        doors.filter((other) => other.id !== id).map((other) => other.door),
        String(door),
      );
      const watch = ofType(flow, "door-watch").find((node) => node.door === id)!;
      assert.notEqual(watch.contact, "none");
      assert.ok(ofType(flow, "mqtt in").some((node) => leadsTo(node, watch.id)));
    }
  });

  it("name no door in an interlock that is not there", () => {
    for (const file of flowsIn("flows/examples")) {
      const flow = readFlow(file);
      const doors = ofType(flow, "limen-door").map(({ door }) => door);
      for (const { interlock } of ofType(flow, "entry-rule"))
        for (const other of (interlock ?? []) as string[])
          assert.ok(doors.includes(other), `${file} ${other}`);
    }
  });

  it("reader-alive: who should be heard from is who speaks, and only the reader says so by itself", () => {
    const flow = example("reader-alive");
    const [watch] = ofType(flow, "door-watch");
    const sense = { contact: "none", fire: "none", relay: "unheard", relayChannel: 1 } as const;
    const beats = ofType(flow, "inject")
      .filter((node) => leadsTo(node, watch!.id))
      .map((node) => {
        assert.equal(node.repeat, "", "a timer would keep a dead reader alive");
        return hear({ topic: String(node.topic), payload: node.payload } as never, sense);
      });
    assert.deepEqual(
      beats,
      [true, false].map((alive) => ({ beat: { name: (watch!.ways as string[])[0]!, alive } })),
    );
  });

  it("home-assistant: each message brings its own topic, and is kept or not as it says", () => {
    const flow = example("home-assistant");
    const [shown] = ofType(flow, "ha-discovery");
    const out = ofType(flow, "mqtt out").find(({ id }) => leadsTo(shown!, id))!;
    assert.deepEqual([out.topic, out.qos, out.retain], ["", "", ""]);
  });
});
