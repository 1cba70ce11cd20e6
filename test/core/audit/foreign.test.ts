import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { createPublicKey } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { noteText, parseVkey } from "../../../core/audit/note.ts";
import { decision, type TestSite, testSite } from "./site.ts";

const require = createRequire(import.meta.url);
const size = 70_000;
const kept = [1, 2, 255, 256, 257, 65_535, 65_536, 65_537];
const indexes = [0, 1, 254, 255, 256, 257, 511, 65_535, 65_536, 67_210, 69_999];
const goSource = "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog";

/** Whoever does not trust our verifier takes another. These know nothing of Limen. */
describe("verifiers that are not ours", () => {
  let site: TestSite;
  let proofs: string;
  let spki: Buffer;

  before(async () => {
    site = testSite();
    proofs = join(site.folder, "proofs");
    mkdirSync(proofs);
    const older: [number, string][] = [];
    for (const next of [...kept, size]) {
      while (site.log.size < next) {
        const count = Math.min(2000, next - site.log.size);
        const from = site.log.size;
        site.log.appendWith(Array.from({ length: count }, (_, n) => decision(site, from + n)));
      }
      older.push([next, site.log.checkpoint()]);
    }
    await site.log.publish();
    for (const index of indexes) {
      writeFileSync(join(proofs, `${index}.tlog-proof`), site.log.proofFile(index, { disclose: true }));
    }
    for (const [from, note] of older) {
      const proof = site.log.consistency(from).map((hash) => hash.toString("base64"));
      writeFileSync(join(proofs, `${from}.consistency`), [`from ${from}`, ...proof, "", note].join("\n"));
    }
    const { publicKey } = parseVkey(site.log.vkey)!;
    spki = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), publicKey]);
  });
  after(() => site.remove());

  describe("Go's checksum database (golang.org/x/mod/sumdb)", () => {
    let program: string;
    before(function () {
      const missing = !existsSync(goSource) || spawnSync("go", ["version"]).status !== 0;
      if (missing) this.skip();
      program = join(site.folder, "verify");
      execFileSync("go", ["build", "-o", program, join(import.meta.dirname, "foreign/main.go")], {
        env: { ...process.env, GO111MODULE: "off", GOPATH: "/usr/share/gocode", GOFLAGS: "" },
      });
    });
    const verify = () => spawnSync(program, [site.tiles, site.log.vkey, proofs], { encoding: "utf8" });
    const edited = (path: string, change: (bytes: Buffer) => Buffer | string, said: RegExp) => {
      const original = readFileSync(path);
      try {
        writeFileSync(path, change(Buffer.from(original)));
        const { status, stdout } = verify();
        assert.equal(status, 1);
        assert.match(stdout, said);
      } finally {
        writeFileSync(path, original);
      }
    };

    it("rebuilds the tree of 70,000 entries from its files, and takes every proof", () => {
      const { status, stdout } = verify();
      assert.equal(
        stdout,
        `${size} entries, ${indexes.length} inclusion proofs, ${kept.length + 1} consistency proofs\n`,
      );
      assert.equal(status, 0);
    });

    it("refuses a flipped byte, an edited size and an edited proof", () => {
      const flip = (at: number) => (bytes: Buffer) => {
        bytes[at]! ^= 1;
        return bytes;
      };
      edited(join(site.tiles, "tile/entries/100"), flip(400), /entry 25610 differs/);
      edited(join(site.tiles, "tile/0/100"), flip(400), /entry 25612 differs/);
      edited(
        join(site.tiles, "checkpoint"),
        (bytes) => bytes.toString().replace("\n70000\n", "\n69999\n"),
        /invalid signature/,
      );
      edited(
        join(proofs, "67210.tlog-proof"),
        (bytes) => bytes.toString().replace("index 67210", "index 67211"),
        /67210\.tlog-proof/,
      );
    });
  });

  describe("@sigstore/verify", () => {
    const merkle = require("@sigstore/verify/dist/tlog/merkle.js") as {
      verifyMerkleInclusion(entry: unknown, checkpoint: unknown): void;
    };
    const checkpoints = require("@sigstore/verify/dist/tlog/checkpoint.js") as {
      verifyCheckpoint(entry: unknown, logs: unknown[]): unknown;
    };
    const check = (index: number, leaf: Buffer, note = site.log.checkpoint()) => {
      const entry = {
        canonicalizedBody: leaf,
        inclusionProof: {
          logIndex: String(index),
          hashes: site.log.inclusion(index),
          checkpoint: { envelope: note },
        },
      };
      const log = {
        baseURL: `https://${site.log.origin}`,
        logID: parseVkey(site.log.vkey)!.id,
        publicKey: createPublicKey({ key: spki, format: "der", type: "spki" }),
      };
      merkle.verifyMerkleInclusion(entry, checkpoints.verifyCheckpoint(entry, [log]));
    };
    const leafAt = (index: number) => {
      const { entry } = site.db.prepare("SELECT entry FROM leaf WHERE idx = ?").get(index)!;
      return Buffer.from(entry as Uint8Array);
    };

    it("takes the signed checkpoint and inclusion proofs", () => {
      for (const index of indexes) check(index, leafAt(index));
    });

    it("refuses another entry, and another size", () => {
      assert.throws(() => check(5, leafAt(6)), /does not match/);
      const edited = site.log.checkpoint().replace("\n70000\n", "\n69999\n");
      assert.throws(() => check(5, leafAt(5), edited), /invalid checkpoint signature/);
    });
  });

  describe("openssl", () => {
    const verify = (text: string) => {
      const [key, note, signature] = ["key.der", "note.txt", "signature"].map((name) =>
        join(site.folder, name),
      );
      const line = site.log.checkpoint().trimEnd().split(" ").at(-1)!;
      writeFileSync(key!, spki);
      writeFileSync(note!, text);
      writeFileSync(signature!, Buffer.from(line, "base64").subarray(4));
      const options = ["-verify", "-pubin", "-keyform", "DER", "-inkey", key!, "-rawin", "-in", note!];
      return spawnSync("openssl", ["pkeyutl", ...options, "-sigfile", signature!], { encoding: "utf8" });
    };

    it("takes the checkpoint's signature, and not over another text", function () {
      if (spawnSync("openssl", ["version"]).status !== 0) this.skip();
      const text = noteText(site.log.checkpoint())!;
      assert.match(verify(text).stdout, /Verified Successfully/);
      assert.notEqual(verify(text.replace("70000", "70001")).status, 0);
    });
  });
});
