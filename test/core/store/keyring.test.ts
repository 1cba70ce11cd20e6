import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { openDatabase } from "../../../core/store/database.ts";
import { openDayKeys } from "../../../core/store/day-keys.ts";
import { type KeyRingOptions, openKeyRing } from "../../../core/store/keyring.ts";
import { openSubjectKeys } from "../../../core/store/subject-keys.ts";

describe("key ring", () => {
  let folder: string;
  let path: string;
  let db: DatabaseSync;
  const open = (more: Partial<KeyRingOptions> = {}) => openKeyRing({ path, db, ...more });
  const slot = (place: number) => readFileSync(path).subarray(place * 4096, (place + 1) * 4096);
  const empty = Buffer.alloc(4096);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "limen-ring-"));
    path = join(folder, "keys");
    db = openDatabase(join(folder, "ledger.db"));
  });
  afterEach(() => {
    if (db.isOpen) db.close();
    rmSync(folder, { recursive: true });
  });

  it("keeps keys, secrets and generation over a restart", () => {
    const first = open();
    const key = openSubjectKeys(first).create("person_a");
    const secret = first.secret("cards");
    assert.equal(key.length, 32);
    assert.notDeepEqual(first.secret("pins"), secret);
    first.close();
    const second = open();
    assert.deepEqual(openSubjectKeys(second).get("person_a"), key);
    assert.deepEqual(second.secret("cards"), secret);
    assert.equal(second.generation, 1);
  });

  it("makes a file of exactly two slots that only its owner reads", () => {
    open().close();
    const { size, mode } = statSync(path);
    assert.equal(size, 8192);
    assert.equal(mode & 0o777, 0o600);
  });

  it("rotates in place: survivors open, the old slot is zeros, the inode stays", () => {
    const ring = open();
    const days = openDayKeys(ring);
    const kept = days.create("2026-11-23");
    days.create("2026-11-22");
    const wrappedBefore = ring.wrap(kept);
    const { ino } = statSync(path);
    const before = slot(0);
    days.destroy("2026-11-22");
    assert.equal(ring.rotate(), 2);
    assert.deepEqual(slot(0), empty);
    assert.notDeepEqual(before, empty);
    assert.deepEqual(days.get("2026-11-23"), kept);
    assert.deepEqual(days.ids(), ["2026-11-23"]);
    assert.throws(() => ring.unwrap(wrappedBefore), { code: "key-unwrap" });
    assert.equal(ring.rotate(), 3);
    assert.deepEqual(slot(1), empty);
    assert.equal(statSync(path).ino, ino);
  });

  it("rewraps what others keep in the same transaction, and keeps the old key when that fails", () => {
    const ring = open();
    const key = openSubjectKeys(ring).create("person_a");
    let elsewhere = ring.wrap(key);
    assert.throws(() =>
      ring.rotate(() => {
        throw new Error("disk full");
      }),
    );
    assert.equal(ring.generation, 1);
    assert.deepEqual(ring.unwrap(elsewhere), key);
    assert.equal(
      ring.rotate((from, to) => (elsewhere = to(from(elsewhere)))),
      2,
    );
    assert.deepEqual(ring.unwrap(elsewhere), key);
    assert.deepEqual(openSubjectKeys(ring).get("person_a"), key);
  });

  describe("after a power cut in a rotation", () => {
    /** The slot file and the table before and after one rotation. */
    const rotated = () => {
      const ring = open();
      const key = openSubjectKeys(ring).create("person_a");
      const rows = () => db.prepare("SELECT kind, id, key FROM wrapped_key").all();
      const before = { slots: readFileSync(path), rows: rows() };
      ring.rotate();
      const after = { slots: readFileSync(path), rows: rows() };
      ring.close();
      return { key, before, after };
    };
    const both = (old: Buffer, next: Buffer) => Buffer.concat([old.subarray(0, 4096), next.subarray(4096)]);
    const putRows = (rows: Record<string, unknown>[]) => {
      for (const { kind, id, key } of rows) {
        db.prepare("UPDATE wrapped_key SET key = ? WHERE kind = ? AND id = ?").run(
          key as Buffer,
          kind as string,
          id as string,
        );
      }
    };

    it("finishes zeroing the old slot when the rewrap was committed", () => {
      const { key, before, after } = rotated();
      writeFileSync(path, both(before.slots, after.slots));
      const ring = open();
      assert.equal(ring.generation, 2);
      assert.deepEqual(openSubjectKeys(ring).get("person_a"), key);
      assert.deepEqual(slot(0), empty);
    });

    it("drops the new slot when it was not", () => {
      const { key, before, after } = rotated();
      putRows(before.rows);
      writeFileSync(path, both(before.slots, after.slots));
      const ring = open();
      assert.equal(ring.generation, 1);
      assert.deepEqual(openSubjectKeys(ring).get("person_a"), key);
      assert.deepEqual(slot(1), empty);
    });

    it("takes a torn spare slot for no slot, and zeroes it", () => {
      const { key, before, after } = rotated();
      putRows(before.rows);
      const torn = both(before.slots, after.slots);
      torn.fill(0, 4096 + 512, 4096 + 1024);
      torn[4096 + 4090] = 1;
      writeFileSync(path, torn);
      const ring = open();
      assert.deepEqual(openSubjectKeys(ring).get("person_a"), key);
      assert.deepEqual(slot(1), empty);
    });
  });

  it("never makes new keys over old ones", () => {
    open().close();
    rmSync(path);
    assert.throws(() => open(), { code: "keys-lost" });
    writeFileSync(path, Buffer.alloc(8193));
    assert.throws(() => open(), { code: "keys-damaged" });
  });

  it("locks the slots when an unlock key turns up, and then needs that one", () => {
    const plain = open();
    const key = openSubjectKeys(plain).create("person_a");
    assert.equal(plain.store, "slots");
    plain.close();
    const bare = readFileSync(path).subarray(24, 56);
    writeFileSync(join(folder, "limen-unlock"), Buffer.alloc(64, 7));
    const locked = open({ credentials: folder });
    assert.equal(locked.store, "systemd-creds");
    assert.equal(locked.generation, 2);
    assert.deepEqual(openSubjectKeys(locked).get("person_a"), key);
    assert.equal(readFileSync(path).includes(bare), false);
    locked.close();
    assert.throws(() => open(), { code: "keys-locked" });
    writeFileSync(join(folder, "limen-unlock"), Buffer.alloc(64, 8));
    assert.throws(() => open({ credentials: folder }), { code: "keys-locked" });
    writeFileSync(join(folder, "limen-unlock"), Buffer.alloc(16, 7));
    assert.throws(() => open({ credentials: folder }), { code: "unlock-key-short" });
  });
});
