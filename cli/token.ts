import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
import { sentence } from "../core/words.ts";
import { type Role, roles } from "../vault/protocol/common.ts";
import { asOperator } from "./operator.ts";
import { language } from "./words.ts";

/**
 * `limen token create --role ROLE [--label TEXT] [--days N]` prints a bearer token, once: on stdout alone, so that a
 * script may take it. `limen token revoke ID` ends one.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { role: { type: "string" }, label: { type: "string" }, days: { type: "string" } },
  });
  const [action, id] = positionals;
  if (action === "revoke" && id !== undefined) {
    await asOperator((vault, auth) => vault.call("token.revoke", { auth, id }));
    process.stderr.write(`${sentence(language, "cli.token-revoked", { id })}\n`);
    return 0;
  }
  if (action !== "create" || positionals.length > 1) throw new LimenError("cli-token-usage");
  const role = roleOf(values.role);
  const days = values.days === undefined ? 365 : Number(values.days);
  const label = values.label ?? role;
  const made = await asOperator((vault, auth) => vault.call("token.create", { auth, role, label, days }));
  process.stdout.write(`${made.token}\n`);
  process.stderr.write(
    `${sentence(language, "cli.token-created", { id: made.id, role, expires: made.expires.slice(0, 10) })}\n`,
  );
  return 0;
}

/** @throws LimenError `role-unknown` naming the roles there are */
export function roleOf(given: string | undefined): Role {
  const role = roles.find((one) => one === given);
  if (!role) throw new LimenError("role-unknown", { params: { roles: roles.join(", ") } });
  return role;
}
