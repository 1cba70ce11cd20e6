import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import { type ConsentRules, Consents, signerFrom } from "../core/consent/index.ts";
import { Decisions, ProcessingRecords } from "../core/decisions/index.ts";
import { ActMemory } from "../core/entry/acts.ts";
import { AttemptBook } from "../core/entry/book.ts";
import { Drills } from "../core/entry/drills.ts";
import { Emergencies } from "../core/entry/emergencies.ts";
import { FirstIn } from "../core/entry/first-in.ts";
import { Leaves } from "../core/entry/interlock.ts";
import { Lockdown } from "../core/entry/lockdown.ts";
import { Passages } from "../core/entry/passages.ts";
import { Presence } from "../core/entry/presence.ts";
import { Terms } from "../core/entry/terms.ts";
import { TicketDesk } from "../core/entry/tickets.ts";
import { ZoneMemory } from "../core/entry/zones.ts";
import { errorCode } from "../core/errors.ts";
import { FaceTally } from "../core/faces/tally.ts";
import { openTemplates } from "../core/faces/templates.ts";
import {
  Accounts,
  Credentials,
  Passes,
  Passkeys,
  Persons,
  SignIn,
  StrongCards,
  Undo,
} from "../core/people/index.ts";
import { Lockout } from "../core/people/lockout.ts";
import { loadPack } from "../core/policy/packs.ts";
import {
  Erasures,
  Holds,
  IdleFaces,
  journalOf,
  lookUps,
  makeBackup,
  Removal,
  RestoreGate,
  Retention,
} from "../core/retention/index.ts";
import { CameraWatch } from "./camera-watch.ts";
import { CameraRoom } from "./cameras.ts";
import { Changes } from "./changes.ts";
import { ChipDesk } from "./chip-desk.ts";
import type { VaultConfig } from "./config.ts";
import { PaperRoom } from "./decisions.ts";
import { Dialogues } from "./dialogues.ts";
import { FaceRoom } from "./faces.ts";
import type { Actor } from "./handlers.ts";
import { Journal } from "./journal.ts";
import { mqttSubscriptions } from "./mqtt.ts";
import type { VaultEvent } from "./protocol/index.ts";
import { Readers } from "./readers.ts";
import { openRegisters } from "./registers.ts";
import { Rotation } from "./rotation.ts";
import { VaultServer } from "./server.ts";
import type { Services } from "./services.ts";
import { Site } from "./site.ts";
import { openStores } from "./stores.ts";
import { Taps } from "./taps.ts";
import { sweepEmergencies } from "./verbs/emergencies.ts";
import { handlersOf } from "./verbs/index.ts";
import { firstPasswordFile } from "./verbs/staff.ts";
import { keepWitnessed } from "./witness.ts";
import { Yardstick } from "./yardstick.ts";

export interface OpenVaultOptions {
  /** Lines for the console: codes, counts, paths. */
  say(line: string): void;
  clock?: Clock;
  fetch?: typeof globalThis.fetch;
}

/** A vault that is open; `services` is for tests that look inside. */
export interface Vault {
  services: Services;
  listen(): Promise<void>;
  close(): Promise<void>;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;

/**
 * Opens the databases, keys and log, finishes what a power cut interrupted (before any template is loaded), makes the
 * first account where there is none, and begins to look for models.
 * @throws LimenError what the stores refuse to start with: `disk-unsafe`, `keys-lost`, `store-unsafe`, `log-behind`, …
 */
export async function openVault(
  config: VaultConfig,
  { say, clock = systemClock, fetch }: OpenVaultOptions,
): Promise<Vault> {
  const stores = openStores(config, clock, say);
  const { people, faces: facesDb, ledger, keys, subjectKeys, templateKeys, log, siteId, alarms } = stores;
  const site = new Site({ faces: () => gate.open, papers: (door) => papers.inForce(door) });
  let broadcast: (event: VaultEvent) => void = () => undefined;
  let closed = false;

  const persons = new Persons({ db: people, keys: subjectKeys, clock, site: siteId });
  const templates = openTemplates({ db: facesDb, keys: templateKeys, site: siteId });
  const credentials = new Credentials({
    db: people,
    ring: keys,
    log,
    clock,
    hasFace: (person) => templates.has(person),
  });
  const accounts = new Accounts({ db: people, clock });
  const signer = signerFrom(keys.secret("receipts"));
  const consents = new Consents({
    db: ledger,
    log,
    keys: subjectKeys,
    clock,
    site: siteId,
    signer,
    rules: () => consentRules(site),
    controller: () => ({ id: site.config.id, ...site.config.controller }),
    facts: (person) => (persons.has(person) ? factsOf(persons, person) : undefined),
    lastLoss: (person) => credentials.lastLoss(person),
  });

  const rotation = new Rotation({ ledger, faces: facesDb, keys, log, templates, clock });
  const yardstick = new Yardstick({ db: ledger, log, clock });
  const faces = new FaceRoom({
    dirs: config.models,
    into: join(config.data, "models"),
    download: config.download,
    pack: config.pack,
    threads: config.threads,
    furnish(engine, embedder) {
      const { outdated } = rotation.furnish(engine, embedder);
      if (outdated.length > 0)
        say(`faces: ${outdated.length} people have to enrol again (another model made theirs)`);
      return outdated;
    },
    judge: (engine, embedder) => templates.judge(engine.gallery, embedder, rotation.epoch),
    enrolled: (person) => templates.has(person),
    onCalibration: (calibration) => guarded(say, "calibration", () => yardstick.note(calibration)),
    onChange: () => {
      const { progress, ready } = faces;
      broadcast({ event: "models", ready, ...(progress === undefined ? {} : { progress }) });
    },
    log: say,
    ...(fetch ? { fetch } : {}),
  });
  const mqtt = config.mqtt === undefined ? undefined : mqttSubscriptions(config.mqtt);
  const cameras = new CameraRoom({
    clock,
    ...(mqtt ? { subscribe: mqtt.subscribe } : {}),
    onLook: (camera, running, { what, ...told } = {}) => {
      const known = site.cameras.find(({ id }) => id === camera);
      const screen = what === "look" && known?.kind === "screen";
      broadcast({
        event: "look",
        camera,
        running,
        ...(known ? { door: known.door, ...told } : {}),
        ...(screen ? { screen } : {}),
      });
    },
  });

  const registers = openRegisters({
    db: ledger,
    log,
    clock,
    keys: subjectKeys,
    signer,
    site,
    siteId,
    persons,
  });
  const holds = new Holds({ db: ledger, clock });
  const erasures = new Erasures({
    db: ledger,
    databases: [
      { name: "people.db", db: people },
      { name: "faces.db", db: facesDb },
      { name: "ledger.db", db: ledger },
    ],
    log,
    ring: keys,
    subjectKeys,
    templateKeys,
    templates,
    persons,
    consents: {
      cut(person) {
        consents.cut(person);
        registers.cut(person);
      },
      forget: (person) => consents.forget(person),
    },
    holds,
    others: {
      drop: (order) => {
        for (const template of order.templates) faces.drop(template);
      },
      // a frame lives while a look runs, and no other process is ever given one
      confirm: () => [
        { copy: "camera buffers", state: "none" },
        { copy: "Node-RED", state: "none" },
      ],
    },
    signer,
    clock,
    site: siteId,
    later: (ms, work) => {
      setTimeout(() => {
        if (closed) return; // the next start takes it up
        work();
        journal.write();
      }, ms).unref();
    },
  });
  const journal = new Journal(join(config.data, "erasures.journal"), () =>
    journalOf({ erasures, log, signer, clock, site: siteId }),
  );
  const gate = new RestoreGate({ db: ledger, log, persons, clock });
  const lost = gate.begin();
  if (lost > 0) say(`vault: restored; ${lost} names could not be, their cards open as before`);
  if (!gate.open)
    say("vault: restored; faces stay off until the erasure journal was replayed: npm run limen -- restore");
  const removal = new Removal({ consents, templates, erasures, log });
  const idle = new IdleFaces({
    db: facesDb,
    clock,
    templates,
    people: () => consents.people(),
    years: () => loadPack(site.config.pack).bounds["retention.template-idle.years"]?.default,
    erase: (person) => removal.face(person, "ran-out"),
  });
  erasures.resume(); // before any template is in memory: what was to go does not come back
  removal.sweep();
  const tally = new FaceTally({ db: ledger, clock });
  const tallying = setInterval(() => guarded(say, "tally", () => tally.flush()), minuteMs).unref();
  const decisions = new Decisions({ db: ledger, log, clock });
  const papers = new PaperRoom({
    decisions,
    site,
    clock,
    faces: () => templates.count,
    incident: () => registers.breaches.lastAware("faces"),
    file: config.papers,
    say,
  });
  papers.settle();
  registers.sweep(); // and whoever an older file brought back is nobody's here either
  const sweeping = setInterval(() => {
    guarded(say, "papers", () => papers.settle());
    guarded(say, "sweep", () => removal.sweep());
    if (site.configured) guarded(say, "idle faces", () => idle.sweep());
    guarded(say, "registers", () => registers.sweep());
  }, hourMs).unref();

  const terms = new Terms(ledger, clock);
  const tickets = new TicketDesk(clock);
  const services: Services = {
    config,
    clock,
    keys,
    log,
    site,
    changes: new Changes(ledger, clock),
    book: new AttemptBook(clock),
    tickets,
    zones: new ZoneMemory(clock),
    leaves: new Leaves(clock),
    passages: new Passages(),
    readers: new Readers(alarms),
    acts: new ActMemory(clock),
    lockdown: new Lockdown(ledger),
    alarms,
    terms,
    emergencies: new Emergencies({ db: ledger, log, clock, terms }),
    firstIn: new FirstIn(ledger),
    drills: new Drills(ledger, clock),
    presence: new Presence(clock, new Lockout(people, clock)),
    taps: new Taps(),
    chipDesk: new ChipDesk(),
    dialogues: new Dialogues(),
    persons,
    credentials,
    strongCards: new StrongCards({ db: people, ring: keys, credentials }),
    passes: new Passes({ db: people, ring: keys, log, clock, site: siteId, tickets }),
    accounts,
    signIn: new SignIn({ db: people, clock, accounts }),
    undo: new Undo(clock),
    passkeys: new Passkeys({ db: people, clock, secret: keys.secret("passkeys"), site: config.addresses }),
    consents,
    registers,
    templates,
    faces,
    tally,
    rotation,
    cameras,
    erasures,
    removal,
    idle,
    retention: new Retention({
      db: ledger,
      log,
      erasures,
      holds,
      clock,
      bounds: (parameter) => loadPack(site.config.pack).bounds[parameter],
    }),
    holds,
    decisions,
    papers,
    records: new ProcessingRecords({ db: ledger, clock }),
    gate,
    backup: () => ({
      backup: makeBackup({ ledger, people, log, ring: keys, signer, clock, site: siteId }),
      journal: journalOf({ erasures, log, signer, clock, site: siteId }),
    }),
    signer,
    lookUp: lookUps({ log, clock }),
    async recordChange(what, fields, subject) {
      const at = clock.now();
      await log.append({
        class: "configuration",
        at,
        fields: { at: at.toISOString(), what, ...fields },
        ...(subject === undefined ? {} : { subject }),
      });
    },
    broadcast: (event) => broadcast(event),
  };

  const watching = setInterval(
    () => guarded(say, "emergencies", () => sweepEmergencies(services)),
    15_000,
  ).unref();
  const cameraWatch = new CameraWatch({
    cameras,
    clock,
    silent: (camera) => {
      const door = site.cameras.find(({ id }) => id === camera)?.door;
      return door !== undefined && alarms.wouldEnd(door, "camera-back", camera);
    },
    tell: (camera, kind, detail) => {
      const door = site.cameras.find(({ id }) => id === camera)?.door;
      if (door === undefined) return;
      broadcast({ event: "door", door, kind });
      const at = clock.now();
      const fields = { at: at.toISOString(), door, kind, attempt: null, detail };
      log.append({ class: "door-event", at, door, fields }).catch((error) => {
        say(`vault: ${kind} could not be recorded (${errorCode(error)})`);
      });
    },
  });
  const lookingAfter = setInterval(() => guarded(say, "cameras", () => cameraWatch.look()), 1000).unref();

  const server = new VaultServer({
    socket: config.socket,
    operatorSocket: config.operatorSocket,
    handlers: handlersOf(services),
    whoIs: (auth): Actor => services.signIn.see(auth, { touch: false }),
    onFault: (verb, error) => say(`vault: fault in ${verb}: ${describe(error)}`),
  });
  broadcast = (event) => server.broadcast(event);
  await firstRun(services);
  const endWitness = config.witness
    ? keepWitnessed({ log, say, ...config.witness, ...(fetch ? { fetch } : {}) })
    : undefined;

  return {
    services,
    async listen() {
      await server.listen();
      void faces.start(); // cards work meanwhile
    },
    async close() {
      closed = true;
      clearInterval(sweeping);
      clearInterval(lookingAfter);
      clearInterval(watching);
      clearInterval(tallying);
      endWitness?.();
      erasures.close();
      await server.close();
      cameras.close();
      await Promise.all([faces.close(), mqtt?.close()]);
      guarded(say, "tally", () => tally.flush());
      stores.close();
    },
  };
}

/** The first account, and its one-time password in a file only this user reads; gone at the first sign-in. */
async function firstRun({ accounts, config, recordChange }: Services): Promise<void> {
  const first = await accounts.createFirstManager();
  if (!first) return;
  writeFileSync(firstPasswordFile(config.data), `${first.name}\n${first.password}\n`, { mode: 0o600 });
  await recordChange("first-account", {});
}

function consentRules(site: Site): ConsentRules {
  const { pack, timeZone } = site.config;
  const { bounds } = loadPack(pack);
  const jurisdiction = { cn: "CN", eu: "EU", "us-il": "US-IL" }[pack];
  return {
    guardianAge: bounds["guardian.age"]?.default ?? 18,
    refusalMonths: bounds["refusal.months"]?.default ?? 12,
    coercedHours: bounds["coerced.hours"]?.default ?? 72,
    jurisdiction,
    timeZone,
  };
}

function factsOf(persons: Persons, person: string): { birthDate?: string; resident: boolean } {
  const { birthDate, state } = persons.read(person);
  return { resident: state === "resident", ...(birthDate === undefined ? {} : { birthDate }) };
}

/** Where a fault happened. Its message may quote what was worked on, so it stays out. */
const describe = (error: unknown): string =>
  error instanceof Error
    ? `${error.name} ${(error as { code?: string }).code ?? ""} ${(error.stack ?? "")
        .split("\n")
        .filter((line) => line.startsWith("    at "))
        .slice(0, 4)
        .join("")}`
    : typeof error;

function guarded(say: (line: string) => void, what: string, work: () => unknown): void {
  try {
    work();
  } catch (error) {
    say(`vault: ${what} failed (${errorCode(error)})`);
  }
}
