import type { DoorPapers, Papers } from "./context.ts";
import { outside, type Pack } from "./packs.ts";

/** What a face at a door may still lack: each a sentence of the rule `notice-in-force`. */
export const lacks = [
  "decision",
  "vote",
  "notice",
  "notice-stale",
  "signs",
  "notice-period",
  "notice-late",
  "assessment",
  "assessment-stale",
  "assessment-due",
  "assessment-incident",
  "necessity",
  "search",
  "filing",
  "unreadable",
] as const;
export type Lack = (typeof lacks)[number];

/** A door with a face, as its papers must be about it. */
export interface FaceDoor {
  id: string;
  /** Its material facts in their one spelling, or their fingerprint where the papers cite that. */
  facts: string;
  /** Everybody who agreed is searched (1:N). */
  search: boolean;
}

const dayMs = 86_400_000;
const time = (text: string | undefined): number => (text === undefined ? Number.NaN : Date.parse(text));

/** The papers of one door: each of its own, or the site's where that is about it. */
export function papersOf(door: string, { doors, ...site }: Papers): DoorPapers {
  const own = doors?.[door] ?? {};
  const covers = (paper: { doors?: readonly string[] } | undefined) => paper?.doors?.includes(door) ?? false;
  const decision = own.decision ?? (covers(site.decision) ? site.decision : undefined);
  const notice = own.notice ?? (covers(site.notice) ? site.notice : undefined);
  const assessment = own.assessment ?? site.assessment;
  const commissionedAt = own.commissionedAt ?? site.commissionedAt;
  return {
    ...(decision && { decision }),
    ...(notice && { notice }),
    ...(assessment && { assessment }),
    ...(commissionedAt !== undefined && { commissionedAt }),
  };
}

/**
 * Which papers the face at a door still lacks; empty: it may be armed (RD-16, RD-29, RD-56, RD-57).
 * @param now RFC 3339; undefined: nothing has run out, and nothing is still to come
 */
export function lacking(
  door: FaceDoor,
  papers: Papers | undefined,
  pack: Pack,
  now: string | undefined,
): Lack[] {
  if (!papers) return [...(needsVote(pack) ? (["decision"] as const) : []), "notice", "assessment"];
  if (papers.unreadable) return ["unreadable"];
  const own = papersOf(door.id, papers);
  return [
    ...decisionLacks(own, pack, now),
    ...noticeLacks(door, own, pack, now),
    ...assessmentLacks(door, own, now),
    ...endings(own, papers)
      .filter(({ at }) => Date.parse(at) <= time(now))
      .map(({ lack }) => lack),
    ...filingLacks(papers, pack, now),
  ];
}

/** The article of the bound that was left, for what lacks by a number: it says more than the rule's. */
export function articleOf(
  lack: Lack,
  door: string,
  papers: Papers | undefined,
  pack: Pack,
): string | undefined {
  if (lack === "notice-period") return pack.bounds["notice.days"]?.article;
  if (lack === "filing") return pack.bounds["filing.persons"]?.article;
  const decision = papers && papersOf(door, papers).decision;
  return lack === "vote" && decision ? shortOf(decision, pack)?.article : undefined;
}

/** Only Chinese law lets owners decide it; elsewhere nobody else's vote stands before a person's own consent. */
export const needsVote = (pack: Pack): boolean => pack.bounds["vote.quorum"] !== undefined;

/** What is dated later than today has not happened. */
const happened = (at: number, now: string | undefined): boolean => !Number.isNaN(at) && !(at > time(now));

function decisionLacks({ decision }: DoorPapers, pack: Pack, now: string | undefined): Lack[] {
  if (!needsVote(pack)) return [];
  if (!decision || !happened(time(decision.at), now)) return ["decision"];
  return shortOf(decision, pack) ? ["vote"] : [];
}

function shortOf({ matter, quorum = 0, agreed = 0 }: NonNullable<DoorPapers["decision"]>, pack: Pack) {
  const majority = matter === "common-parts" ? "vote.agreed.common-parts" : "vote.agreed";
  return outside(pack, "vote.quorum", quorum) ?? outside(pack, majority, agreed);
}

function noticeLacks(
  { facts }: FaceDoor,
  { notice, commissionedAt }: DoorPapers,
  pack: Pack,
  now: string | undefined,
): Lack[] {
  const published = time(notice?.publishedAt);
  if (!notice || !happened(published, now)) return ["notice"];
  const days = pack.bounds["notice.days"]?.min ?? 0;
  const lack: Lack[] = [];
  if (notice.facts !== facts) lack.push("notice-stale");
  if (!notice.signsUp) lack.push("signs");
  if (time(now) - published < days * dayMs) lack.push("notice-period");
  if (time(commissionedAt) < published) lack.push("notice-late");
  return lack;
}

/** Days to make an assessment again, after the day it was to be looked at or after an incident (RD-57). */
export const graceDays = 30;

/** What will be lacking once the grace is over unless an assessment is made again: since when that is due, until when it may. */
export function endings(
  { assessment }: DoorPapers,
  { incidentAt }: Papers,
): { lack: "assessment-due" | "assessment-incident"; since: string; at: string }[] {
  if (!assessment) return [];
  const ending = (lack: "assessment-due" | "assessment-incident", since: string | undefined) => {
    const from = time(since);
    if (since === undefined || Number.isNaN(from)) return [];
    return [{ lack, since, at: new Date(from + graceDays * dayMs).toISOString() }];
  };
  const touched = time(incidentAt) > time(assessment.at);
  return [
    ...ending("assessment-due", assessment.review),
    ...(touched ? ending("assessment-incident", incidentAt) : []),
  ];
}

/** Of one door, those whose time has come and is not over: to be told before a face stops. */
export const endingAt = (door: string, papers: Papers, now: string): ReturnType<typeof endings> =>
  papers.unreadable
    ? []
    : endings(papersOf(door, papers), papers).filter(
        ({ since, at }) => time(since) <= time(now) && time(now) < Date.parse(at),
      );

function assessmentLacks(
  { facts, search }: FaceDoor,
  { assessment }: DoorPapers,
  now: string | undefined,
): Lack[] {
  if (!assessment || !happened(time(assessment.at), now)) return ["assessment"];
  const lack: Lack[] = [];
  if (assessment.facts !== facts) lack.push("assessment-stale");
  if (assessment.necessity.trim() === "") lack.push("necessity");
  if (search && (assessment.search ?? "").trim() === "") lack.push("search");
  return lack;
}

/** From the number on there are so many working days to file it; when they are over, faces stop until it is filed. */
function filingLacks(
  { facesHeld = 0, fileBy, filedAt }: Papers,
  pack: Pack,
  now: string | undefined,
): Lack[] {
  const threshold = pack.bounds["filing.persons"]?.default;
  if (threshold === undefined || facesHeld < threshold || happened(time(filedAt), now)) return [];
  return time(now) <= time(fileBy) ? [] : ["filing"];
}
