import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
import { type PackId, type Papers, packIds } from "../core/policy/context.ts";
import { type Finding, refusals } from "../core/policy/finding.ts";
import { flowHash } from "../core/policy/flow-hash.ts";
import { lint } from "../core/policy/lint.ts";
import { siteFacts } from "../core/policy/papers/facts.ts";
import { paper, paperKinds, toHtml, toText } from "../core/policy/papers/index.ts";
import { printPdf } from "../core/policy/papers/print/printer.ts";
import { readPapers } from "../core/policy/papers/schema.ts";
import { say } from "../core/policy/say.ts";
import { wrongWords } from "../core/policy/wording.ts";
import { type Language, languageFor, sentence } from "../core/words.ts";
import { language as terminalLanguage } from "./words.ts";

type Print = (line: string) => void;

const options = {
  json: { type: "boolean", default: false },
  html: { type: "boolean", default: false },
  pdf: { type: "string" },
  facts: { type: "boolean", default: false },
  notice: { type: "boolean", default: false },
  lang: { type: "string" },
  pack: { type: "string" },
  papers: { type: "string" },
  paper: { type: "string" },
  door: { type: "string" },
} as const;

const among = <T extends string>(words: readonly T[], value: string | undefined): T | undefined =>
  words.find((word) => word === value);

/**
 * `limen lint FILE …`: flows against the rules, from files alone; with `--paper`, one of the papers a flow makes.
 * @returns 0 lawful, 1 refused, 2 misused
 */
export const run = (args: string[], print: Print = (line) => console.log(line)): Promise<number> =>
  check(args, print);

async function check(args: string[], print: Print): Promise<number> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const language = values.lang === undefined ? terminalLanguage : languageFor(values.lang);
  const pack = among(packIds, values.pack);
  const kind = among(paperKinds, values.paper);
  const misused =
    positionals.length === 0 ||
    (values.pack !== undefined && pack === undefined) ||
    (values.pdf !== undefined && kind === undefined) ||
    (values.paper !== undefined && (kind === undefined || positionals.length > 1));
  if (misused) {
    print(sentence(language, "lint.usage"));
    return 2;
  }
  if (values.notice) return texts(positionals, language, print);
  if (values.facts) {
    for (const file of positionals) facts(file, print);
    return 0;
  }
  if (kind) {
    const flow = readFlow(positionals[0]!);
    const { door } = values;
    const hash = flowHash(flow);
    const document = paper(flow, kind, { language, hash, ...(door ? { door } : {}) });
    if (values.pdf !== undefined) {
      writeFileSync(values.pdf, await printPdf(document, { hash, made: new Date() }));
      return 0;
    }
    print((values.html ? toHtml(document) : toText(document)).trimEnd());
    return 0;
  }
  const papers = values.papers === undefined ? undefined : readPapers(readJson(values.papers));
  const results = positionals.map((file) => judge(file, pack, papers));
  if (values.json)
    print(
      JSON.stringify(
        results.map((result) => inWords(result, language)),
        null,
        2,
      ),
    );
  else for (const result of results) tell(result, language, print);
  return results.every(({ findings }) => refusals(findings).length === 0) ? 0 : 1;
}

/** Letters and notices somebody wrote: what they say that they may not. @returns 1 where there is anything */
function texts(files: readonly string[], language: Language, print: Print): number {
  const found = files.map((file) => [file, wrongWords(readText(file))] as const);
  for (const [file, wrong] of found) {
    if (wrong.length === 0) print(`${file}: ${sentence(language, "lint.notice.fine")}`);
    for (const { words, wrong: why } of wrong)
      print(
        `${file}: ${sentence(language, "lint.notice.wrong", { words, wrong: sentence(language, `plain.${why}`) })}`,
      );
  }
  return found.every(([, wrong]) => wrong.length === 0) ? 0 : 1;
}

/** What papers must be about to be in force: a line for each door with a face, its id and its material facts. */
function facts(file: string, print: Print): void {
  for (const { id, face, spelt } of siteFacts(readFlow(file)).doors)
    if (face) print(JSON.stringify({ door: id, facts: spelt }));
}

interface Result {
  file: string;
  flow: readonly object[];
  findings: readonly Finding[];
}

function judge(file: string, pack: PackId | undefined, papers: Papers | undefined): Result {
  const flow = readFlow(file);
  const now = new Date().toISOString();
  return {
    file,
    flow,
    findings: lint(flow, { now, ...(pack ? { pack } : {}), ...(papers ? { papers } : {}) }),
  };
}

/** What `--json` prints of one file: findings with their sentences in one language, and the fingerprint they are about. */
function inWords({ file, flow, findings }: Result, language: Language) {
  return {
    file,
    hash: flowHash(flow),
    lawful: refusals(findings).length === 0,
    findings: findings.map((finding) => ({ ...finding, ...said(finding, language) })),
  };
}

const said = (finding: Finding, language: Language) => {
  const { sentence: text, hint } = say(finding, language);
  return { sentence: text, hint };
};

/** For a terminal: where, what, what to do, and who asks for it. */
function tell({ file, flow, findings }: Result, language: Language, print: Print): void {
  const refused = refusals(findings).length;
  const verdict =
    refused === 0
      ? sentence(language, "lint.lawful")
      : sentence(language, "lint.refused", { count: refused });
  print(`${file}: ${verdict}`);
  for (const finding of findings) {
    const { sentence: wrong, hint, article } = say(finding, language);
    const severity = sentence(language, `lint.severity.${finding.severity}`);
    print(`  ${severity}  ${finding.rule}  [${placeOf(flow, finding.node)}]`);
    print(`    ${wrong}`);
    print(`    ${hint}`);
    print(`    ${article}`);
  }
}

interface Placed {
  id?: string;
  z?: string;
  name?: string;
  label?: string;
  type?: string;
}

/** Tab and node by their labels, as the installer knows them. */
function placeOf(flow: readonly object[], id: string): string {
  const nodes = flow as readonly Placed[];
  const node = nodes.find((each) => each.id === id);
  const tab = nodes.find((each) => each.id === node?.z);
  const name = node?.name || node?.label || node?.type || id || "-";
  return tab ? `${tab.label || tab.name || tab.id} / ${name}` : name;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new LimenError("lint-no-file", { cause });
  }
}

function readJson(file: string): unknown {
  const text = readText(file);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new LimenError("lint-not-a-flow", { cause });
  }
}

/** A flow file, or the answer of Node-RED's admin API (`{flows: […]}`). */
function readFlow(file: string): object[] {
  const read = readJson(file);
  const flow = Array.isArray(read) ? read : (read as { flows?: unknown } | null)?.flows;
  if (!Array.isArray(flow)) throw new LimenError("lint-not-a-flow");
  return flow as object[];
}
