import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { dayName } from "../core/audit/leaf.ts";
import { parseVkey } from "../core/audit/note.ts";
import { verifyProofFile } from "../core/audit/proof-file.ts";
import type { CoverageSummary, Finding } from "../core/audit/types.ts";
import { verifyLog } from "../core/audit/verify-log.ts";
import { fromPaper } from "../core/consent/paper.ts";
import { verifyJson } from "../core/consent/signed.ts";
import { LimenError } from "../core/errors.ts";
import { sentence } from "../core/words.ts";
import { language } from "./words.ts";
import "./log-words.ts";

type Print = (line: string) => void;

interface Options {
  key?: string | undefined;
  checkpoint?: string[] | undefined;
  witness?: string[] | undefined;
  coverage?: string | undefined;
}

const options = {
  key: { type: "string" },
  checkpoint: { type: "string", multiple: true },
  witness: { type: "string", multiple: true },
  coverage: { type: "string" },
} as const;

/**
 * `limen verify FOLDER|FILE`: a published log, a proof file or a signed receipt (saved, or as its
 * QR code was read), from files alone. Needs no vault, no key
 * of ours and no network, so that anybody can run it.
 * @returns 0 all holds, 1 something does not, 2 misused
 */
export const run = (args: string[], print: Print = (line) => console.log(line)): Promise<number> =>
  new Promise((resolve) => resolve(verify(args, print)));

function verify(args: string[], print: Print): number {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [path] = positionals;
  if (path === undefined || positionals.length > 1) {
    print(sentence(language, "verify.usage"));
    return 2;
  }
  if (!existsSync(path)) throw new LimenError("verify-nothing");
  if (statSync(path).isDirectory()) return folder(path, values, print);
  const text = readFileSync(path, "utf8");
  return text.startsWith("c2sp.org/tlog-proof@")
    ? proof(text, path, values, print)
    : receipt(text, path, values, print);
}

function folder(path: string, { key, checkpoint, witness, coverage }: Options, print: Print): number {
  const log = [path, join(path, "audit")].find((at) => existsSync(join(at, "checkpoint")));
  if (log === undefined) throw new LimenError("verify-nothing");
  const own = join(log, "vkey");
  const vkey = key !== undefined ? keyFrom(key) : existsSync(own) ? keyFrom(own) : undefined;
  const verified = verifyLog(log, {
    ...(vkey !== undefined && { vkey }),
    checkpoints: (checkpoint ?? []).map((file) => readFileSync(file, "utf8")),
    witnesses: (witness ?? []).map(keyFrom),
    ...(coverage !== undefined && {
      coverage: JSON.parse(readFileSync(coverage, "utf8")) as CoverageSummary,
    }),
  });
  const { findings, witnessedBy } = verified;
  tell(findings, print);
  const { origin = "?", size = 0, root } = verified.checkpoint ?? {};
  const say = (word: string, params = {}) => print(sentence(language, word, params));
  if (findings.length > 0) say("verify.log-bad", { origin, size, count: findings.length });
  else say("verify.log-good", { origin, size, root: root?.toString("base64") ?? "" });
  if (findings.length === 0 && coverage !== undefined) say("verify.covered");
  if (witnessedBy.length > 0) say("verify.witnessed", { names: witnessedBy.join(", ") });
  if (key === undefined) say(vkey === undefined ? "verify.no-key" : "verify.own-key");
  return findings.length === 0 ? 0 : 1;
}

function proof(text: string, path: string, { key, witness }: Options, print: Print): number {
  if (key === undefined) throw new LimenError("verify-key-needed");
  const keys = [key, ...(witness ?? [])].map((line) => parseVkey(keyFrom(line))!);
  const proven = verifyProofFile(text, keys);
  if (!proven) {
    tell([{ code: "proof-bad", place: path }], print);
    return 1;
  }
  const { index, leaf, checkpoint, fields } = proven;
  const { origin, size, signedBy } = checkpoint;
  print(
    sentence(language, "verify.proof-good", {
      index,
      class: leaf.class,
      day: dayName(leaf.day),
      origin,
      size,
    }),
  );
  for (const [name, value] of fields ?? []) print(`  ${JSON.stringify(name)}: ${JSON.stringify(value)}`);
  const others = signedBy.map(({ verifier }) => verifier.name).filter((name) => name !== origin);
  if (others.length > 0) print(sentence(language, "verify.witnessed", { names: others.join(", ") }));
  return 0;
}

function receipt(text: string, path: string, { key }: Options, print: Print): number {
  if (key === undefined) throw new LimenError("verify-key-needed");
  try {
    const { signature: _, ...body } = verifyJson(
      fromPaper(text),
      existsSync(key) ? readFileSync(key, "utf8").trim() : key,
    );
    print(sentence(language, "verify.receipt-good"));
    print(JSON.stringify(body, undefined, 2));
    return 0;
  } catch (error) {
    if (!(error instanceof LimenError)) throw error;
    tell([{ code: "receipt-bad", place: path }], print);
    return 1;
  }
}

/** Most findings printed: a log shifted by one differs everywhere. */
const most = 40;

function tell(findings: readonly Finding[], print: Print): void {
  for (const { code, place, params } of findings.slice(0, most)) {
    print(sentence(language, `finding.${code}`, { place, ...params }));
  }
  if (findings.length > most) print("…");
}

/** A log's key line, given as such or in a file. @throws LimenError `verify-key-bad` */
function keyFrom(given: string): string {
  const line = (existsSync(given) ? readFileSync(given, "utf8") : given).trim();
  if (!parseVkey(line)) throw new LimenError("verify-key-bad");
  return line;
}
