import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Encrypter } from "age-encryption";
import { sentence } from "../core/words.ts";
import { asOperator } from "./operator.ts";
import { passphraseFrom } from "./passphrase.ts";
import { language } from "./words.ts";

/**
 * `limen backup FILE [--passphrase-file FILE]`: everything a new box needs, without a face or a person's key, encrypted
 * with age before it touches a disk; and the erasure journal beside it.
 */
export async function run(args: string[]): Promise<number> {
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { "passphrase-file": { type: "string" } },
  });
  const [file] = positionals;
  if (file === undefined) {
    process.stderr.write(`${sentence(language, "cli.backup-usage")}\n`);
    return 2;
  }
  const age = new Encrypter();
  age.setPassphrase(await passphraseFrom(values["passphrase-file"], { fresh: true }));
  const { journal, ...backup } = await asOperator((vault, auth) => vault.call("backup.make", { auth }));
  const sealed = await age.encrypt(JSON.stringify(backup));
  writeFileSync(file, sealed, { mode: 0o600, flag: "wx" });
  writeFileSync(`${file}.journal`, journal, { mode: 0o600 });
  process.stdout.write(`${sentence(language, "cli.backup-done", { file, journal: `${file}.journal` })}\n`);
  return 0;
}
