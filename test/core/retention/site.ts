import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAuditLog } from "../../../core/audit/log.ts";
import type { Clock } from "../../../core/clock.ts";
import {
  type ConsentRules,
  Consents,
  consentMigrations,
  type NoticeDraft,
  signerFrom,
} from "../../../core/consent/index.ts";
import { openTemplates } from "../../../core/faces/templates.ts";
import type { EmbedderIdentity } from "../../../core/faces/types.ts";
import { Credentials, Persons, peopleMigrations } from "../../../core/people/index.ts";
import {
  adoptBackup,
  type Backup,
  type Bound,
  type ErasureOrder,
  Erasures,
  Holds,
  journalOf,
  lookUps,
  makeBackup,
  type OtherCopies,
  Removal,
  RestoreGate,
  Retention,
  retentionMigrations,
} from "../../../core/retention/index.ts";
import { migrate, openDatabase } from "../../../core/store/database.ts";
import { openDayKeys } from "../../../core/store/day-keys.ts";
import { openKeyRing } from "../../../core/store/keyring.ts";
import { openSubjectKeys } from "../../../core/store/subject-keys.ts";

/** A folder without a disk behind it, where there is one: saves thousands of syncs where power is not the question. */
export const memoryDisk = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

export const embedder: EmbedderIdentity = {
  id: "test",
  sha256: "0".repeat(64),
  fed: "0".repeat(64),
  dimensions: 8,
};

export const rules: ConsentRules = {
  guardianAge: 14,
  refusalMonths: 12,
  coercedHours: 72,
  jurisdiction: "CN",
  timeZone: "Asia/Shanghai",
};

export const noticeFor = (doors: readonly string[], material = "a", text = "notice"): NoticeDraft => ({
  method: "face",
  doors,
  material: material.repeat(64).slice(0, 64),
  texts: { "zh-CN": `${text} 简`, "zh-TW": `${text} 繁`, "en-US": `${text} en` },
});

export interface SiteOptions {
  dir?: string;
  rules?: Partial<ConsentRules>;
  bounds?: Record<string, Bound>;
  others?: Partial<OtherCopies>;
  /** A backup whose files lie in `dir` already. */
  adopt?: Backup;
  /** The log's name. */
  origin?: string;
  /** Where keys come from: for tests that look for them afterwards. */
  random?: (bytes: number) => Buffer;
}

/** Everything of a site but doors and cameras, on real files; `close` and `openSite({dir})` is a restart. */
export function openSite(clock: Clock, options: SiteOptions = {}) {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "limen-site-"));
  const ledger = openDatabase(join(dir, "ledger.db"));
  migrate(ledger, "consent", consentMigrations);
  migrate(ledger, "retention", retentionMigrations);
  const people = openDatabase(join(dir, "people.db"), peopleMigrations, "people");
  const facesDb = openDatabase(join(dir, "faces.db"));
  const ring = openKeyRing({
    path: join(dir, "keys"),
    db: ledger,
    allowUnsafeDisk: true,
    ...(options.random && { random: options.random }),
  });
  const origin = options.adopt
    ? adoptBackup({ ledger, ring }, options.adopt, clock)
    : (options.origin ?? "limen.test/site");
  const subjectKeys = openSubjectKeys(ring);
  const log = openAuditLog({
    db: ledger,
    tilesDir: join(dir, "audit"),
    origin,
    ring,
    subjectKeys,
    dayKeys: openDayKeys(ring),
    clock,
    publishMs: 0,
  });
  const site = "test-site";
  const persons = new Persons({ db: people, keys: subjectKeys, clock, site });
  const credentials = new Credentials({ db: people, ring, log, clock });
  const signer = signerFrom(ring.secret("receipts"));
  const consents = new Consents({
    db: ledger,
    log,
    keys: subjectKeys,
    clock,
    site,
    signer,
    rules: () => ({ ...rules, ...options.rules }),
    controller: () => ({
      id: "controller",
      name: "Wang Property",
      contact: "desk@example.test",
      address: "1 Main Road",
    }),
    facts: (id) => {
      if (!persons.has(id)) return undefined;
      const { birthDate, state } = persons.read(id);
      return { resident: state === "resident", ...(birthDate !== undefined && { birthDate }) };
    },
    lastLoss: (id) => credentials.lastLoss(id),
  });
  const templateKeys = ring.keys("template");
  const templates = openTemplates({ db: facesDb, keys: templateKeys, site });
  /** What a match could still find. */
  const memory = new Map<string, string>();
  const holds = new Holds({ db: ledger, clock });
  const pending: (() => void)[] = [];
  const drop = (order: ErasureOrder) => {
    for (const template of order.templates) memory.delete(template);
  };
  const erasures = new Erasures({
    db: ledger,
    databases: [
      { name: "people.db", db: people },
      { name: "faces.db", db: facesDb },
      { name: "ledger.db", db: ledger },
    ],
    log,
    ring,
    subjectKeys,
    templateKeys,
    templates,
    persons,
    consents,
    holds,
    others: { drop, ...options.others },
    signer,
    clock,
    site,
    later: (_ms, work) => {
      pending.push(work);
    },
  });
  const removal = new Removal({ consents, templates, erasures, log });
  const retention = new Retention({
    db: ledger,
    log,
    erasures,
    holds,
    clock,
    bounds: (parameter) => options.bounds?.[parameter],
  });
  const lookUp = lookUps({ log, clock });
  const gate = new RestoreGate({ db: ledger, log, persons, clock });
  const backup = () => makeBackup({ ledger, people, log, ring, signer, clock, site });
  const journal = () => journalOf({ erasures, log, signer, clock, site });

  /** Enrols a face: eight numbers that say whose they are. */
  const enrol = (person: string, vector = Float32Array.from({ length: 8 }, () => Math.random())): string => {
    const at = clock.now();
    const face = { person, vectors: [vector], embedder, epoch: 0 };
    const { id } = templates.put(face, ({ id, replaced, store }) => {
      const fields = { at: at.toISOString(), what: "face-enrolled", template: id };
      removal.enrolled(person, { class: "configuration", at, fields, subject: person }, replaced, store);
    });
    memory.set(id, person);
    return id;
  };
  const give = (person: string, doors: string[], more: Record<string, unknown> = {}) =>
    consents.give({
      person,
      purpose: "door-entry",
      method: "face",
      doors,
      notice: consents.notices.current({ method: "face", door: doors[0]!, language: "zh-CN" }).id,
      act: "signature",
      givenBy: "self",
      channel: "paper",
      ...more,
    });
  /** Lets what was put off happen. */
  const settle = () => {
    for (const work of pending.splice(0)) work();
  };
  const close = () => {
    log.close();
    ring.close();
    for (const db of [people, facesDb, ledger]) db.close();
  };
  const remove = () => {
    close();
    rmSync(dir, { recursive: true, force: true });
  };
  return {
    dir,
    ledger,
    people,
    facesDb,
    ring,
    subjectKeys,
    log,
    persons,
    credentials,
    consents,
    signer,
    templates,
    templateKeys,
    memory,
    holds,
    erasures,
    removal,
    retention,
    lookUp,
    gate,
    backup,
    journal,
    pending,
    enrol,
    give,
    settle,
    close,
    remove,
  };
}
export type TestSite = ReturnType<typeof openSite>;
