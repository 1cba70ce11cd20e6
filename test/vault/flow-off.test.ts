import assert from "node:assert/strict";
import type { Off } from "../../vault/protocol/site.ts";
import { Site } from "../../vault/site.ts";
import { estate } from "./rig.ts";

describe("what the vault says of a flow it keeps off", () => {
  const off = (
    rules: readonly string[],
    { ways = ["card", "face"], papers = true }: { ways?: ("card" | "face")[]; papers?: boolean } = {},
  ): Off | undefined => {
    const site = new Site({ faces: () => true, papers: () => papers });
    const plain = estate();
    const flow = { ...plain.flow, findings: rules.map((rule) => ({ rule, node: "n1" })) };
    const doors = plain.doors.map((door) => ({ ...door, ways }));
    site.configure({ ...plain, site: { ...plain.site, demonstration: false }, doors, flow });
    return site.off;
  };

  it("is nothing before a flow was declared, and nothing of a lawful one", () => {
    assert.equal(new Site({ faces: () => true, papers: () => true }).off, undefined);
    assert.equal(off([]), undefined);
    assert.equal(off([], { papers: false }), undefined, "papers still to come are no fault of the flow");
  });

  it("names every rule a refused flow breaks, each once", () => {
    assert.deepEqual(off(["no-leak", "another-way", "no-leak"]), {
      relays: true,
      faces: true,
      why: "flow-refused",
      rules: ["another-way", "no-leak"],
    });
  });

  it("speaks of faces only where there are any", () => {
    assert.deepEqual(off(["changed-on-disk"], { ways: ["card"] }), {
      relays: true,
      faces: false,
      why: "flow-refused",
      rules: ["changed-on-disk"],
    });
  });

  it("says that a second person lacks when nothing else does", () => {
    assert.deepEqual(off(["second-person"]), {
      relays: true,
      faces: true,
      why: "second-person",
      rules: [],
    });
    assert.deepEqual(off(["second-person", "another-way"])?.rules, ["another-way"]);
    assert.equal(off(["second-person", "another-way"])?.why, "flow-refused");
  });

  it("leaves the relays on where only papers lack", () => {
    assert.deepEqual(off(["notice-in-force"], { papers: false }), {
      relays: false,
      faces: true,
      why: "flow-refused",
      rules: ["notice-in-force"],
    });
    assert.equal(off(["notice-in-force"]), undefined, "the vault's own record has them");
  });
});
