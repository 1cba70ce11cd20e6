import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyLog } from "../../core/audit/verify-log.ts";
import { DiskModel, randomFrom } from "./disk-model.ts";
import { canTrace, type DiskEvent, record } from "./trace.ts";
import { openAll, type Said } from "./writer.ts";

/** What had been promised when the power went. */
interface Promised {
  entries: Map<number, number>;
  consents: Map<string, number>;
  erased: Set<string>;
  generation: number;
}

function keepPromises(said: readonly string[]): Promised {
  const promised: Promised = { entries: new Map(), consents: new Map(), erased: new Set(), generation: 0 };
  for (const line of said.join("").split("\n").filter(Boolean)) {
    const what = JSON.parse(line) as Said;
    if ("entry" in what) promised.entries.set(what.entry, what.index);
    else if ("consent" in what) promised.consents.set(what.consent, what.state);
    else if ("erased" in what) promised.erased.add(what.erased);
    else promised.generation = what.rotated;
  }
  return promised;
}

/** Generations of the keys that lie in the key file, whole or torn. */
function generations(folder: string): number[] {
  const path = join(folder, "keys", "slots");
  const file = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
  return [file.subarray(0, 4096), file.subarray(4096)]
    .filter((slot) => slot.some((byte) => byte !== 0))
    .map((slot) => Number(slot.readBigUInt64BE(16)));
}

/** Opens what the power cut left, as the vault would. @throws when a promise was broken */
function check(folder: string, promised: Promised): void {
  // Before anything is mended: a key that was said to be gone is not on the disk.
  const left = generations(folder).filter((generation) => generation > 0 && generation < promised.generation);
  assert.deepEqual(left, [], "keys that died");
  const { db, ring, subjects, log, close } = openAll(folder);
  try {
    assert.equal(db.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
    assert.deepEqual(generations(folder), [ring.generation], "one key");
    assert.ok(ring.generation >= promised.generation, "the newest key");
    for (const [number, index] of promised.entries) {
      const entry = log.read(index);
      assert.ok(entry, `entry ${number} was acknowledged at ${index}`);
      if (!entry.erased) assert.equal(entry.fields?.number, number);
    }
    const state = db.prepare("SELECT state FROM consent WHERE person = ?");
    for (const [person, least] of promised.consents) {
      assert.ok(Number(state.get(person)?.state ?? 0) >= least, `${person} is at least ${least}`);
    }
    for (const person of promised.erased)
      assert.equal(subjects.get(person), undefined, `${person} stays erased`);
    assert.deepEqual(log.coverage().findings, []);
    log.appendWith([{ class: "door-event", at: new Date(), fields: { after: "power" } }]);
  } finally {
    close();
  }
  if (existsSync(join(folder, "audit", "checkpoint"))) {
    const { vkey } = log;
    assert.deepEqual(verifyLog(join(folder, "audit"), { vkey }).findings, [], "what was published is a log");
  }
}

describe("power cuts", function () {
  this.timeout(400_000); // half a minute on two free cores
  let folder: string;
  before(function () {
    if (!canTrace()) this.skip();
    // Where a sync costs nothing: it is the replayed disk that counts here, not this machine's.
    const quick = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
    folder = mkdtempSync(join(quick, "limen-cut-"));
  });
  after(() => {
    if (folder) rmSync(folder, { recursive: true });
  });

  function recorded(weaken: boolean): { root: string; events: DiskEvent[] } {
    const root = join(folder, weaken ? "weak" : "full");
    mkdirSync(root);
    const module = join(import.meta.dirname, "writer.ts");
    const events = record(module, [root, ...(weaken ? ["weaken"] : [])], root, join(folder, "trace"));
    assert.ok(events.filter(({ kind }) => kind === "sync").length > 100);
    assert.ok(events.filter(({ kind }) => kind === "said").length > 100);
    return { root, events };
  }

  /** Cuts the power at random moments. @returns what went wrong at each cut where something did */
  function cutOften({ root, events }: ReturnType<typeof recorded>, cuts: number, seed: number): string[] {
    const random = randomFrom(seed);
    const moments = Array.from({ length: cuts }, () => Math.floor(random() * (events.length + 1)));
    const model = new DiskModel(root);
    const said: string[] = [];
    const broken: string[] = [];
    let at = 0;
    for (const moment of moments.sort((a, b) => a - b)) {
      for (; at < moment; at++) {
        const event = events[at]!;
        model.apply(event);
        if (event.kind === "said") said.push(event.text);
      }
      const target = join(folder, "cut");
      model.cut(target, random);
      const promised = keepPromises(said);
      for (const time of ["first", "second"]) {
        try {
          check(target, promised);
        } catch (error) {
          broken.push(`seed ${seed}, cut at ${moment} of ${events.length}, ${time} open: ${String(error)}`);
          break;
        }
      }
      rmSync(target, { recursive: true });
    }
    return broken;
  }

  it("lose nothing promised, revive nobody and publish no false history, in 1,500 cuts", () => {
    const broken = cutOften(recorded(false), 1500, 20_261_123);
    assert.deepEqual(broken.slice(0, 5), [], `${broken.length} broken`);
  });

  it("are seen by this harness: SQLite's NORMAL, which the product refuses, loses what it promised", () => {
    const broken = cutOften(recorded(true), 300, 20_261_123);
    assert.ok(broken.some((problem) => /was acknowledged|is at least|keys-lost|key-unwrap/.test(problem)));
    console.log(`      with NORMAL ${broken.length} of 300 cuts broke a promise`);
  });
});
