import assert from "node:assert/strict";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkpointText } from "../../../core/audit/checkpoint.ts";
import { signingKey } from "../../../core/audit/ed25519.ts";
import { leafHash, rootOf } from "../../../core/audit/merkle.ts";
import { signNote } from "../../../core/audit/note.ts";
import { tilePath, tilesOf, tilesSince } from "../../../core/audit/tile-path.ts";
import { type VerifyOptions, verifyLog } from "../../../core/audit/verify-log.ts";
import { decision, type TestSite, testSite } from "./site.ts";

describe("tile paths", () => {
  it("are as tlog-tiles writes them", () => {
    assert.equal(tilePath({ level: 0, index: 1_234_067, width: 256 }), "tile/0/x001/x234/067");
    assert.equal(tilePath({ level: 1, index: 0, width: 17 }), "tile/1/000.p/17");
    assert.equal(tilePath({ level: "entries", index: 273, width: 112 }), "tile/entries/273.p/112");
    assert.equal(tilePath({ level: 0, index: 1000, width: 256 }), "tile/0/x001/000");
  });

  it("are, for 70,000 entries, the 551 of the specification's example", () => {
    const names = tilesOf(70_000).map(tilePath);
    assert.equal(names.length, 274 + 2 + 1 + 274);
    for (const name of [
      "tile/0/273.p/112",
      "tile/1/000",
      "tile/1/001.p/17",
      "tile/2/000.p/1",
      "tile/entries/272",
    ]) {
      assert.ok(names.includes(name), name);
    }
    assert.deepEqual(tilesOf(256).map(tilePath), ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]);
    assert.deepEqual(tilesOf(0), []);
  });

  it("between two sizes are exactly those that are new", () => {
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [255, 257],
      [300, 300],
      [500, 66_000],
      [65_535, 65_536],
    ] as const) {
      const old = new Set(tilesOf(from).map(tilePath));
      const fresh = tilesOf(to)
        .map(tilePath)
        .filter((name) => !old.has(name));
      assert.deepEqual(tilesSince(from, to).map(tilePath).sort(), fresh.sort(), `${from} to ${to}`);
    }
  });
});

describe("published log", () => {
  let site: TestSite;
  let older: string;
  let original: string;
  const size = 700;

  before(async () => {
    site = testSite();
    for (let from = 0; from < size; from += 100) {
      site.log.appendWith(Array.from({ length: 100 }, (_, n) => decision(site, from + n)));
      if (from === 300) older = site.log.checkpoint();
      if (from % 200 === 0) await site.log.publish();
    }
    await site.log.publish();
    original = `${site.tiles}.original`;
    cpSync(site.tiles, original, { recursive: true });
  });
  after(() => site.remove());
  beforeEach(() => {
    rmSync(site.tiles, { recursive: true });
    cpSync(original, site.tiles, { recursive: true });
  });

  const path = (name: string) => join(site.tiles, name);
  const findings = (options: VerifyOptions = {}) =>
    verifyLog(site.tiles, { vkey: site.log.vkey, ...options }).findings.map(
      ({ code, place }) => `${code}: ${place}`,
    );
  const edit = (name: string, change: (bytes: Buffer) => Buffer) =>
    writeFileSync(path(name), change(readFileSync(path(name))));
  const entryAt = (n: number) => n * 38 + 2;

  it("holds, with an older checkpoint, and has no partial tile of a full one left", () => {
    assert.deepEqual(findings({ checkpoints: [older] }), []);
    assert.equal(existsSync(path("tile/0/000.p")), false);
    const left = readdirSync(site.tiles, { recursive: true, encoding: "utf8" }).filter((name) =>
      /\.tmp$/.test(name),
    );
    assert.deepEqual(left, []);
    assert.equal(readFileSync(path("vkey"), "utf8").trim(), site.log.vkey);
  });

  it("names the entry whose byte was flipped", () => {
    edit("tile/entries/001", (bytes) => {
      bytes[entryAt(44) + 20]! ^= 1;
      return bytes;
    });
    assert.deepEqual(findings(), ["entry-differs: tile/entries/001 entry 300"]);
  });

  it("names the tile when the flipped entry's hash was changed with it", () => {
    let changed: Buffer = Buffer.alloc(0);
    edit("tile/entries/001", (bytes) => {
      bytes[entryAt(44) + 20]! ^= 1;
      changed = leafHash(bytes.subarray(entryAt(44), entryAt(44) + 36));
      return bytes;
    });
    edit("tile/0/001", (bytes) => {
      changed.copy(bytes, 44 * 32);
      return bytes;
    });
    assert.deepEqual(findings(), ["tile-differs: tile/0/001"]);
  });

  it("names the two entries that changed places", () => {
    edit("tile/entries/000", (bytes) => {
      const [a, b] = [3, 200].map((n) => Buffer.from(bytes.subarray(entryAt(n), entryAt(n) + 36)));
      b!.copy(bytes, entryAt(3));
      a!.copy(bytes, entryAt(200));
      return bytes;
    });
    assert.deepEqual(findings(), [
      "entry-differs: tile/entries/000 entry 3",
      "entry-differs: tile/entries/000 entry 200",
    ]);
  });

  it("names the first entry after one that was dropped", () => {
    edit("tile/entries/002.p/188", (bytes) =>
      Buffer.concat([bytes.subarray(0, entryAt(100) - 2), bytes.subarray(entryAt(101) - 2)]),
    );
    assert.deepEqual(findings(), ["entry-malformed: tile/entries/002.p/188 entry 699"]);
    edit("tile/entries/002.p/188", (bytes) => Buffer.concat([bytes, bytes.subarray(0, 38)]));
    assert.equal(findings()[0], "entry-differs: tile/entries/002 entry 612");
  });

  it("names what is missing, cut short or no log at all", () => {
    rmSync(path("tile/0/001"));
    edit("tile/1/000.p/2", (bytes) => bytes.subarray(0, 40));
    assert.deepEqual(findings(), ["missing: tile/0/001", "malformed: tile/1/000.p/2"]);
    writeFileSync(path("checkpoint"), "garbage");
    assert.deepEqual(findings(), ["malformed: checkpoint"]);
    rmSync(path("checkpoint"));
    assert.deepEqual(findings(), ["missing: checkpoint"]);
  });

  it("refuses a checkpoint with another size, root or signature", () => {
    const text = readFileSync(path("checkpoint"), "utf8");
    writeFileSync(path("checkpoint"), text.replace("\n700\n", "\n600\n"));
    assert.ok(findings().includes("signature-bad: checkpoint"));
    const forged = signNote(
      checkpointText({ origin: "test.example/gate", size: 700, root: rootOf([]) }),
      "test.example/gate",
      signingKey(Buffer.alloc(32, 1)),
    );
    writeFileSync(path("checkpoint"), forged);
    assert.ok(findings().includes("signature-bad: checkpoint"));
    assert.ok(findings().includes("root-differs: checkpoint"));
  });

  /** A log of the same name and key with another history: what an operator with all the keys could make. */
  function rewritten(entries: number, change: number): string {
    const seed = site.ring.keys("log").get("test.example/gate")!;
    const leaves = site.db
      .prepare("SELECT entry FROM leaf ORDER BY idx LIMIT ?")
      .all(entries)
      .map(({ entry }) => Buffer.from(entry as Uint8Array));
    if (leaves[change]) leaves[change][10]! ^= 1;
    const hashes = [leaves.map(leafHash)];
    for (let level = 0; hashes[level]!.length >= 256; level++) {
      const full = Math.floor(hashes[level]!.length / 256);
      hashes.push(
        Array.from({ length: full }, (_, n) => rootOf(hashes[level]!.slice(n * 256, n * 256 + 256))),
      );
    }
    rmSync(path("tile"), { recursive: true });
    for (const tile of tilesOf(entries)) {
      const range = [tile.index * 256, tile.index * 256 + tile.width] as const;
      const content =
        tile.level === "entries"
          ? leaves.slice(...range).flatMap((leaf) => [Buffer.of(0, 36), leaf])
          : hashes[tile.level]!.slice(...range);
      mkdirSync(join(path(tilePath(tile)), ".."), { recursive: true });
      writeFileSync(path(tilePath(tile)), Buffer.concat(content));
    }
    const text = checkpointText({ origin: "test.example/gate", size: entries, root: rootOf(hashes[0]!) });
    const note = signNote(text, "test.example/gate", signingKey(seed));
    writeFileSync(path("checkpoint"), note);
    return note;
  }

  it("holds a log that was rewritten and signed anew against a checkpoint somebody kept", () => {
    rewritten(700, 250);
    assert.deepEqual(findings(), [], "by itself it is a log like any other");
    assert.deepEqual(findings({ checkpoints: [older] }), ["forked: size 400"]);
  });

  it("tells a rewriting after the kept checkpoint from one before it", () => {
    rewritten(700, 450);
    assert.deepEqual(findings({ checkpoints: [older] }), []);
  });

  it("names a log that was cut short", () => {
    rewritten(350, -1);
    assert.deepEqual(findings({ checkpoints: [older] }), ["truncated: size 400"]);
  });

  it("refuses an older checkpoint of another log", () => {
    const foreign = signNote(
      checkpointText({ origin: "other.example", size: 0, root: rootOf([]) }),
      "other.example",
      signingKey(Buffer.alloc(32, 1)),
    );
    assert.deepEqual(findings({ checkpoints: [foreign] }), ["older-foreign: checkpoint"]);
  });

  it("can be written anew from the ledger, whole", async () => {
    rmSync(site.tiles, { recursive: true });
    site.open();
    await site.log.publish();
    for (const name of [...tilesOf(size).map(tilePath), "checkpoint", "vkey"]) {
      assert.deepEqual(readFileSync(path(name)), readFileSync(join(original, name)), name);
    }
    assert.deepEqual(findings({ checkpoints: [older] }), []);
  });

  it("mends a tile that got lost, at the next start", async () => {
    rmSync(path("tile/0/001"));
    rmSync(path("tile/entries/002.p"), { recursive: true });
    site.open();
    await site.log.publish();
    assert.deepEqual(findings(), []);
  });

  it("refuses to publish over the checkpoint of another tree", () => {
    rewritten(350, 20);
    assert.throws(() => site.open(), { code: "log-damaged" });
    site.db.close();
    cpSync(original, site.tiles, { recursive: true });
    site.open();
  });
});
