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

/**
 * `limen staff add NAME --role ROLE` makes an account and prints its first password, once, on stdout; `reset NAME` does
 * the same for whoever lost password and passkeys, whose sessions end; `disable NAME` ends an account with its sessions
 * and tokens, `enable NAME` gives it back with a new password; `list` tells them.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { role: { type: "string" } },
  });
  const [action, name, ...rest] = positionals;
  if (action === "list" && name === undefined) return await list();
  if (name === undefined || rest.length > 0) throw new LimenError("cli-staff-usage");
  if (action === "add") return await add(name, values.role);
  if (action === "reset" || action === "disable" || action === "enable") return await end(action, name);
  throw new LimenError("cli-staff-usage");
}

async function add(name: string, given: string | undefined): Promise<number> {
  const role = roleOf(given);
  const password = newPassword();
  await asOperator((vault, auth) => vault.call("staff.add", { auth, name, role, password }));
  process.stdout.write(`${password}\n`);
  process.stderr.write(`${sentence(language, "cli.staff-added", { role })}\n`);
  return 0;
}

async function list(): Promise<number> {
  const { staff } = await asOperator((vault, auth) => vault.call("staff.list", { auth }));
  for (const { name, role, disabled, passkeys } of staff)
    process.stdout.write(`${name}\t${role}\t${disabled ? "-" : passkeys}\n`);
  return 0;
}

async function end(action: "reset" | "disable" | "enable", name: string): Promise<number> {
  const password = await asOperator(async (vault, auth) => {
    const { staff } = await vault.call("staff.list", { auth });
    const found = staff.find((one) => one.name.toLowerCase() === name.trim().toLowerCase());
    if (!found) throw new LimenError("staff-unknown");
    if (action !== "disable") return (await vault.call(`staff.${action}`, { auth, id: found.id })).password;
    await vault.call("staff.disable", { auth, id: found.id });
    return undefined;
  });
  if (password !== undefined) process.stdout.write(`${password}\n`);
  process.stderr.write(`${sentence(language, `cli.staff-${action}`)}\n`);
  return 0;
}
