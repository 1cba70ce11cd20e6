import { writeSync } from "node:fs";
import { join } from "node:path";
import { openAuditLog } from "../../core/audit/log.ts";
import { openDatabase, transaction, truncateWal } from "../../core/store/database.ts";
import { openDayKeys } from "../../core/store/day-keys.ts";
import { openKeyRing } from "../../core/store/keyring.ts";
import { openSubjectKeys } from "../../core/store/subject-keys.ts";
import { handClock } from "../core/hand-clock.ts";

// A little vault: writes what a vault writes, and says on its standard output what it has promised, after it promised.

export type Said =
  | { entry: number; index: number }
  | { consent: string; state: number }
  | { erased: string }
  | { rotated: number };

export const consents = [
  {
    version: 1,
    name: "consent",
    sql: "CREATE TABLE consent (person TEXT PRIMARY KEY, state INTEGER NOT NULL) STRICT",
  },
];

export function openAll(folder: string) {
  const db = openDatabase(join(folder, "ledger.db"), consents, "consent");
  const ring = openKeyRing({ path: join(folder, "keys", "slots"), db });
  const subjects = openSubjectKeys(ring);
  const clock = handClock();
  const log = openAuditLog({
    db,
    tilesDir: join(folder, "audit"),
    origin: "fault.example/gate",
    ring,
    subjectKeys: subjects,
    dayKeys: openDayKeys(ring),
    clock,
    publishMs: 0,
  });
  const close = () => {
    log.close();
    ring.close();
    db.close();
  };
  return { db, ring, subjects, clock, log, close };
}

const promise = (what: Said) => writeSync(1, `${JSON.stringify(what)}\n`);

/** @param weaken the harness's own proof: with SQLite's NORMAL it must see losses. The product cannot be set so. */
async function work(folder: string, weaken: boolean): Promise<void> {
  let number = 0;
  for (let start = 0; start < 3; start++) {
    const { db, ring, subjects, clock, log, close } = openAll(folder);
    if (weaken) db.exec("PRAGMA synchronous=NORMAL");
    const entry = (person?: string) => ({
      class: "decision" as const,
      at: clock.now(),
      fields: { number: ++number, filler: "x".repeat(200) },
      ...(person !== undefined && { subject: person }),
    });
    for (let step = 0; step < 24; step++) {
      clock.pass(3_600_000);
      const person = `person_${start}_${step}`;
      if (step % 3 === 0) transaction(db, () => subjects.create(person));
      const subject = step % 3 === 0 ? person : undefined;
      if (step % 3 === 0) {
        const given = () => void db.prepare("INSERT INTO consent VALUES (?, ?)").run(person, 1);
        const [recorded] = log.appendWith([entry(subject)], given);
        promise({ entry: number, index: recorded!.index });
        promise({ consent: person, state: 1 });
      } else if (step % 3 === 1) {
        const recorded = await Promise.all([log.append(entry()), log.append(entry()), log.append(entry())]);
        for (const [at, { index }] of recorded.entries()) promise({ entry: number - 2 + at, index });
      } else if (step % 6 === 2) {
        const gone = `person_${start}_${step - 2}`;
        log.eraseSubjects([gone], {
          alongside: () => {
            subjects.destroy(gone);
            db.prepare("UPDATE consent SET state = 2 WHERE person = ?").run(gone);
          },
        });
        promise({ consent: gone, state: 2 });
        if (truncateWal(db).busy) throw new Error("busy");
        promise({ rotated: ring.rotate() });
        promise({ erased: gone });
      } else await log.publish();
    }
    close();
  }
}

if (import.meta.main) await work(process.argv[2]!, process.argv[3] === "weaken");
