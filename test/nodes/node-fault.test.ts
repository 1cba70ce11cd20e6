import assert from "node:assert/strict";
import { lint } from "../../core/policy/lint.ts";
import { config, version } from "../../nodes/card-read/config.ts";
import { nodeFaults, rememberSpec } from "../../nodes/lib/node-fault.ts";
import { change, flow, lane, node, plus } from "../core/policy/build.ts";

const lawful = flow(lane("a", ["card", "face"]));

describe("what nodes would not start with", () => {
  before(() => rememberSpec("card-read", { config, version }));

  const found = (nodes: readonly object[], installed?: (type: string) => boolean) =>
    lint(nodes, { nodeFault: nodeFaults(installed) }).map(({ node: at, params }) => [
      at,
      params.variant,
      params.field,
    ]);

  it("is nothing in a flow that is as it should be", () => {
    assert.deepEqual(found(lawful), []);
    assert.deepEqual(
      found(lawful, () => true),
      [],
    );
  });

  it("is a setting its own node refuses, named by its field", () => {
    assert.deepEqual(found(change(lawful, { "a-card": { format: "nonsense" } })), [
      ["a-card", "settings-invalid", "/format"],
    ]);
    assert.deepEqual(found(change(lawful, { "a-card": { silense: 3 } })), [
      ["a-card", "settings-invalid", "/silense"],
    ]);
  });

  it("is a type that is not installed, unless nobody knows the types", () => {
    const strange = plus(lawful, node("x", "not-installed"));
    assert.deepEqual(
      found(strange, (type) => type !== "not-installed"),
      [["x", "type-unknown", ""]],
    );
    assert.deepEqual(found(strange), []);
  });
});
