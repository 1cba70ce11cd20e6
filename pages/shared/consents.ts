export interface Consent {
  id: string;
  state: string;
  since: string;
  doors: string[];
  given_by: string;
}

/** What the API says of one person; newest last. */
export interface Consents {
  consents: Consent[];
  /** Nobody asks before this: they refused (RD-22). */
  ask_from?: string;
}

export interface Notice {
  id: string;
  version: string;
  text: string;
  doors: string[];
}

/** A notice, and the doors of this person it could still be agreed to for. */
export interface Offer {
  notice: Notice;
  doors: string[];
}

export interface Standing {
  /** Given, or resting until they agree anew: each is withdrawn by itself. */
  live: Consent[];
  offers: Offer[];
  /** Why nobody asks: the offers are there for who starts themselves. Absent: they may be asked. */
  quiet?: "refused" | "withdrawn" | "more";
  refused?: { since: string; until: string };
}

/**
 * How one person stands to face entry. Who said no, or withdrew, or agreed to some doors, is not asked at every visit:
 * what is left is offered to who starts it themselves (RD-22).
 * @param own ids of this person's doors; undefined: every door
 */
export function standingOf(
  { consents, ask_from }: Consents,
  notices: readonly Notice[],
  own: readonly string[] | undefined,
): Standing {
  const live = consents.filter(({ state }) => state === "given" || state === "suspended");
  const given = live.filter(({ state }) => state === "given");
  const has = new Set(given.flatMap(({ doors }) => doors));
  const offers = notices.flatMap((notice) => {
    const doors = notice.doors.filter((door) => (own?.includes(door) ?? true) && !has.has(door));
    return doors.length > 0 ? [{ notice, doors }] : [];
  });
  const last = consents.at(-1);
  if (ask_from !== undefined && last !== undefined)
    return { live, offers, quiet: "refused", refused: { since: last.since, until: ask_from } };
  if (live.length > given.length) return { live, offers }; // the notice changed: they are asked anew
  if (given.length > 0) return { live, offers, quiet: "more" };
  return { live, offers, ...(last?.state === "withdrawn" && { quiet: "withdrawn" as const }) };
}
