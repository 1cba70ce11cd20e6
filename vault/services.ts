import type { AuditLog, FieldValue } from "../core/audit/types.ts";
import type { Clock } from "../core/clock.ts";
import type { Consents, Signer } from "../core/consent/index.ts";
import type { Decisions, ProcessingRecords } from "../core/decisions/index.ts";
import type { ActMemory } from "../core/entry/acts.ts";
import type { StandingAlarms } from "../core/entry/alarms.ts";
import type { AttemptBook } from "../core/entry/book.ts";
import type { Drills } from "../core/entry/drills.ts";
import type { Emergencies } from "../core/entry/emergencies.ts";
import type { FirstIn } from "../core/entry/first-in.ts";
import type { Leaves } from "../core/entry/interlock.ts";
import type { Lockdown } from "../core/entry/lockdown.ts";
import type { Passages } from "../core/entry/passages.ts";
import type { Presence } from "../core/entry/presence.ts";
import type { Terms } from "../core/entry/terms.ts";
import type { TicketDesk } from "../core/entry/tickets.ts";
import type { ZoneMemory } from "../core/entry/zones.ts";
import type { FaceTally } from "../core/faces/tally.ts";
import type { Templates } from "../core/faces/templates.ts";
import type {
  Accounts,
  Credentials,
  Passes,
  Passkeys,
  Persons,
  SignIn,
  StrongCards,
  Undo,
} from "../core/people/index.ts";
import type {
  Backup,
  Erasures,
  Holds,
  IdleFaces,
  LookUp,
  Removal,
  RestoreGate,
  Retention,
} from "../core/retention/index.ts";
import type { KeyRing } from "../core/store/types.ts";
import type { CameraRoom } from "./cameras.ts";
import type { Changes } from "./changes.ts";
import type { ChipDesk } from "./chip-desk.ts";
import type { VaultConfig } from "./config.ts";
import type { PaperRoom } from "./decisions.ts";
import type { Dialogues } from "./dialogues.ts";
import type { FaceRoom } from "./faces.ts";
import type { VaultEvent } from "./protocol/index.ts";
import type { Readers } from "./readers.ts";
import type { Registers } from "./registers.ts";
import type { Rotation } from "./rotation.ts";
import type { Site } from "./site.ts";
import type { Taps } from "./taps.ts";

/** Everything a verb may reach. Opened once, in `open.ts`. */
export interface Services {
  config: VaultConfig;
  clock: Clock;
  keys: KeyRing;
  log: AuditLog;

  site: Site;
  changes: Changes;
  book: AttemptBook;
  tickets: TicketDesk;
  zones: ZoneMemory;
  leaves: Leaves;
  passages: Passages;
  readers: Readers;
  acts: ActMemory;
  lockdown: Lockdown;
  alarms: StandingAlarms;
  terms: Terms;
  emergencies: Emergencies;
  firstIn: FirstIn;
  drills: Drills;
  presence: Presence;
  taps: Taps;
  chipDesk: ChipDesk;
  dialogues: Dialogues;

  persons: Persons;
  credentials: Credentials;
  strongCards: StrongCards;
  passes: Passes;
  accounts: Accounts;
  signIn: SignIn;
  passkeys: Passkeys;
  /** What was blocked by a slip, for a minute. */
  undo: Undo;

  /** Requests, processors, disclosures, incidents, minors. */
  registers: Registers;

  consents: Consents;
  templates: Templates;
  faces: FaceRoom;
  /** How often looks and enrolments failed; never whose. */
  tally: FaceTally;
  rotation: Rotation;
  cameras: CameraRoom;

  erasures: Erasures;
  removal: Removal;
  /** Faces nobody used for as long as the law lets them be kept. */
  idle: IdleFaces;
  retention: Retention;
  holds: Holds;
  decisions: Decisions;
  papers: PaperRoom;
  records: ProcessingRecords;
  gate: RestoreGate;
  /** What a backup holds now, and the journal to keep beside it. */
  backup(): { backup: Backup; journal: string };
  /** Signs receipts; its public key is told in health. */
  signer: Signer;
  lookUp: LookUp;

  /** Writes a change of accounts, people or settings down: durable when it resolves. */
  recordChange(what: string, fields: Record<string, FieldValue>, subject?: string): Promise<void>;
  /** Tells everyone who is connected. */
  broadcast(event: VaultEvent): void;
}
