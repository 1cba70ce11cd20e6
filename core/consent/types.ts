import type { AttemptCode } from "../entry/codes.ts";

export type Language = "zh-CN" | "zh-TW" | "en-US";
/** The one method that looks at a body, and the one purpose it may serve. */
export type ConsentMethod = "face";
export type ConsentPurpose = "door-entry";

/** W3C DPV consent statuses; only `given` lets anything happen. */
export const consentStates = ["given", "refused", "withdrawn", "suspended", "expired", "terminated"] as const;
export type ConsentState = (typeof consentStates)[number];

export const channels = ["desk", "resident-page", "paper"] as const;
export type Channel = (typeof channels)[number];

/** Why a state changed, where it is not plain from the state itself. */
export const changeReasons = [
  "notice-changed",
  "came-of-age",
  "left",
  "replaced",
  "ran-out",
  "erased",
] as const;
export type ChangeReason = (typeof changeReasons)[number];

/** A consent as the API shows it. */
export interface ConsentView {
  id: string;
  person: string;
  purpose: ConsentPurpose;
  method: ConsentMethod;
  doors: string[];
  /** Id of the notice agreed to; empty for a refusal before there was any. */
  notice: string;
  language: Language;
  givenBy: "self" | "guardian";
  relation?: "parent" | "legal-guardian";
  channel: Channel;
  state: ConsentState;
  /** RFC 3339: of the last change of state. */
  since: string;
}

/** One change of state, never altered afterwards. */
export interface ConsentChange {
  state: ConsentState;
  /** RFC 3339. */
  at: string;
  by: "self" | "guardian" | "staff" | "system";
  channel?: Channel;
  reason?: ChangeReason;
}

export type ConsentCode = Extract<
  AttemptCode,
  "no-consent" | "consent-withdrawn" | "consent-refused" | "consent-suspended" | "consent-expired"
>;

/** What a policy pack says about consents. */
export interface ConsentRules {
  /** Younger than this, a guardian consents; from this birthday on nobody else can (cn: 14). */
  guardianAge: number;
  /** Months during which a refusal is not asked about again (RD-22). */
  refusalMonths: number;
  /** A consent given within so many hours of losing another way in is flagged (RD-07). */
  coercedHours: number;
  /** Months after which a consent is asked anew; absent: it lasts until withdrawn or residency ends. */
  validMonths?: number;
  /** ISO 3166 country (and region) for the record, e.g. `CN`. */
  jurisdiction: string;
  /** IANA zone in which birthdays begin. */
  timeZone: string;
}

/** Who answers for the processing: the party in every consent record. */
export interface Controller {
  id: string;
  name: string;
  contact: string;
  address?: string;
}

/** What the ledger has to know about a person to judge a consent. */
export interface PersonFacts {
  /** YYYY-MM-DD; unknown reads as grown up. */
  birthDate?: string;
  resident: boolean;
}

/** A text somebody can agree to. */
export interface NoticeView {
  /** `door-entry/face/<version>/<hash>` */
  id: string;
  /** `major.minor`: a new major suspends consents given under older ones (RD-21). */
  version: string;
  /** SHA-256 of the text, hex. */
  hash: string;
  language: Language;
  text: string;
  doors: string[];
}

/** What the deployed flow declares: one notice for a set of doors. */
export interface NoticeDraft {
  method: ConsentMethod;
  doors: readonly string[];
  /** SHA-256 of what matters (purpose, method, data, storage, processors, retention), hex. */
  material: string;
  texts: Readonly<Record<Language, string>>;
}
