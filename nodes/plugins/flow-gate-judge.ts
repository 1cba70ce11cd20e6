import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Papers } from "../../core/policy/context.ts";
import type { Finding } from "../../core/policy/finding.ts";
import { type LintOptions, lint, type NodeCheck } from "../../core/policy/lint.ts";
import { readPapers } from "../../core/policy/papers/schema.ts";
import { replaceFile } from "../../core/store/replace-file.ts";
import { flowHash } from "../lib/flow-hash.ts";
import { keepDraftsIn } from "../lib/running-flow.ts";
import { FlowVersions } from "./flow-versions.ts";

interface Deployed {
  /** SHA-256 of the flow as it was last deployed, lower-case hex. */
  hash: string;
  at: string;
}

let folder: string | undefined;
/** The file is another than the one that was deployed, whatever runs. */
let swapped = false;

/** Where papers and the mark of the last deploy lie: the data folder. Without one, flows are judged by themselves. */
export function judgeFrom(data: string): void {
  folder = data;
  swapped = false;
  keepDraftsIn(data);
}

const within = (name: string): string | undefined => folder && join(folder, name);
const markFile = (): string | undefined => within("deployed.json");
/** The papers as they were last told of on the record. */
const toldFile = (): string | undefined => within("papers-recorded.json");

/** The flows deployed until now. @returns undefined without a data folder */
export const deployedFlows = (): FlowVersions | undefined => {
  const versions = within("deployed-flows");
  return versions === undefined ? undefined : new FlowVersions(versions);
};

function keep(file: string | undefined, value: unknown): void {
  if (file) replaceFile(file, `${JSON.stringify(value)}\n`);
}

function readJson<T>(file: string | undefined): T | undefined {
  if (!file || !existsSync(file)) return undefined;
  return JSON.parse(readFileSync(file, "utf8")) as T;
}

/** The owners' decision, notice and assessment as the manager recorded them; absent until then. */
export function papersOnRecord(): Papers | undefined {
  const file = process.env.LIMEN_PAPERS ?? within("papers.json");
  if (!file || !existsSync(file)) return undefined;
  try {
    return readPapers(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return { unreadable: true }; // a face stays off, and the other ways go on
  }
}

let nodeFault: NodeCheck | undefined;

/** Whom to ask what the nodes of a flow would not start with, once they are loaded. */
export function askNodes(check: NodeCheck): void {
  nodeFault = check;
}

/**
 * What stands against a flow about to be deployed, by the rules, today, with the papers there are; and what its nodes would
 * not start with.
 */
export const judge = (flow: readonly object[]): Finding[] => against(flow, nodeFault ? { nodeFault } : {});

function against(flow: readonly object[], more: LintOptions): Finding[] {
  const papers = papersOnRecord();
  return lint(flow, { now: new Date().toISOString(), ...(papers ? { papers } : {}), ...more });
}

/**
 * What stands against the flow that runs: the rules, and that it is the one somebody deployed (RD-50). A node that does not
 * start is no reason to let no other open.
 */
export function judgeRunning(flow: readonly object[]): Finding[] {
  const hash = deployedHash();
  const findings = against(flow, {});
  const other = swapped || (hash !== undefined && hash !== flowHash(flow));
  return other ? [changedOnDisk, ...findings] : findings;
}

const changedOnDisk: Finding = {
  rule: "changed-on-disk",
  severity: "refuse",
  node: "",
  article: ["PIPL 51"],
  params: {},
};

/** Says whether the flow file is another than the deployed one while something runs. */
export function setSwapped(is: boolean): void {
  swapped = is;
}

export const isSwapped = (): boolean => swapped;

/** Hash of the flow last deployed; undefined before any was; empty for a mark nobody can read, which is no flow's. */
export function deployedHash(): string | undefined {
  try {
    return readJson<Deployed>(markFile())?.hash;
  } catch {
    return "";
  }
}

/**
 * The flow last deployed, to say what is different when the file is found changed.
 * @returns undefined where it is not kept, or what is kept is not the one of the mark
 */
export function deployedFlow(): readonly object[] | undefined {
  return deployedFlows()?.read(deployedHash() ?? "");
}

/** Remembers a flow as the deployed one. */
export function markDeployed(flow: readonly object[]): void {
  deployedFlows()?.keep(flow);
  keep(markFile(), { hash: flowHash(flow), at: new Date().toISOString() } satisfies Deployed);
  swapped = false;
}

/**
 * The first flow a box ever loads is the one that came with it: there was no deploy it could differ from.
 * @returns whether it was
 */
export function markFirst(flow: readonly object[]): boolean {
  const file = markFile();
  if (!file || existsSync(file)) return false;
  markDeployed(flow);
  return true;
}

/** How many faces there are is a count, not a decision: each enrolment would be a change of the papers. */
function decided(papers: Papers | undefined): Papers | undefined {
  const { facesHeld: _, ...rest } = papers ?? {};
  return papers && rest;
}

/** The papers now and as last told of, when they are not the same. */
export function papersToTell(): { before: Papers | undefined; after: Papers | undefined } | undefined {
  if (!folder) return undefined;
  const after = decided(papersOnRecord());
  let before: Papers | undefined;
  try {
    before = readJson<Papers | null>(toldFile()) ?? undefined;
  } catch {
    before = undefined;
  }
  return JSON.stringify(before) === JSON.stringify(after) ? undefined : { before, after };
}

/** Remembers these papers as told of. */
export const papersTold = (papers: Papers | undefined): void => keep(toldFile(), papers ?? null);
