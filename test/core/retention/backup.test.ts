import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Backup, nextOrigin, readManifest } from "../../../core/retention/index.ts";
import { handClock } from "../hand-clock.ts";
import { noticeFor, openSite, type TestSite } from "./site.ts";

describe("backup and restore", () => {
  const clock = handClock();
  let site: TestSite;
  let box: TestSite | undefined;
  let a: string;
  let b: string;
  const cardOf = (at: TestSite, hex: string) => at.credentials.findCard({ hex, bits: 32 });

  beforeEach(() => {
    site = openSite(clock);
    site.consents.publish([noticeFor(["gate-1"])]);
    [a, b] = ["Marker-A", "Marker-B"].map((name, at) => {
      const person = site.persons.create({ name, flat: `${name}-flat` });
      site.give(person, ["gate-1"]);
      site.enrol(person);
      const hex = `026F6C3${"AB"[at]}`;
      site.credentials.issueCard({ person, notation: "8H", number: hex, hex, bits: 32 });
      return person;
    }) as [string, string];
  });
  afterEach(() => {
    site.remove();
    box?.remove();
    box = undefined;
  });

  const toNewBox = (backup: Backup): TestSite => {
    const dir = mkdtempSync(join(tmpdir(), "limen-box-"));
    for (const [name, bytes] of Object.entries(backup.files)) writeFileSync(join(dir, name), bytes);
    box = openSite(clock, { dir, adopt: backup });
    return box;
  };

  it("holds no template, no person's key, no key of the log, no name and no session", () => {
    const kept = [a, b].map((person) => site.subjectKeys.get(person)!);
    const backup = site.backup();
    const all = Buffer.concat([...Object.values(backup.files), backup.secrets, Buffer.from(backup.manifest)]);
    assert.ok(!all.includes("Marker-"));
    for (const key of [...kept, ...site.templateKeys.ids().map((id) => site.templateKeys.get(id)!)]) {
      assert.ok(!all.includes(key) && !all.includes(key.toString("base64")));
    }
    const logKey = site.ring.keys("log").get("limen.test/site")!;
    assert.ok(!all.includes(logKey) && !all.includes(logKey.toString("base64")));
    for (const row of site.ledger.prepare("SELECT key FROM wrapped_key").all()) {
      assert.ok(!all.includes(Buffer.from(row.key as Uint8Array)), "no wrapped key either");
    }
    for (const template of [...site.templates.of(a), ...site.templates.of(b)]) {
      const row = site.facesDb.prepare("SELECT sealed FROM template WHERE id = ?").get(template)!;
      assert.ok(!all.includes(Buffer.from(row.sealed as Uint8Array)));
    }
  });

  it("is refused when a byte of it changed, or when it is another site's", () => {
    const backup = site.backup();
    const other = openSite(clock);
    try {
      assert.throws(() => readManifest(backup, other.signer.publicKey), { code: "receipt-bad" });
    } finally {
      other.remove();
    }
    readManifest(backup, site.signer.publicKey);
    for (const name of ["ledger.db", "people.db"] as const) {
      const bytes = Buffer.from(backup.files[name]);
      bytes[5000]! ^= 1;
      assert.throws(() => readManifest({ ...backup, files: { ...backup.files, [name]: bytes } }), {
        code: "backup-damaged",
      });
    }
    assert.throws(() => readManifest({ ...backup, manifest: backup.manifest.replace("T08", "T09") }), {
      code: "receipt-bad",
    });
    assert.throws(() => readManifest({ ...backup, secrets: Buffer.from("{}") }), { code: "backup-damaged" });
  });

  it("brings cards back onto a new box, and neither A, who was erased since, nor anybody's face or name", () => {
    const size = site.log.size;
    const backup = site.backup();
    const early = site.journal();
    clock.pass(24 * 3_600_000);
    site.removal.persons([a]);
    site.settle();
    const journal = site.journal();
    const witnessed = { checkpoint: site.log.checkpoint(), vkey: site.log.vkey };

    const restored = toNewBox(backup);
    assert.ok(!restored.gate.open, "faces stay off");
    assert.throws(() => restored.persons.read(a), { code: "person-erased" });
    const entry = { class: "decision", at: clock.now(), subject: b, fields: { outcome: "granted" } } as const;
    assert.throws(() => restored.log.appendWith([entry]));
    assert.equal(restored.gate.begin(), 2);
    restored.log.appendWith([entry]); // doors go on while the gate is shut
    assert.equal(restored.gate.begin(), 0);
    assert.throws(() => restored.gate.replay(early, site.signer.publicKey, witnessed), {
      code: "journal-old",
    });
    assert.throws(() => restored.gate.replay(journal.replace(a, b), site.signer.publicKey), {
      code: "receipt-bad",
    });
    assert.ok(!restored.gate.open);
    assert.deepEqual(restored.gate.replay(journal, site.signer.publicKey, witnessed), { erased: 1 });
    assert.ok(restored.gate.open);

    assert.ok(!restored.persons.has(a));
    assert.equal(restored.subjectKeys.get(a), undefined);
    assert.equal(restored.erasures.finished().filter(({ persons }) => persons.includes(a)).length, 1);
    assert.deepEqual(cardOf(restored, "026F6C3A"), { code: "no-such-credential" });
    const found = cardOf(restored, "026F6C3B");
    assert.ok("credential" in found && found.person === b);
    assert.equal(restored.persons.read(b).name, `? ${b.slice(-6)}`);
    assert.equal(restored.templates.count, 0);
    for (const person of [a, b])
      assert.equal(restored.consents.check(person, "face", "gate-1"), "no-consent");
    assert.equal(restored.signer.publicKey, site.signer.publicKey, "receipts go on under the same key");
    restored.give(b, ["gate-1"]);
    assert.equal(restored.consents.check(b, "face", "gate-1"), undefined, "asked anew");

    assert.equal(restored.log.origin, "limen.test/site/restored-1");
    const cites = restored.log.read(size)?.fields;
    assert.deepEqual([cites?.event, cites?.origin, cites?.size], ["new-origin", "limen.test/site", size]);
    assert.deepEqual(restored.log.coverage().findings, []);
    for (let index = 0; index < size; index += 1) restored.log.inclusion(index);

    const { dir } = restored;
    restored.close();
    box = openSite(clock, { dir, origin: "limen.test/site/restored-1" });
    assert.ok(box.gate.open);
    assert.ok(!box.persons.has(a));
  });

  it("repeats what retention took since", async () => {
    await site.log.append({
      class: "door-event",
      at: clock.now(),
      door: "gate-1",
      fields: { kind: "opened" },
    });
    const backup = site.backup();
    clock.pass(200 * 24 * 3_600_000);
    site.retention.run({ class: "security-log", days: 1 });
    const restored = toNewBox(backup);
    assert.equal(restored.log.query({ door: "gate-1" }).length, 1);
    restored.gate.replay(site.journal(), site.signer.publicKey);
    assert.equal(restored.log.query({ door: "gate-1" }).length, 0);
    assert.deepEqual(restored.log.coverage().findings, []);
  });

  it("opens without a journal only when somebody answers for it, on the record", () => {
    const restored = toNewBox(site.backup());
    restored.gate.release({ id: "staff_1", role: "manager" });
    assert.ok(restored.gate.open);
    const [entry] = restored.log.query({ classes: ["configuration"] });
    assert.deepEqual([entry?.fields?.event, entry?.fields?.by], ["restore-gate-opened", "staff_1"]);
  });

  it("revives nobody when an older people.db is put back beside the living keys", () => {
    const { files } = site.backup();
    const erasure = site.removal.persons([a]);
    site.settle();
    assert.equal(site.erasures.read(erasure).state, "done");
    const { dir } = site;
    site.close();
    for (const suffix of ["-wal", "-shm"]) writeFileSync(join(dir, `people.db${suffix}`), "");
    writeFileSync(join(dir, "people.db"), files["people.db"]);
    site = openSite(clock, { dir });
    assert.ok("person" in cardOf(site, "026F6C3A"), "the old file has A's card");
    site.erasures.resume();
    assert.deepEqual(cardOf(site, "026F6C3A"), { code: "no-such-credential" });
    assert.ok(!site.persons.has(a));
    assert.equal(site.persons.read(b).name, "Marker-B", "same box, same keys: names are back");
    assert.equal(site.erasures.of(a).length, 2);
  });

  it("counts restores in the log's name", () => {
    assert.equal(nextOrigin("a.example/gate"), "a.example/gate/restored-1");
    assert.equal(nextOrigin("a.example/gate/restored-9"), "a.example/gate/restored-10");
  });
});
