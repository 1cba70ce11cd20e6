#!/usr/bin/env node
import { LimenError } from "../core/errors.ts";
import { sentence } from "../core/words.ts";
import { language } from "./words.ts";

/** What a command's module has: `cli/<name>.ts`. */
interface Command {
  /** @returns the exit code: 0 done, 1 found something wrong, 2 misused */
  run(args: string[]): Promise<number>;
}

/** Each is a module of its own, loaded only when it is asked for. */
const commands: Readonly<Record<string, () => Promise<Command>>> = Object.fromEntries(
  [
    "models",
    "token",
    "staff",
    "faces",
    "card",
    "verify",
    "lint",
    "changes",
    "bench",
    "backup",
    "restore",
    "witness",
    "calibrate",
  ].map((name) => [
    name,
    () => import(new URL(`./${name}${extension()}`, import.meta.url).href) as Promise<Command>,
  ]),
);

function extension(): string {
  return import.meta.url.endsWith(".ts") ? ".ts" : ".js";
}

const say = (key: string, params: Record<string, string | number> = {}) =>
  process.stderr.write(`${sentence(language, key, params)}\n`);

/**
 * Runs one command line.
 * @returns the exit code
 */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...args] = argv;
  if (name === undefined || name === "help" || name === "--help" || name === "-h") {
    process.stdout.write(`${sentence(language, "cli.usage")}\n`);
    return name === undefined ? 2 : 0;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!load) {
    say("cli.unknown-command", { command: name.replace(/[^\w-]/g, "?") });
    return 2;
  }
  try {
    return await (await load()).run(args);
  } catch (error) {
    return failed(name, error);
  }
}

/** Says what went wrong in a sentence; what nobody foresaw keeps its stack, for whoever mends it. */
function failed(name: string, error: unknown): number {
  if (error instanceof LimenError) say(`error.${error.code}`, error.params);
  else if (misused(error)) {
    process.stderr.write(`${error.message}\n`);
    return 2;
  } else if ((error as { code?: string }).code === "ERR_MODULE_NOT_FOUND")
    say("cli.not-here", { command: name });
  else throw error;
  return 1;
}

/** What node:util's parseArgs throws of a wrong option. */
const misused = (error: unknown): error is Error =>
  error instanceof Error && String((error as { code?: string }).code).startsWith("ERR_PARSE_ARGS");

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
