import type { DatabaseSync } from "node:sqlite";
import type { LeafClass, PayloadCount } from "../audit/types.ts";

/** Who acts: a staff account, a token, a resident. */
export interface Actor {
  id: string;
  role: string;
  name: string;
}

/** What an erasure takes: one person's face, everything about a person, or what is kept of some days. */
export type ErasureScope = "face" | "person" | "days";

/** Why. */
export type ErasureCause =
  | "withdrawn"
  | "refused"
  | "left"
  | "asked"
  | "ran-out"
  | "renewed"
  | "retention"
  | "restored";

/**
 * The steps in order (design section 5). Each can be repeated without harm; `asked` is when it was written down, before
 * anything was touched.
 */
export const erasureSteps = [
  "asked",
  "memory",
  "payloads",
  "rows",
  "write-ahead-logs",
  "keys",
  "other-copies",
  "recorded",
] as const;
export type ErasureStep = (typeof erasureSteps)[number];

export interface StepView {
  step: ErasureStep;
  /** RFC 3339: done. */
  at?: string;
  /** A code: not done, being retried. */
  problem?: string;
}

export interface ErasureView {
  id: string;
  state: "running" | "waiting" | "done";
  steps: StepView[];
  /** Signed receipt, canonical JSON text; only when done. */
  receipt?: string;
}

/** What is to be erased, as it is passed to whoever holds a copy. */
export interface ErasureOrder {
  id: string;
  scope: ErasureScope;
  cause: ErasureCause;
  /** Pseudonyms. */
  persons: readonly string[];
  templates: readonly string[];
  /** UTC days and classes, with scope `days`. */
  days: readonly string[];
  classes: readonly LeafClass[];
  part: "personal" | "all";
}

/** Where templates are kept (`core/faces/templates.ts`): one row and one key a template. */
export interface TemplateShelf {
  /** Ids of a person's templates. */
  of(person: string): readonly string[];
  /** Deletes row and key. Idempotent. */
  remove(id: string): void;
  /** Rows without a key that were deleted when it was opened. */
  readonly leftOver: number;
}

/** Copies the core cannot see. Each call may be repeated. */
export interface OtherCopies {
  /**
   * Drops templates and people from memory and the match index; from the return on they cannot match. Called first, and
   * again after a restart.
   */
  drop(order: ErasureOrder): void;
  /**
   * Copies outside this process and this folder (camera buffers, other processes, other gates): what each says.
   * @throws LimenError or Error when one has not confirmed: the erasure waits
   */
  confirm?(order: ErasureOrder): readonly { copy: string; state: "erased" | "overwritten" | "none" }[];
}

/** A database that has to be empty of the erased: its name is in the receipt. */
export interface NamedDatabase {
  name: string;
  db: DatabaseSync;
}

/** One copy in an erasure receipt. */
export interface CopyLine {
  copy: string;
  state: "erased" | "overwritten" | "none";
  /** RFC 3339 */
  at: string;
}

/** An erasure receipt: what, which copies, when. Signed (`core/consent/signed.ts`). */
export interface ErasureReceipt extends Record<string, unknown> {
  type: "limen-erasure-receipt";
  version: 1;
  id: string;
  site: string;
  scope: ErasureScope;
  cause: ErasureCause;
  /** How many people or days it covered. */
  subjects: number;
  /** The pseudonym, when it was one person's. */
  person?: string;
  copies: CopyLine[];
  steps: { step: ErasureStep; at: string }[];
  /** Generations of the key-encryption key before and after. */
  keys: { from: number; to: number };
  /** What the log lost: counts per day and class, never indexes. */
  counts: PayloadCount[];
  /** Leaf of the completion in the log of this origin. */
  log: { origin: string; index: number };
  /** What an erasure on this box cannot promise, by code (`disk-overlay`, …). */
  limits: string[];
}
