import { parseArgs } from "node:util";
import { LimenError } from "../core/errors.ts";
import { sayDiff } from "../core/policy/changes/say.ts";
import { sentence } from "../core/words.ts";
import { type Change, overrideReasons } from "../vault/protocol/changes.ts";
import { asOperator } from "./operator.ts";
import { language } from "./words.ts";

const word = (key: string, params: Record<string, string | number> = {}): string =>
  sentence(language, key, params);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/**
 * `limen changes`: deploys and policy changes, and what waits for a second person. `show ID`: one, in words. `override ID
 * --reason R`: the operator of the box stands in for the second person. `accept --reason R`: what runs is the deployed
 * flow. Both are recorded as what they are.
 */
export async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { reason: { type: "string" }, limit: { type: "string" } },
  });
  const [action, id, ...rest] = positionals;
  if (rest.length > 0) throw usage();
  switch (action) {
    case undefined:
      return await list(values.limit === undefined ? 20 : Number(values.limit));
    case "show":
      return await show(leaf(id));
    case "override":
      return await override(leaf(id), reasonOf(values.reason));
    case "accept":
      if (id !== undefined) throw usage();
      return await accept(reasonOf(values.reason));
    default:
      throw usage();
  }
}

const usage = (): LimenError =>
  new LimenError("cli-changes-usage", { params: { reasons: overrideReasons.join(", ") } });

function leaf(id: string | undefined): number {
  if (id === undefined || !/^\d{1,15}$/.test(id)) throw usage();
  return Number(id);
}

function reasonOf(given: string | undefined): (typeof overrideReasons)[number] {
  const reason = overrideReasons.find((one) => one === given);
  if (!reason) throw usage();
  return reason;
}

async function list(limit: number): Promise<number> {
  const { waiting, changes } = await asOperator((vault, auth) => vault.call("change.list", { auth, limit }));
  for (const { id, by, role, expires } of waiting)
    print(`${id}  ${word("change.kind.staged")}: ${word("sidebar.waiting-by", { by, role, expires })}`);
  for (const change of changes) print(lineOf(change));
  return 0;
}

function lineOf({ id, at, day, kind, how, by, role, second, rules, reason, of }: Change): string {
  const who =
    by === undefined
      ? word("change.nobody")
      : second === undefined
        ? word("change.who", { by, role: role ?? "-" })
        : word("change.who-two", { by, second });
  return [
    `${id}  ${at ?? day}  ${word(`change.kind.${kind}`)}`,
    who,
    ...(how === undefined ? [] : [word(`change.how.${how}`)]),
    ...(reason === undefined ? [] : [word(`change.reason.${reason}`)]),
    ...(of === undefined ? [] : [`→ ${of}`]),
    ...rules,
  ].join("  ");
}

async function show(id: number): Promise<number> {
  const change = await asOperator((vault, auth) => vault.call("change.read", { auth, id }));
  print(lineOf(change));
  if (change.before !== undefined || change.after !== undefined)
    print(`  ${change.before ?? "-"}\n  → ${change.after ?? "-"}`);
  if (!change.diff) return 0;
  const { summary, nodes } = sayDiff(change.diff, language);
  for (const line of summary) print(`  ${line}`);
  for (const { title, lines } of nodes) {
    print(`  ${title}`);
    for (const line of lines) print(`    ${line}`);
  }
  return 0;
}

async function override(id: number, reason: (typeof overrideReasons)[number]): Promise<number> {
  await asOperator((vault, auth) => vault.call("change.override", { auth, id, reason }));
  process.stderr.write(`${word("cli.change-overridden", { id })}\n`);
  return 0;
}

async function accept(reason: (typeof overrideReasons)[number]): Promise<number> {
  const { after } = await asOperator((vault, auth) => vault.call("change.accept", { auth, reason }));
  process.stderr.write(`${word("cli.change-accepted", { hash: after.slice(0, 16) })}\n`);
  return 0;
}
