import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { alwaysRule, estate, openRig, printedCard, type Rig, readerCard, tokenFor } from "../vault/rig.ts";

describe("a full disk", () => {
  const place = mkdtempSync(join(tmpdir(), "limen-full-"));
  let mounted = false;
  let rig: Rig;

  before(async function () {
    // a file system of its own that can be filled; only root may make one
    mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", place]).status === 0;
    if (!mounted) this.skip();
    rig = await openRig({ data: place, env: { LIMEN_ALLOW_UNSAFE_DISK: "1" } });
    await rig.client.call("configure", estate());
    const auth = await tokenFor(rig);
    const { id } = await rig.client.call("person.create", { auth, name: "A" });
    await rig.client.call("credential.issue", { auth, person: id, kind: "card", ...printedCard });
  });
  after(async () => {
    await rig?.close();
    if (mounted) spawnSync("umount", [place]);
    rmSync(place, { recursive: true, force: true });
  });

  const tapped = async () => {
    const { client } = rig;
    const card = { door: "main-gate", node: "n", reader: "r", method: "card", card: readerCard } as const;
    const { id } = await client.call("identify", card);
    await client.call("decide", { attempt: id, node: "n", rule: alwaysRule });
    return await client.call("record", { attempt: id, node: "n" });
  };

  it("opens nothing that it cannot record, says so, loses nothing, and goes on when there is room", async function () {
    if (!mounted) this.skip();
    const first = await tapped();
    assert.equal(first.outcome, "granted");
    const ballast = join(place, "ballast");
    fill(ballast);
    let refused: unknown;
    const granted = [first.record!.index];
    for (let n = 0; n < 500 && !refused; n++) {
      await tapped().then(
        ({ record }) => granted.push(record!.index),
        (error: unknown) => {
          refused = error;
        },
      );
    }
    assert.equal((refused as { code: string }).code, "log-failed");
    rmSync(ballast);
    const again = await tapped();
    assert.equal(again.outcome, "granted");
    granted.push(again.record!.index);
    const { log } = rig.vault.services;
    for (const index of granted) assert.equal(log.read(index)?.fields?.outcome, "granted");
    assert.deepEqual(log.coverage().findings, []);
    await rig.restart();
    for (const index of granted) assert.equal(rig.vault.services.log.read(index)?.fields?.outcome, "granted");
  });
});

/** Takes all the room there is. */
function fill(path: string): void {
  for (let size = 1 << 20; size >= 512; size >>= 1) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size, 1), { flag: "a" });
    } catch {
      // no room for a piece of this size: a smaller one may still go in
    }
  }
}
