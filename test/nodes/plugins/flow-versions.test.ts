import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { flowHash } from "../../../core/policy/flow-hash.ts";
import { FlowVersions } from "../../../nodes/plugins/flow-versions.ts";
import { flow, lane } from "../../core/policy/build.ts";

const base = flow(lane("a", ["card"]));

describe("the flows that were deployed", () => {
  let folder: string;
  let versions: FlowVersions;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "limen-versions-"));
    versions = new FlowVersions(join(folder, "flows"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are given back as they were, by their hash, and are nobody else's to read", () => {
    assert.deepEqual(versions.hashes(), new Set());
    versions.keep(base);
    assert.deepEqual(versions.read(flowHash(base)), base);
    assert.equal(versions.read(flowHash([])), undefined);
    assert.equal(versions.read("../../etc/passwd"), undefined);
    const file = join(folder, "flows", `${flowHash(base)}.json`);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it("are not given back when the file is another than it says", () => {
    versions.keep(base);
    const file = join(folder, "flows", `${flowHash(base)}.json`);
    writeFileSync(file, JSON.stringify([{ id: "other", type: "comment" }]));
    assert.equal(versions.read(flowHash(base)), undefined);
    writeFileSync(file, "[");
    assert.equal(versions.read(flowHash(base)), undefined);
  });

  it("are the last fifty: the one longest not deployed goes first", () => {
    const flows = Array.from({ length: 52 }, (_, n) => [{ id: `n${n}`, type: "comment" }]);
    for (const [n, one] of flows.slice(0, 50).entries()) {
      versions.keep(one);
      const at = new Date(1_700_000_000_000 + n * 1000);
      utimesSync(join(folder, "flows", `${flowHash(one)}.json`), at, at);
    }
    versions.keep(flows[0]!); // deployed again
    for (const one of flows.slice(50)) versions.keep(one);
    assert.equal(versions.hashes().size, 50);
    assert.equal(readdirSync(join(folder, "flows")).length, 50);
    assert.ok(versions.read(flowHash(flows[0]!)));
    assert.equal(versions.read(flowHash(flows[1]!)), undefined);
    assert.equal(versions.read(flowHash(flows[2]!)), undefined);
    assert.ok(versions.read(flowHash(flows[3]!)));
  });
});
