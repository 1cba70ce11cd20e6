import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import {
  append,
  type Edge,
  edgeRoot,
  emptyEdge,
  type Hash,
  leafHash,
  nodeHash,
  rootOf,
} from "../../../core/audit/merkle.ts";
import {
  consistencyProof,
  edgeOf,
  type HashSource,
  inclusionProof,
  rangeHash,
  tileHeight,
} from "../../../core/audit/prove.ts";
import {
  verifyConsistency,
  verifyInclusion,
  verifySubtreeConsistency,
  verifySubtreeInclusion,
} from "../../../core/audit/verify-proof.ts";

const hex = (text: string) => Buffer.from(text, "hex");
const vectors = resolve(
  process.env.LIMEN_VECTORS ?? join(import.meta.dirname, "../../../../shared/vectors"),
  "merkle",
);

// The eight entries and their roots that certificate transparency logs are tested with.
const entries = [
  "",
  "00",
  "10",
  "2021",
  "3031",
  "40414243",
  "5051525354555657",
  "606162636465666768696a6b6c6d6e6f",
];
const roots = [
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

/** A tree grown leaf by leaf that keeps only what tiles keep. */
function grow(leaves: readonly Hash[]): { edge: Edge; source: HashSource } {
  const levels: Hash[][] = [];
  let edge = emptyEdge;
  for (const leaf of leaves) {
    edge = append(edge, leaf, (height, index, hash) => {
      if (height % tileHeight !== 0) return;
      levels[height / tileHeight] ??= [];
      levels[height / tileHeight]![index] = hash;
    });
  }
  const hashes = (level: number, from: number, count: number) =>
    (levels[level] ?? []).slice(from, from + count);
  return { edge, source: { hashes } };
}
const leavesOf = (count: number) =>
  Array.from({ length: count }, (_, index) => leafHash(Buffer.from(`entry ${index}`)));

describe("Merkle tree", () => {
  it("gives RFC 6962's roots for every prefix of the eight entries", () => {
    const leaves = entries.map((entry) => leafHash(hex(entry)));
    roots.forEach((root, size) => {
      assert.equal(rootOf(leaves.slice(0, size)).toString("hex"), root);
      assert.equal(edgeRoot(grow(leaves.slice(0, size)).edge).toString("hex"), root);
    });
  });

  it("gives the published hashes of a leaf and a node", () => {
    const leaf = "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56";
    const node = "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb";
    assert.equal(leafHash(Buffer.from("L123456")).toString("hex"), leaf);
    assert.equal(nodeHash(Buffer.from("N123"), Buffer.from("N456")).toString("hex"), node);
  });

  it("proves every leaf and every pair of sizes of small trees", () => {
    const leaves = leavesOf(40);
    for (let size = 1; size <= leaves.length; size++) {
      const { source } = grow(leaves.slice(0, size));
      const root = rootOf(leaves.slice(0, size));
      for (let index = 0; index < size; index++) {
        const proof = inclusionProof(source, index, size);
        assert.ok(verifyInclusion(index, size, leaves[index]!, proof, root), `${index} of ${size}`);
        assert.equal(verifyInclusion((index + 1) % size, size, leaves[index]!, proof, root), size === 1);
      }
      for (let from = 1; from <= size; from++) {
        const proof = consistencyProof(source, from, size);
        assert.ok(
          verifyConsistency(from, size, rootOf(leaves.slice(0, from)), root, proof),
          `${from} to ${size}`,
        );
      }
    }
  });

  it("proves leaves and sizes of trees of any size, over tile edges, and nothing else (property)", () => {
    const leaves = leavesOf(70_000);
    const { source } = grow(leaves);
    const rootAt = (size: number) => edgeRoot(edgeOf(source, size));
    const sizes = fc.oneof(
      fc.integer({ min: 1, max: leaves.length }),
      fc.constantFrom(1, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000),
    );
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), fc.nat(), (a, b, pick, bit) => {
        const [from, size] = a < b ? [a, b] : [b, a];
        const root = rootAt(size);
        assert.ok(root.equals(rangeHash(source, 0, size)));
        const index = pick % size;
        const inclusion = inclusionProof(source, index, size);
        assert.ok(verifyInclusion(index, size, leaves[index]!, inclusion, root));
        const consistency = consistencyProof(source, from, size);
        assert.ok(verifyConsistency(from, size, rootAt(from), root, consistency));
        for (const proof of [inclusion, consistency]) {
          if (proof.length === 0) continue;
          const node = proof[bit % proof.length]!;
          const bad = proof.map((hash) => Buffer.from(hash));
          bad[bit % proof.length]![bit % 32]! ^= 1 << (bit % 8);
          assert.notDeepEqual(bad[bit % proof.length], node);
          if (proof === inclusion)
            assert.equal(verifyInclusion(index, size, leaves[index]!, bad, root), false);
          else assert.equal(verifyConsistency(from, size, rootAt(from), root, bad), false);
        }
        assert.equal(verifyInclusion(index, size, leaves[index]!, [...inclusion, root], root), false);
        assert.equal(
          verifyInclusion(index, size, leaves[index]!, inclusion.slice(1), root),
          inclusion.length === 0,
        );
      }),
      { numRuns: 300 },
    );
  });

  it("answers false, never throws, to anything hostile (property)", () => {
    const thing = fc.oneof(fc.anything(), fc.uint8Array().map(Buffer.from), fc.double(), fc.maxSafeInteger());
    fc.assert(
      fc.property(thing, thing, thing, fc.oneof(thing, fc.array(thing)), thing, (a, b, c, proof, d) => {
        const [verify, consistent] = [verifyInclusion, verifyConsistency] as unknown as ((
          ...all: unknown[]
        ) => boolean)[];
        assert.equal(verify!(a, b, c, proof, d), false);
        assert.equal(consistent!(a, b, c, d, proof), false);
      }),
    );
  });
});

describe("Merkle proof probes", () => {
  interface Probe {
    desc: string;
    wantErr: boolean;
    proof: string[] | null;
    [field: string]: unknown;
  }
  const probes = (kind: string): [name: string, probe: Probe][] =>
    readdirSync(join(vectors, "testdata", kind), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".json"))
      .map((name) => [
        name,
        JSON.parse(readFileSync(join(vectors, "testdata", kind, name), "utf8")) as Probe,
      ]);
  const bytes = (text: unknown) => Buffer.from(String(text ?? ""), "base64");
  const check = (kind: string, count: number, verify: (probe: Probe, proof: Buffer[]) => boolean) =>
    it(`judges the ${count} ${kind} probes as everyone does`, function () {
      if (!existsSync(vectors)) this.skip();
      const all = probes(kind);
      assert.equal(all.length, count);
      for (const [name, probe] of all) {
        assert.equal(verify(probe, (probe.proof ?? []).map(bytes)), !probe.wantErr, `${name}: ${probe.desc}`);
      }
    });
  const n = (value: unknown) => Number(value);

  check("inclusion", 98, (p, proof) =>
    verifyInclusion(n(p.leafIdx), n(p.treeSize), bytes(p.leafHash), proof, bytes(p.root)),
  );
  check("consistency", 98, (p, proof) =>
    verifyConsistency(n(p.size1), n(p.size2), bytes(p.root1), bytes(p.root2), proof),
  );
  check("subtreeinclusion", 204, (p, proof) =>
    verifySubtreeInclusion(n(p.leafIdx), n(p.start), n(p.end), bytes(p.leafHash), proof, bytes(p.root)),
  );
  check("subtreeconsistency", 118, (p, proof) =>
    verifySubtreeConsistency(n(p.start), n(p.end), n(p.size), bytes(p.root1), bytes(p.root2), proof),
  );
});
