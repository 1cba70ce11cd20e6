import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
import { sentence } from "../core/words.ts";
import { asOperator } from "./operator.ts";
import { language } from "./words.ts";

/**
 * `limen card PERSON --door DOOR` writes the next blank card on that door's reader, or on the desk's that stands for it,
 * and gives it to this person. The same as the residents' page does.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { door: { type: "string" }, url: { type: "boolean" }, number: { type: "boolean" } },
  });
  const [person, ...rest] = positionals;
  const { door, url: sun = false, number: byNumber = false } = values;
  if (person === undefined || door === undefined || rest.length > 0) throw new LimenError("cli-card-usage");
  process.stderr.write(`${sentence(language, "cli.card-lay", { door })}\n`);
  const { id } = await asOperator((vault, auth) =>
    vault.call("credential.chip", { auth, person, door, sun, byNumber }),
  );
  process.stderr.write(`${sentence(language, "cli.card-given", { id })}\n`);
  return 0;
}
