import { LimenError } from "../core/errors.ts";
import { sentence } from "../core/words.ts";
import { asOperator } from "./operator.ts";
import { language } from "./words.ts";

/** `limen faces renew` puts every stored face under a new secret rotation; nobody has to enrol again. */
export async function run(args: string[]): Promise<number> {
  if (args.length !== 1 || args[0] !== "renew") throw new LimenError("cli-faces-usage");
  const renewed = await asOperator((vault, auth) => vault.call("faces.renew", { auth }));
  process.stdout.write(`${sentence(language, "cli.faces-renewed", renewed)}\n`);
  return 0;
}
