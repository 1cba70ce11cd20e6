import { fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openAuditLog } from "../../core/audit/log.ts";
import type { LogEntry } from "../../core/audit/types.ts";
import { systemClock } from "../../core/clock.ts";
import { openDatabase, transaction, truncateWal } from "../../core/store/database.ts";
import { openDayKeys } from "../../core/store/day-keys.ts";
import { openKeyRing } from "../../core/store/keyring.ts";
import { openSubjectKeys } from "../../core/store/subject-keys.ts";
import { percentile } from "./statistics.ts";

type Print = (line: string) => void;

export interface LogBenchOptions {
  /** How long each way of writing is measured. */
  seconds?: number;
  /** Disk to measure on; `LIMEN_DATA` or here unless given. */
  folder?: string;
  /** People in the erasure measurement. */
  people?: number;
}

/**
 * What the log costs on this disk, beside what the disk itself does in the same run and beside what one would write
 * instead: a line in a file, a row in a table.
 */
export async function run(print: Print, options: LogBenchOptions = {}): Promise<void> {
  const { seconds = 3, people = 10_000, folder = process.env.LIMEN_DATA ?? "." } = options;
  const place = mkdtempSync(join(folder, "limen-bench-"));
  try {
    const disk = times(seconds, diskSync(place));
    print(`disk alone, 4 KiB written and synced:      ${rate(disk)}`);
    print(`instead: a JSON line, synced:              ${rate(times(seconds, jsonLine(place)))}`);
    print(`instead: an SQLite row, WAL, FULL:         ${rate(times(seconds, plainRow(place)))}`);
    await entries(print, place, seconds);
    print(`disk alone again:                          ${rate(times(1, diskSync(place)))}`);
    erasures(print, place, people);
  } finally {
    rmSync(place, { recursive: true });
  }
}

/** Repeats an act. @returns how long each took, ms */
function times(seconds: number, act: () => void): number[] {
  const each: number[] = [];
  for (const end = performance.now() + seconds * 1000; performance.now() < end; ) {
    const start = performance.now();
    act();
    each.push(performance.now() - start);
  }
  return each;
}

function rate(each: readonly number[]): string {
  const total = each.reduce((sum, one) => sum + one, 0);
  return line((each.length * 1000) / total, each);
}

function line(perSecond: number, each: readonly number[]): string {
  const speed = Math.round(perSecond).toLocaleString("en-US").padStart(8);
  const percentiles = [0.5, 0.95, 0.99].map((share) => percentile(each, share).toFixed(2));
  return `${speed}/s   p50/p95/p99 ${percentiles.join(" / ")} ms`;
}

function diskSync(place: string): () => void {
  const block = Buffer.alloc(4096, 1);
  const fd = openSync(join(place, "disk"), "w");
  writeSync(fd, Buffer.alloc(1 << 20));
  fdatasyncSync(fd);
  let at = 0;
  return () => {
    writeSync(fd, block, 0, block.length, (at++ % 256) * block.length);
    fdatasyncSync(fd);
  };
}

function jsonLine(place: string): () => void {
  const fd = openSync(join(place, "lines"), "a");
  return () => {
    writeSync(fd, `${JSON.stringify(sample())}\n`);
    fdatasyncSync(fd);
  };
}

function plainRow(place: string): () => void {
  const sql = "CREATE TABLE entry (id INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT";
  const db = openDatabase(join(place, "plain.db"), [{ version: 1, name: "plain", sql }]);
  const insert = db.prepare("INSERT INTO entry (json) VALUES (?)");
  return () => void insert.run(JSON.stringify(sample()));
}

const sample = (): LogEntry => ({
  class: "decision",
  at: new Date(),
  door: "north",
  fields: { attempt: "01KB0000000000000000000000", method: "card", outcome: "granted", code: "granted" },
});

function openSite(place: string) {
  const db = openDatabase(join(place, "ledger.db"));
  const ring = openKeyRing({ path: join(place, "keys"), db, allowUnsafeDisk: true });
  const subjectKeys = openSubjectKeys(ring);
  const log = openAuditLog({
    db,
    tilesDir: join(place, "audit"),
    origin: "bench.example/log",
    ring,
    subjectKeys,
    dayKeys: openDayKeys(ring),
    clock: systemClock,
  });
  const close = () => {
    log.close();
    ring.close();
    db.close();
  };
  return { db, ring, subjectKeys, log, close };
}

/** Entries about a person: sealed, committed to, hashed into the tree, checkpoint signed, durable. */
async function entries(print: Print, place: string, seconds: number): Promise<void> {
  const { log, subjectKeys, close } = openSite(join(place, "log"));
  subjectKeys.create("person_bench");
  const entry = () => ({ ...sample(), subject: "person_bench" });
  const alone = times(seconds, () => log.appendWith([entry()]));
  print(`log, one entry at a time:                  ${rate(alone)}`);
  for (const callers of [20, 200]) {
    const before = log.size;
    const waits: number[] = [];
    const start = performance.now();
    const caller = async () => {
      while (performance.now() - start < seconds * 1000) {
        const asked = performance.now();
        await log.append(entry());
        waits.push(performance.now() - asked);
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    const speed = ((log.size - before) * 1000) / (performance.now() - start);
    print(`log, ${String(callers).padStart(3)} callers at once:                 ${line(speed, waits)}`);
  }
  const start = performance.now();
  await log.publish();
  print(
    `tiles of ${log.size.toLocaleString("en-US")} entries written after:     ${(performance.now() - start).toFixed(0)} ms`,
  );
  close();
}

/** From the wish to the death of the old key; ten entries a person in the log. */
function erasures(print: Print, place: string, people: number): void {
  const { db, ring, subjectKeys, log, close } = openSite(join(place, "erasure"));
  const names = Array.from({ length: people }, (_, n) => `person_${n}`);
  transaction(db, () => {
    for (const name of names) subjectKeys.create(name);
  });
  for (let round = 0; round < 10; round++) {
    for (let from = 0; from < people; from += 1000) {
      log.appendWith(names.slice(from, from + 1000).map((subject) => ({ ...sample(), subject })));
    }
  }
  let from = 0;
  for (const count of [1, 100, 1000]) {
    const gone = names.slice(from, from + count);
    from += count;
    const start = performance.now();
    log.eraseSubjects(gone, {
      alongside: () => {
        for (const name of gone) subjectKeys.destroy(name);
      },
    });
    const { busy } = truncateWal(db);
    const deleted = performance.now();
    ring.rotate();
    const end = performance.now();
    const parts = `deleted and truncated ${(deleted - start).toFixed(0)} ms, key rotated ${(end - deleted).toFixed(0)} ms`;
    print(
      `erasure of ${String(count).padStart(4)} of ${people} people, ${log.size} entries: ${parts}${busy ? ", BUSY" : ""}`,
    );
  }
  close();
}
