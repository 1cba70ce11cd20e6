import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { openDatabase, requireSafe, transaction, truncateWal } from "../../../core/store/database.ts";

const notes = [{ version: 1, name: "notes", sql: "CREATE TABLE note (text TEXT NOT NULL) STRICT" }];

describe("database", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "limen-db-"));
    path = join(folder, "sub", "test.db");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("is set for power cuts and erasure, on the first and on the second open", () => {
    for (const time of ["first", "second"]) {
      const db = openDatabase(path, notes);
      requireSafe(db);
      assert.equal(db.prepare("PRAGMA synchronous").get()?.synchronous, 2, time);
      assert.equal(db.prepare("PRAGMA secure_delete").get()?.secure_delete, 1, time);
      db.close();
    }
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it("refuses a connection set otherwise", () => {
    const db = openDatabase(path);
    for (const weaker of [
      "synchronous=NORMAL",
      "secure_delete=FAST",
      "foreign_keys=OFF",
      "trusted_schema=ON",
    ]) {
      db.exec(`PRAGMA ${weaker}`);
      assert.throws(() => requireSafe(db), { code: "store-unsafe" }, weaker);
      db.exec(`PRAGMA ${weaker.replace(/=.*/, `=${/OFF|FAST|NORMAL/.test(weaker) ? "ON" : "OFF"}`)}`);
      db.exec("PRAGMA synchronous=FULL");
      requireSafe(db);
    }
    const memory = new DatabaseSync(":memory:");
    assert.throws(() => requireSafe(memory), { code: "store-unsafe" });
  });

  it("refuses a file that is no database, and one of a newer version", () => {
    const garbage = join(folder, "garbage.db");
    writeFileSync(garbage, "not a database, whatever its name says ".repeat(40));
    assert.throws(() => openDatabase(garbage), { code: "store-damaged" });
    openDatabase(path, [
      ...notes,
      { version: 2, name: "more", sql: "CREATE TABLE more (a INT) STRICT" },
    ]).close();
    assert.throws(() => openDatabase(path, notes), { code: "store-newer" });
  });

  it("takes each migration once, and a failing one leaves nothing", () => {
    openDatabase(path, notes).close();
    const bad = {
      version: 2,
      name: "bad",
      sql: "CREATE TABLE half (a INT) STRICT; CREATE TABLE half (a INT) STRICT",
    };
    assert.throws(() => openDatabase(path, [...notes, bad]), { code: "store-damaged" });
    const db = openDatabase(path, notes);
    assert.equal(db.prepare("SELECT count(*) AS n FROM sqlite_master WHERE name = 'half'").get()?.n, 0);
    db.close();
  });

  it("rolls a failing transaction back, and an inner one by itself", () => {
    const db = openDatabase(path, notes);
    const add = (text: string) => db.prepare("INSERT INTO note VALUES (?)").run(text);
    assert.throws(() =>
      transaction(db, () => {
        add("lost");
        throw new Error("no");
      }),
    );
    transaction(db, () => {
      add("kept");
      assert.throws(() =>
        transaction(db, () => {
          add("inner");
          throw new Error("no");
        }),
      );
    });
    assert.throws(() => transaction(db, () => Promise.resolve(add("async"))), TypeError);
    assert.deepEqual(
      db
        .prepare("SELECT text FROM note")
        .all()
        .map(({ text }) => text),
      ["kept"],
    );
    db.close();
  });

  it("erases a deleted row from both files, but only once no reader is in the way", () => {
    const marker = "MARKER-0f3a9c";
    const db = openDatabase(path, notes);
    db.prepare("INSERT INTO note VALUES (?)").run(marker.repeat(50));
    assert.deepEqual(truncateWal(db), { busy: false });
    db.exec("PRAGMA busy_timeout=50"); // the reader below never lets go while we wait
    const reader = new DatabaseSync(path);
    const rows = reader.prepare("SELECT text FROM note").iterate();
    rows.next();
    db.exec("DELETE FROM note");
    assert.deepEqual(truncateWal(db), { busy: true });
    assert.ok(readFileSync(path).includes(marker));
    rows.return?.();
    reader.close();
    assert.deepEqual(truncateWal(db), { busy: false });
    for (const file of [path, `${path}-wal`]) assert.equal(readFileSync(file).includes(marker), false, file);
    db.close();
  });
});
