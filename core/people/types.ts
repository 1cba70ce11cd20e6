import type { Method } from "../entry/attempt.ts";
import type { AttemptCode } from "../entry/codes.ts";
import type { CredentialHours } from "./hours.ts";

export type Language = "zh-CN" | "zh-TW" | "en-US";
/** Papers that staff look at when somebody says they live here; what they are called is in the words of the pages. */
export const residenceProofs = ["deed", "lease", "household-register", "owner-vouches", "other"] as const;
export type ResidenceProof = (typeof residenceProofs)[number];

/** A proof of residence that was looked at and handed back: the paper itself is kept nowhere (RD-40). */
export interface ProofSeen {
  /** Name of the staff account that looked. */
  by: string;
  /** YYYY-MM-DD, on the site's calendar. */
  on: string;
  kind: ResidenceProof;
}

export type Assurance = "clonable" | "strong";

/**
 * What is known of a person: nothing an enrolment does not need. No identity number, no telephone, no deed, and no file
 * (RD-39, RD-40).
 */
export interface PersonFields {
  name: string;
  /** YYYY-MM-DD. Unknown reads as grown up. */
  birthDate?: string;
  flat?: string;
  languages?: Language[];
  /** Doors stay open longer for them. Nobody asks why, and nothing says so outside this record. */
  moreTime?: boolean;
}

export interface PersonRecord extends PersonFields {
  id: string;
  /** Absent: every door of the site. */
  doors?: string[];
  /** Doors whose day begins when this person has come in (first person in). */
  opens?: string[];
  state: "resident" | "left";
  /** RFC 3339. */
  since: string;
  /** Somebody of staff looked at a proof of residence: who, when, what kind; never the paper itself (RD-40). */
  proof?: ProofSeen;
}

/** Changes to a person; `null` clears a field, absent leaves it. */
export interface PersonChanges {
  name?: string;
  birthDate?: string | null;
  flat?: string | null;
  languages?: Language[] | null;
  doors?: string[] | null;
  moreTime?: boolean | null;
  opens?: string[] | null;
  proof?: ProofSeen | null;
}

/** A person's rights at doors, as `core/entry` asks for them. */
export interface PersonStanding {
  doors: readonly string[] | undefined;
  /** Doors whose day begins with this person. */
  opens?: readonly string[];
  resident: boolean;
}

export const blockReasons = ["lost", "stolen", "returned", "broken", "replaced", "left"] as const;
export type BlockReason = (typeof blockReasons)[number];

export interface CredentialRecord {
  id: string;
  person: string;
  kind: "card" | "pin" | "pass";
  assurance: Assurance;
  /** The last digits as printed. */
  tail?: string;
  /** Absent: the doors of its person. */
  doors?: string[];
  /** RFC 3339. */
  validUntil?: string;
  /** Hours of its own, in the site's time zone; absent: whenever the door is open. */
  schedule?: CredentialHours;
  state: "active" | "blocked" | "expired";
  reason?: BlockReason;
  issued: string;
  ended?: string;
}

/** A credential at a door: whose, or why not. */
export type Sensed =
  | {
      credential: string;
      /** The household of a room code; nobody, of a door's own code. Who of them typed it is not known. */
      shared: readonly string[];
      person?: never;
      assurance: "clonable";
      method: "pin";
      doors: readonly string[];
      schedule?: CredentialHours;
    }
  | {
      credential: string;
      person: string;
      assurance: Assurance;
      method: Extract<Method, "card" | "pin">;
      /** Doors this credential is limited to. */
      doors?: readonly string[];
      schedule?: CredentialHours;
      /** A code typed under threat: let in, and tell silently. */
      duress?: true;
    }
  | {
      code: Extract<
        AttemptCode,
        | "no-such-credential"
        | "credential-blocked"
        | "credential-expired"
        | "wrong-pin"
        | "locked-out"
        | "replayed"
        | "card-not-genuine"
        | "assurance-too-low"
      >;
      /** Known when the credential is, for the person's own page. */
      person?: string;
      credential?: string;
      /** Minutes until the keypad takes codes again, with `locked-out`. */
      minutes?: number;
    };

export const staffRoles = [
  "manager",
  "desk",
  "guard",
  "auditor",
  "privacy-officer",
  "technician",
  "resident",
] as const;
export type StaffRole = (typeof staffRoles)[number];

/** Who a session or bearer token is (the vault's `Actor`, and until when). */
export interface SignedIn {
  id: string;
  role: StaffRole;
  name: string;
  /** When it ends if nobody uses it, RFC 3339. */
  expires: string;
  /** When it ends whatever is done, RFC 3339: how long a browser may keep it. */
  until: string;
  kind: "session" | "token";
  /** The person behind a resident's session. */
  person?: string;
  /** RFC 3339: doors are shown from then on, because staff made the way in; absent: all there is. */
  doorsFrom?: string;
  /**
   * A password or passkey was given moments ago, so that what cannot be undone may be done. A bearer token is as fresh as
   * the sign-in that made it; a resident without a passkey has nothing more to show than the link they came by.
   */
  fresh: boolean;
  /**
   * Nobody used it for a quarter of an hour: it shows doors, and nothing else until somebody proves that it is still them.
   * Of staff only; a resident's ends.
   */
  resting?: true;
}
