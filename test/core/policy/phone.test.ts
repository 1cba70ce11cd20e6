import assert from "node:assert/strict";
import { readGraph } from "../../../core/policy/graph/graph.ts";
import { siteFacts } from "../../../core/policy/papers/facts.ts";
import { waysOf } from "../../../core/policy/ways.ts";
import { type AnyNode, change, flow, lane, node, plus } from "./build.ts";

const withPhones = (fields: object, wires: string[][] = [["a-rule"]]): AnyNode[] =>
  plus(flow(lane("a", ["card", "face"])), node("phones", "pass-read", wires, { door: "door-a", ...fields }));
const phonesOf = (nodes: AnyNode[]): number => waysOf(readGraph(nodes))[0]!.phone.length;

describe("opening by phone, in a flow", () => {
  it("is a way in where a pass-read takes phones and leads all the way, and nowhere else", () => {
    for (const phone of ["by-class", "at-door", "anywhere"])
      assert.equal(phonesOf(withPhones({ phone })), 1, phone);
    assert.equal(phonesOf(withPhones({})), 0);
    assert.equal(phonesOf(withPhones({ phone: "off" })), 0);
    assert.equal(phonesOf(withPhones({ phone: "anywhere" }, [[]])), 0, "not wired");
    assert.equal(phonesOf(withPhones({ phone: "anywhere" }, [["a-relay"]])), 0, "past rule and record");
    assert.equal(phonesOf(withPhones({ phone: "anywhere", d: true })), 0, "disabled");
    assert.equal(
      phonesOf(change(withPhones({ phone: "anywhere" }), { "a-log": { wires: [[], ["a-relay"]] } })),
      0,
    );
  });

  it("is named among the ways beside a face in the papers", () => {
    assert.deepEqual(siteFacts(withPhones({ phone: "anywhere" })).doors[0]!.independent, ["card", "phone"]);
    assert.deepEqual(siteFacts(withPhones({})).doors[0]!.independent, ["card"]);
  });
});
