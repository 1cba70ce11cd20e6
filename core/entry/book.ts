import type { Clock } from "../clock.ts";
import { LimenError } from "../errors.ts";
import { timeId } from "../ids.ts";
import type { Check, EntryAttempt, Evidence, Method } from "./attempt.ts";
import type { AttemptCode } from "./codes.ts";
import type { WeekSpan } from "./rule.ts";

/** An attempt as the vault knows it; `view` is the part that travels. */
export interface Attempt {
  view: EntryAttempt;
  /** Monotonic ms of the last successful sense: the ticket's five seconds run from here. */
  sensedAt: number;
  /** Every way that took part: two of them meet a door that asks for `strong`. */
  methods: Set<Method>;
  /** Doors that every credential used is good for; undefined: none is limited. */
  credentialDoors?: readonly string[] | undefined;
  /** Hours of the credentials used: each must be open. */
  credentialHours?: readonly (readonly WeekSpan[])[];
  /** The household of a code several people share: who of them is here is not known. */
  shared?: readonly string[];
  /** Came into a zone a second time where that is recorded and not refused. */
  passedBack?: boolean;
  /** The day this door begins when this person has come in. */
  begins?: string | undefined;
  /** Doors that must not stand open when this one is granted: asked again at the last moment. */
  interlock?: readonly string[] | undefined;
  /** The pass that was shown: an opening of it is counted, whatever else took part. */
  pass?: string;
  /** A pass somebody gave to a visitor. */
  visitor?: true;
  /** A code typed under threat: opens as usual, and tells silently. */
  duress?: true;
  /** Set once the attempt is being recorded: nothing may be added after that. */
  closed: boolean;
}

/** How long an attempt is remembered, ms: longer than any look and any ticket. */
const rememberedMs = 60_000;
/** More than this in a minute is a flood from one door's wire; the oldest go first. */
const most = 5000;

/**
 * The attempts of the last minute. They live in memory only: a restart denies what was half done, and what was decided
 * is in the log.
 */
export class AttemptBook {
  readonly #attempts = new Map<string, Attempt>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(door: string, site: string, method: Method): Attempt {
    this.#forget();
    const id = timeId();
    const attempt: Attempt = {
      view: { id, door, site, method, at: this.#clock.now().toISOString(), checks: [], outcome: "pending" },
      sensedAt: this.#clock.monotonic(),
      methods: new Set([method]),
      closed: false,
    };
    this.#attempts.set(id, attempt);
    return attempt;
  }

  /**
   * A new attempt, or the open one with this id: a second way goes on at the same door.
   * @throws LimenError `attempt-unknown`, `attempt-closed`, `attempt-of-other-door`
   */
  beginOrGoOn(door: string, site: string, method: Method, id: string | undefined): Attempt {
    if (!id) return this.begin(door, site, method);
    const attempt = this.open(id);
    if (attempt.view.door !== door)
      throw new LimenError("attempt-of-other-door", { field: "/attempt", status: 409 });
    return attempt;
  }

  /** @throws LimenError `attempt-unknown` when there is none, or it is older than a minute */
  get(id: string): Attempt {
    const attempt = this.#attempts.get(id);
    if (!attempt) throw new LimenError("attempt-unknown", { field: "/attempt", status: 404 });
    return attempt;
  }

  /** The attempt, if it is still remembered. */
  find(id: string): Attempt | undefined {
    return this.#attempts.get(id);
  }

  /** @throws LimenError `attempt-closed` when it is recorded already */
  open(id: string): Attempt {
    const attempt = this.get(id);
    if (attempt.closed) throw new LimenError("attempt-closed", { field: "/attempt", status: 409 });
    return attempt;
  }

  get size(): number {
    return this.#attempts.size;
  }

  #forget(): void {
    const oldest = this.#clock.monotonic() - rememberedMs;
    for (const [id, attempt] of this.#attempts) {
      // insertion order is time order: the first young one ends the sweep
      if (attempt.sensedAt > oldest && this.#attempts.size < most) break;
      this.#attempts.delete(id);
    }
  }
}

/** True once any check failed: later checks leave it as it is. */
export const failed = ({ view }: Attempt): boolean => view.checks.some(({ result }) => result === "fail");

/** Writes down what one node found. The first failure's code stays the attempt's code. */
export function mark(
  attempt: Attempt,
  node: string,
  check: Check["check"],
  code: AttemptCode | undefined,
  evidence?: Evidence,
): void {
  attempt.view.checks.push({ node, check, result: code ? "fail" : "pass", code: code ?? "granted" });
  if (code) attempt.view.code ??= code;
  if (evidence) attempt.view.evidence = evidence;
}

/** A copy for the wire: editing it edits a picture of the attempt. */
export const viewOf = ({ view }: Attempt): EntryAttempt => structuredClone(view);
