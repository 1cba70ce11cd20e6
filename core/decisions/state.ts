import { createHash } from "node:crypto";
import type { Papers } from "../policy/context.ts";
import { type FaceDoor, type Lack, lacking, needsVote } from "../policy/in-force.ts";
import type { Pack } from "../policy/packs.ts";

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** The same papers, citing fingerprints instead of facts: what the vault has of a running flow. */
function hashed(papers: Papers): Papers {
  const one = <T extends { facts: string } | undefined>(paper: T): T =>
    paper && { ...paper, facts: sha256(paper.facts) };
  const door = <T extends Pick<Papers, "notice" | "assessment">>({ notice, assessment, ...rest }: T) => ({
    ...rest,
    ...(notice && { notice: one(notice) }),
    ...(assessment && { assessment: one(assessment) }),
  });
  const { doors, ...site } = papers;
  return {
    ...door(site),
    ...(doors && { doors: Object.fromEntries(Object.entries(doors).map(([id, own]) => [id, door(own)])) }),
  };
}

/** Whether facts are about searching everybody: unreadable ones ask the more. */
function searches(facts: string): boolean {
  try {
    return (JSON.parse(facts) as { mode?: unknown }).mode !== "1:1";
  } catch {
    return true;
  }
}

/** What a face at a door lacks by what the flow says of it. @param facts in their one spelling (`materialFacts`) */
export const lackingFor = (door: string, facts: string, papers: Papers, pack: Pack, now: string): Lack[] =>
  lacking({ id: door, facts, search: searches(facts) }, papers, pack, now);

/**
 * What a face at a door lacks, asked by the fingerprint of what runs there.
 * @param material SHA-256 of the facts, hex; undefined: no notice is in force at the door, so no face can be either
 */
export function lackingAt(
  door: string,
  material: string | undefined,
  papers: Papers,
  pack: Pack,
  now: string,
): Lack[] {
  if (material === undefined) return ["notice"];
  const cited = papers.doors?.[door]?.assessment?.facts ?? papers.assessment?.facts ?? "";
  const wanted: FaceDoor = {
    id: door,
    facts: material,
    search: sha256(cited) !== material || searches(cited),
  };
  return lacking(wanted, hashed(papers), pack, now);
}

/** The numbers a community is held to, for whoever fills in the record. */
export const numbersOf = (pack: Pack) => ({
  vote: needsVote(pack),
  noticeDays: pack.bounds["notice.days"]?.min ?? 0,
  keptDays: pack.bounds["retention.assessment.days"]?.default ?? 1096,
  ...(pack.bounds["filing.persons"] && { filing: pack.bounds["filing.persons"].default }),
});
