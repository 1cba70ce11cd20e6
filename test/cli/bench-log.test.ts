import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../cli/bench/log.ts";

describe("limen bench log", () => {
  it("measures disk, peers, log and erasure in one run, and leaves nothing behind", async () => {
    const folder = mkdtempSync(join(tmpdir(), "limen-bench-test-"));
    const printed: string[] = [];
    await run((line) => printed.push(line), { seconds: 0.05, people: 1200, folder });
    assert.equal(printed.filter((line) => /\d\/s {3}p50/.test(line)).length, 7);
    assert.equal(printed.filter((line) => line.startsWith("erasure of")).length, 3);
    assert.equal(
      printed.some((line) => line.includes("NaN")),
      false,
    );
    assert.deepEqual(readdirSync(folder), []);
    rmSync(folder, { recursive: true });
  });
});
