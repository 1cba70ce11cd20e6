import assert from "node:assert/strict";
import { sourcesOf } from "../../../core/policy/sources.ts";

const door = (id: string): object => ({ id, type: "limen-door", door: id });
const on = { z: "tab", x: 1, y: 1 };
const reader = (id: string, at: string): object => ({ ...on, id, type: "card-read", door: at, wires: [[]] });

describe("where readers are heard", () => {
  it("is found through whatever lies between, once for every door behind it", () => {
    const found = sourcesOf([
      { id: "tab", type: "tab" },
      door("north"),
      door("south"),
      { ...on, id: "serial", type: "serial in", wires: [["sort", "keys"]] },
      { ...on, id: "sort", type: "switch", wires: [["a"], ["out"]] },
      { ...on, id: "out", type: "link out", mode: "link", links: ["in"], wires: [] },
      { ...on, id: "in", type: "link in", links: ["out"], wires: [["b"]] },
      { ...on, id: "keys", type: "pin-read", door: "north", wires: [[]] },
      reader("a", "north"),
      reader("b", "south"),
      { ...on, id: "else", type: "mqtt in", wires: [["watch"]] },
      { ...on, id: "watch", type: "door-watch", door: "north", wires: [[], []] },
      { ...on, id: "test", type: "inject", wires: [["a"]] },
    ]);
    assert.deepEqual(found, [{ key: "serial", type: "serial in", doors: ["north", "south"] }]);
  });

  it("is nowhere for a reader without a wire, a disabled line, or a door that is none", () => {
    const found = sourcesOf([
      { id: "tab", type: "tab" },
      door("north"),
      reader("a", "north"),
      { ...on, id: "off", type: "serial in", d: true, wires: [["a"]] },
      { ...on, id: "mqtt", type: "mqtt in", wires: [["lost"]] },
      reader("lost", "nowhere"),
    ]);
    assert.deepEqual(found, []);
  });
});
