import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Papers } from "../../core/policy/context.ts";
import type { Finding } from "../../core/policy/finding.ts";
import { lint } from "../../core/policy/lint.ts";
import { readPapers } from "../../core/policy/papers/schema.ts";
import { flowHash } from "../lib/flow-hash.ts";
import { keepDraftsIn } from "../lib/running-flow.ts";

interface Deployed {
  /** SHA-256 of the flow as it was last deployed, lower-case hex. */
  hash: string;
  at: string;
}

let folder: string | undefined;

/** Where papers and the mark of the last deploy lie: the data folder. Without one, flows are judged by themselves. */
export function judgeFrom(data: string): void {
  folder = data;
  keepDraftsIn(data);
}

const markFile = (): string | undefined => folder && join(folder, "deployed.json");

/** The owners' decision, notice and assessment as the manager recorded them; absent until then. */
export function papersOnRecord(): Papers | undefined {
  const file = process.env.LIMEN_PAPERS ?? (folder && join(folder, "papers.json"));
  if (!file || !existsSync(file)) return undefined;
  try {
    return readPapers(JSON.parse(readFileSync(file, "utf8")));
  } catch {
    return { unreadable: true }; // a face stays off, and the other ways go on
  }
}

/** What stands against a flow about to be deployed, by the rules, today, with the papers there are. */
export function judge(flow: readonly object[]): Finding[] {
  const papers = papersOnRecord();
  return lint(flow, { now: new Date().toISOString(), ...(papers ? { papers } : {}) });
}

/** What stands against the flow that runs: the rules, and that it is the one somebody deployed (RD-50). */
export function judgeRunning(flow: readonly object[]): Finding[] {
  const mark = readMark();
  const findings = judge(flow);
  return mark && mark.hash !== flowHash(flow) ? [changedOnDisk, ...findings] : findings;
}

const changedOnDisk: Finding = {
  rule: "changed-on-disk",
  severity: "refuse",
  node: "",
  article: ["PIPL 51"],
  params: {},
};

function readMark(): Deployed | undefined {
  const file = markFile();
  if (!file || !existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Deployed;
  } catch {
    return { hash: "", at: "" }; // a mark nobody can read is no flow's mark
  }
}

/** Remembers a flow as the deployed one. */
export function markDeployed(flow: readonly object[]): void {
  const file = markFile();
  const mark: Deployed = { hash: flowHash(flow), at: new Date().toISOString() };
  if (file) writeFileSync(file, `${JSON.stringify(mark)}\n`, { mode: 0o600 });
}

/** The first flow a box ever loads is the one that came with it: there was no deploy it could differ from. */
export function markFirst(flow: readonly object[]): void {
  const file = markFile();
  if (file && !existsSync(file)) markDeployed(flow);
}
