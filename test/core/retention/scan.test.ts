import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { parseProofFile } from "../../../core/audit/proof-file.ts";
import { unwrapKey } from "../../../core/store/aes-kw.ts";
import { handClock } from "../hand-clock.ts";
import { memoryDisk, noticeFor, openSite, type TestSite } from "./site.ts";

/** What was planted for one person, as bytes that may not be found afterwards. */
interface Planted {
  person: string;
  /** Plain: never on any disk, erased or not. */
  plain: Buffer[];
  /** Sealed and wrapped forms: in no row and no log any more, and dead wherever a page or a block still holds them. */
  sealed: Buffer[];
  keys: Buffer[];
}

/** Every file of a folder, whole. */
function filesOf(dir: string): { path: string; bytes: Buffer }[] {
  return readdirSync(dir, { recursive: true })
    .map((name) => join(dir, String(name)))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }));
}

const column = (db: DatabaseSync, sql: string, ...values: string[]): Buffer[] =>
  db
    .prepare(sql)
    .all(...values)
    .map((row) => Buffer.from(Object.values(row)[0] as Uint8Array));

/** Plants `count` people with marked names, flats, vectors, cards and consents. */
async function plant(site: TestSite, count: number): Promise<Planted[]> {
  const people: Planted[] = [];
  for (let at = 0; at < count; at += 1) {
    const mark = `Marker-${at.toString().padStart(4, "0")}-${randomBytes(6).toString("hex")}`;
    const person = site.persons.create({ name: `${mark}-name`, flat: `${mark}-flat` });
    site.give(person, ["gate-1"]);
    const vector = Float32Array.from({ length: 8 }, () => Math.random() * 2 - 1);
    const template = site.enrol(person, vector);
    const hex = `A1B2${at.toString(16).toUpperCase().padStart(4, "0")}`;
    site.credentials.issueCard({ person, notation: "8H", number: hex, hex, bits: 32 });
    const { index } = await site.log.append({
      class: "decision",
      at: new Date("2026-11-23T08:00:00Z"),
      subject: person,
      fields: { note: `${mark}-entry` },
    });
    const items = parseProofFile(site.log.proofFile(index, { disclose: true }))?.items ?? [];
    const salts = items.map(
      (item) => (JSON.parse(Buffer.from(item, "base64url").toString()) as string[])[0]!,
    );
    assert.ok(salts.length >= 2, "the salts were found to look for them");
    people.push({
      person,
      plain: [Buffer.from(mark), Buffer.from(vector.buffer), ...salts.map((salt) => Buffer.from(salt))],
      sealed: [
        ...column(site.people, "SELECT sealed FROM person WHERE id = ?", person),
        ...column(site.facesDb, "SELECT sealed FROM template WHERE id = ?", template),
        ...column(site.ledger, "SELECT sealed FROM consent WHERE person = ?", person),
        ...column(site.ledger, "SELECT key FROM wrapped_key WHERE id IN (?, ?)", person, template),
      ],
      keys: [site.subjectKeys.get(person)!, site.templateKeys.get(template)!],
    });
  }
  return people;
}

const startOf = (from: Buffer, at: number) => (from[at]! << 16) | (from[at + 1]! << 8) | from[at + 2]!;

/** Counts which of the needles are in some bytes: one pass, whatever their number. */
function finder(needles: readonly Buffer[]): (bytes: Buffer) => number {
  const starts = new Uint8Array(1 << 24);
  const byStart = new Map<number, Buffer[]>();
  for (const needle of needles) {
    const start = startOf(needle, 0);
    starts[start] = 1;
    byStart.set(start, [...(byStart.get(start) ?? []), needle]);
  }
  return (bytes) => {
    const found = new Set<Buffer>();
    for (let at = 0; at < bytes.length - 2; at += 1) {
      const start = startOf(bytes, at);
      if (starts[start] === 0) continue;
      for (const needle of byStart.get(start)!) {
        if (bytes.subarray(at, at + needle.length).equals(needle)) found.add(needle);
      }
    }
    return found.size;
  };
}
const within = (bytes: Buffer, needles: readonly Buffer[]): number => finder(needles)(bytes);

describe("erasure scan: 200 people, 100 erased", () => {
  const clock = handClock();
  const keks: Buffer[] = [];
  const random = (bytes: number) => {
    const made = randomBytes(bytes);
    keks.push(Buffer.from(made));
    return made;
  };

  /** Runs the whole story in a folder. @returns what to look for afterwards */
  async function story(dir: string) {
    keks.length = 0;
    const site = openSite(clock, { dir, random });
    site.consents.publish([noticeFor(["gate-1"])]);
    const people = await plant(site, 200);
    await site.log.publish();
    const gone = people.slice(0, 100);
    const stay = people.slice(100);
    const ids = [site.removal.persons(gone.map(({ person }) => person))];
    site.settle();
    assert.ok(ids.every((id) => site.erasures.read(id).state === "done"));
    await site.log.publish();
    return { site, gone, stay };
  }

  it("finds nothing of the erased in any file, and everything of the others", async () => {
    const dir = mkdtempSync(join(memoryDisk, "limen-scan-"));
    const { site, gone, stay } = await story(dir);
    try {
      const files = filesOf(dir);
      assert.ok(
        files.some(({ path }) => path.endsWith("faces.db-wal")) &&
          files.some(({ path }) => path.includes("audit")),
      );
      const everyone = [...gone, ...stay];
      for (const [what, find] of [
        ["plain text", finder(everyone.flatMap(({ plain }) => plain))],
        ["bare keys", finder(everyone.flatMap(({ keys }) => keys))],
      ] as const) {
        for (const { path, bytes } of files) assert.equal(find(bytes), 0, `${what} in ${path}`);
      }
      // SQLite splits pages as they fill, and may leave a copy in the gap of one until the page is written anew: no row
      // leads there, and nothing opens it
      const remains = gone.flatMap(({ sealed }) => sealed);
      for (const { path, bytes } of files)
        if (!path.endsWith(".db")) assert.equal(within(bytes, remains), 0, `sealed remains in ${path}`);
      const rows = Buffer.concat([
        ...column(site.people, "SELECT sealed FROM person"),
        ...column(site.facesDb, "SELECT sealed FROM template"),
        ...column(site.ledger, "SELECT sealed FROM consent WHERE sealed IS NOT NULL"),
        ...column(site.ledger, "SELECT key FROM wrapped_key"),
      ]);
      assert.ok(rows.length > 10_000);
      assert.equal(within(rows, remains), 0, "sealed remains in a row");
      const masters = keks.filter((key) => files.some(({ bytes }) => bytes.includes(key)));
      assert.equal(masters.length, 1);
      for (const wrapped of remains.filter(({ length }) => length === 40))
        assert.equal(unwrapKey(masters[0]!, wrapped), undefined);
      // the same scan finds what is meant to be there, so it is not blind
      const all = Buffer.concat(files.map(({ bytes }) => bytes));
      const kept = stay.flatMap(({ sealed }) => sealed.slice(0, 3));
      assert.equal(within(all, kept), kept.length);
      assert.equal(site.persons.read(stay[0]!.person).name.startsWith("Marker-"), true);
      const slots = files.find(({ path }) => path.endsWith("/keys"))!.bytes;
      assert.equal(keks.filter((key) => slots.includes(key)).length, 1, "one master key, the present one");
      assert.deepEqual(site.log.coverage().findings, []);
    } finally {
      site.remove();
    }
  });

  it("would find it without the steps: deleting alone leaves all of it", async () => {
    const dir = mkdtempSync(join(tmpdir(), "limen-scan-"));
    const site = openSite(clock, { dir });
    try {
      site.consents.publish([noticeFor(["gate-1"])]);
      const people = await plant(site, 10);
      for (const { person } of people) {
        for (const template of site.templates.of(person)) site.templates.remove(template);
        site.persons.erase(person);
        site.subjectKeys.destroy(person);
      }
      const all = Buffer.concat(filesOf(dir).map(({ bytes }) => bytes));
      assert.ok(
        within(
          all,
          people.flatMap(({ sealed }) => sealed),
        ) > 20,
      );
    } finally {
      site.remove();
    }
  });

  it("leaves nothing that can be opened on the raw disk (ext4 image)", async function () {
    const base = mkdtempSync(join(memoryDisk, "limen-image-"));
    const image = join(base, "disk.img");
    const mount = join(base, "mnt");
    mkdirSync(mount);
    try {
      writeFileSync(image, "");
      truncateSync(image, 24 << 20);
      execFileSync("mkfs.ext4", ["-q", image], { stdio: "ignore" });
      execFileSync("mount", ["-o", "loop", image, mount], { stdio: "ignore" });
    } catch {
      rmSync(base, { recursive: true, force: true });
      this.skip(); // no loop devices here
    }
    let raw: Buffer;
    let told: Awaited<ReturnType<typeof story>> | undefined;
    let present: Buffer;
    try {
      told = await story(join(mount, "data"));
      const slots = readFileSync(join(mount, "data", "keys"));
      present = keks.find((key) => slots.includes(key))!;
    } finally {
      told?.site.close();
      execFileSync("sync", ["-f", mount]);
      execFileSync("umount", ["-l", mount]);
      raw = readFileSync(image);
      rmSync(base, { recursive: true, force: true });
    }
    const { gone, stay } = told;
    const bare = [...gone, ...stay].flatMap(({ keys }) => keys);
    assert.equal(
      within(
        raw,
        [...gone, ...stay].flatMap(({ plain }) => plain),
      ),
      0,
      "plain text on the disk",
    );
    assert.equal(within(raw, bare), 0, "bare keys on the disk");
    assert.ok(raw.includes(present), "the scan sees the disk");
    assert.equal(
      keks.filter((key) => key !== present && raw.includes(key)).length,
      0,
      "a former master key on the disk",
    );
    // what a freed block may still hold of the erased is a wrapped key that the present master key does not open
    const wrapped = gone.flatMap(({ sealed }) => sealed.filter(({ length }) => length === 40));
    assert.equal(wrapped.length, 200);
    for (const key of wrapped) assert.equal(unwrapKey(present, key), undefined);
  });
});
