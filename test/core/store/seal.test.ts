import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { unwrapKey, wrapKey } from "../../../core/store/aes-kw.ts";
import { checkDisk, diskAt, diskOf, journalsData } from "../../../core/store/disk.ts";
import { open, seal } from "../../../core/store/seal.ts";

describe("seal", () => {
  const key = randomBytes(32);
  const context = { kind: "template", version: 1, site: "north", subject: "person_a", model: "sface" };
  const plain = Buffer.from("something of somebody");

  it("opens what it sealed, differently each time", () => {
    const sealed = seal(key, context, plain);
    assert.deepEqual(open(key, context, sealed), plain);
    assert.notDeepEqual(seal(key, context, plain), sealed);
    assert.deepEqual(open(key, context, seal(key, context, Buffer.alloc(0))), Buffer.alloc(0));
  });

  it("does not open under another key, altered, cut, or on another row", () => {
    const sealed = seal(key, context, plain);
    const refuses = (k: Buffer, c: typeof context, bytes: Buffer) =>
      assert.throws(() => open(k, c, bytes), { code: "seal-broken" });
    refuses(randomBytes(32), context, sealed);
    for (const [field, value] of Object.entries({
      ...context,
      version: 2,
      site: "n",
      subject: "b",
      model: "x",
    })) {
      if (field !== "kind") refuses(key, { ...context, [field]: value }, sealed);
    }
    const { model: _, ...bare } = context;
    assert.throws(() => open(key, bare, sealed), { code: "seal-broken" });
    for (let bit = 0; bit < sealed.length * 8; bit += 5) {
      const flipped = Buffer.from(sealed);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      refuses(key, context, flipped);
    }
    for (let length = 0; length < sealed.length; length++) refuses(key, context, sealed.subarray(0, length));
  });
});

describe("AES key wrap", () => {
  it("gives RFC 3394 section 4.6's answer for a 256-bit key under a 256-bit key", () => {
    const kek = Buffer.from("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "hex");
    const key = Buffer.from("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f", "hex");
    const wrapped = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21";
    assert.equal(wrapKey(kek, key).toString("hex"), wrapped);
    assert.deepEqual(unwrapKey(kek, Buffer.from(wrapped, "hex")), key);
    assert.equal(unwrapKey(key, Buffer.from(wrapped, "hex")), undefined);
  });
});

describe("disk", () => {
  it("knows an ext4 disk that keeps a copy of everything in its journal", () => {
    const mounts = [
      "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,errors=remount-ro",
      "90 22 254:1 / /srv/the\\040site rw shared:2 - ext4 /dev/vdb rw,data=journal",
      "91 22 254:2 / /srv/the\\040site/inner rw shared:3 - ext4 /dev/vdc rw,data=ordered",
    ].join("\n");
    assert.equal(journalsData(mounts, "/srv/the site/data"), true);
    assert.equal(journalsData(mounts, "/srv/the site"), true);
    assert.equal(journalsData(mounts, "/srv/the site/inner/data"), false);
    assert.equal(journalsData(mounts, "/srv/the site too"), false);
    assert.equal(journalsData("", "/"), false);
    assert.notEqual(diskAt("/").name, "");
  });

  it("knows file systems that keep what was overwritten", () => {
    assert.equal(diskOf(0xef53, "linux").kind, "in-place");
    assert.equal(diskOf(0x9123683e | 0, "linux").kind, "copy-on-write", "a type that came back signed");
    assert.equal(diskOf(0xef53, "darwin").kind, "unknown");
    assert.deepEqual(checkDisk("/", { disk: diskOf(0x58465342, "linux") }), []);
    assert.deepEqual(checkDisk("/", { disk: diskOf(0x794c7630, "linux") }), ["disk-overlay"]);
    for (const type of [0x9123683e, 0x2fc12fc1, 0x6969, 0xff534d42, 0x65735546]) {
      const disk = diskOf(type, "linux");
      assert.throws(() => checkDisk("/", { disk }), { code: "disk-unsafe", params: { disk: disk.name } });
      assert.deepEqual(checkDisk("/", { disk, allowUnsafeDisk: true }), ["disk-unsafe"]);
    }
  });
});
