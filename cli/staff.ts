import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
import { sentence } from "../core/words.ts";
import { asOperator } from "./operator.ts";
import { roleOf } from "./token.ts";
import { language } from "./words.ts";

/** No letters or digits that are taken for one another on paper. */
const alphabet = "abcdefghjkmnpqrstvwxyz23456789";

/** Sixteen characters in four groups: 78 random bits that can be read aloud. */
const newPassword = (): string =>
  Array.from({ length: 4 }, () =>
    Array.from({ length: 4 }, () => alphabet[randomInt(alphabet.length)]).join(""),
  ).join("-");

/** `limen staff add NAME --role ROLE` makes an account and prints its first password, once, on stdout. */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { role: { type: "string" } },
  });
  const [action, name, ...rest] = positionals;
  if (action !== "add" || name === undefined || rest.length > 0) throw new LimenError("cli-staff-usage");
  const role = roleOf(values.role);
  const password = newPassword();
  await asOperator((vault, auth) => vault.call("staff.add", { auth, name, role, password }));
  process.stdout.write(`${password}\n`);
  process.stderr.write(`${sentence(language, "cli.staff-added", { role })}\n`);
  return 0;
}
