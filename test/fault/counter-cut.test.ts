import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { handClock } from "../core/hand-clock.ts";
import { openPeople } from "../core/people/site.ts";
import { memoryDisk } from "../core/retention/site.ts";
import type { Taken } from "./counter-writer.ts";
import { cutOften, recorded } from "./cuts.ts";
import { canTrace } from "./trace.ts";

/** Opens what the power cut left: nothing that was taken is taken again. */
function check(folder: string, taken: readonly Taken[]): void {
  if (taken.length === 0) return;
  const site = openPeople(handClock(), folder);
  try {
    for (const { url } of [taken[0]!, ...taken.slice(-3)]) {
      const found = site.strongCards.findSun(url);
      assert.equal("code" in found ? found.code : "taken again", "replayed");
    }
  } finally {
    site.close();
  }
}

describe("power cuts while cards are read", function () {
  this.timeout(200_000);
  let folder: string;
  before(function () {
    if (!canTrace()) this.skip();
    folder = mkdtempSync(join(memoryDisk, "limen-cut-"));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });
  const cut = (weaken: boolean, cuts: number) =>
    cutOften(folder, recorded(folder, "counter-writer.ts", weaken), { cuts, seed: 424 }, check);

  it("bring back no reading that was taken, in 200 cuts", () => {
    const broken = cut(false, 200);
    assert.deepEqual(broken.slice(0, 5), [], `${broken.length} broken`);
  });

  it("are seen by this harness: SQLite's NORMAL, which the product refuses, forgets readings, or the card", () => {
    const broken = cut(true, 60);
    assert.ok(broken.some((problem) => /taken again|no-such-credential/.test(problem)));
  });
});
