import type { ConsentCode, ConsentMethod, ConsentState } from "./types.ts";

/** A consent as the check sees it: in memory, small, without names. */
export interface Live {
  id: string;
  person: string;
  method: ConsentMethod;
  doors: ReadonlySet<string>;
  material: string;
  state: ConsentState;
  /** ms since 1970 from which it does not count without being asked anew; Infinity: never. */
  runsOut: number;
  /** ms since 1970 at which the child decides; Infinity: never. */
  ownFrom: number;
}

const codes: Readonly<Record<Exclude<ConsentState, "given">, ConsentCode>> = {
  refused: "consent-refused",
  withdrawn: "consent-withdrawn",
  suspended: "consent-suspended",
  expired: "consent-expired",
  terminated: "no-consent",
};

/**
 * The consents of everyone, by person, newest last. A check looks at one person's few: O(1) in the number of people, and
 * nothing is read from disk.
 */
export class LiveConsents {
  readonly #byPerson = new Map<string, Live[]>();
  readonly #byId = new Map<string, Live>();

  put(consent: Live): void {
    this.#byId.set(consent.id, consent);
    const list = this.#byPerson.get(consent.person);
    if (list) list.push(consent);
    else this.#byPerson.set(consent.person, [consent]);
  }

  get(id: string): Live | undefined {
    return this.#byId.get(id);
  }

  of(person: string): readonly Live[] {
    return this.#byPerson.get(person) ?? [];
  }

  people(): IterableIterator<string> {
    return this.#byPerson.keys();
  }

  all(): IterableIterator<Live> {
    return this.#byId.values();
  }

  /** Forgets one consent. */
  drop(id: string): void {
    const consent = this.#byId.get(id);
    if (!consent) return;
    this.#byId.delete(id);
    const rest = this.of(consent.person).filter((other) => other.id !== id);
    if (rest.length > 0) this.#byPerson.set(consent.person, rest);
    else this.#byPerson.delete(consent.person);
  }

  forget(person: string): void {
    for (const { id } of this.of(person)) this.#byId.delete(id);
    this.#byPerson.delete(person);
  }

  /**
   * Why this person's face may not be compared at this door; undefined: it may.
   * @param material of the notice in force there; undefined: none is, so no consent can be live
   * @param now ms since 1970, never less than an earlier one
   */
  refusal(
    person: string,
    method: ConsentMethod,
    door: string,
    material: string | undefined,
    now: number,
  ): ConsentCode | undefined {
    let code: ConsentCode = "no-consent";
    for (const consent of this.of(person)) {
      if (consent.method !== method) continue;
      if (consent.state !== "refused" && !consent.doors.has(door)) continue;
      const found = stateCode(consent, material, now);
      if (!found) return undefined;
      code = found; // the newest one's reason is the one to tell
    }
    return code;
  }
}

function stateCode(consent: Live, material: string | undefined, now: number): ConsentCode | undefined {
  if (consent.state !== "given") return codes[consent.state];
  if (now >= consent.runsOut) return "consent-expired";
  if (now >= consent.ownFrom || consent.material !== material) return "consent-suspended";
  return undefined;
}
