import { readFileSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { LimenError } from "../core/errors.ts";
import { sentence } from "../core/words.ts";
import { language } from "./words.ts";

const shortest = 12;

/**
 * A passphrase from a file's first line, or typed without being shown.
 * @param options.fresh it will protect something new: a short one is refused
 * @throws LimenError `passphrase-short`
 */
export async function passphraseFrom(
  file: string | undefined,
  { fresh }: { fresh: boolean },
): Promise<string> {
  const text = file === undefined ? await typed() : (readFileSync(file, "utf8").split("\n")[0] ?? "");
  if (fresh && text.length < shortest) throw new LimenError("passphrase-short");
  return text;
}

async function typed(): Promise<string> {
  process.stderr.write(sentence(language, "cli.passphrase"));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: silent,
    terminal: process.stdin.isTTY === true,
  });
  try {
    return await lines.question("");
  } finally {
    lines.close();
    process.stderr.write("\n");
  }
}
