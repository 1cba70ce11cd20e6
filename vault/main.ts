import { errorCode } from "../core/errors.ts";
import { projectRoot, readConfig } from "./config.ts";
import { openVault } from "./open.ts";
import { refusalExit } from "./supervisor.ts";

/**
 * The vault's process. Says `listening` on its standard output once it does. Under a supervisor (`LIMEN_SUPERVISED=1`) it
 * ends when its standard input closes: it never outlives whoever would restart it. Prints codes, counts and paths; nothing personal.
 */
const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Errors that another start would meet again: keys, disk or database are not as they must be. */
const refusals = new Set([
  "disk-unsafe",
  "keys-damaged",
  "keys-locked",
  "keys-lost",
  "store-damaged",
  "store-newer",
  "store-unsafe",
  "vault-running",
]);

// a supervisor's child shares nothing; a service's unit says by its UMask who may read the published log
const supervised = process.env.LIMEN_SUPERVISED === "1";
if (supervised) process.umask(0o077);
try {
  const config = readConfig(process.env, projectRoot);
  const vault = await openVault(config, { say });
  await vault.listen();
  say("listening");
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void vault.close().then(() => process.exit(0));
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", () => undefined); // Ctrl-C reaches the whole group; the supervisor decides
  if (supervised) process.stdin.on("end", end).on("close", end).resume();
} catch (error) {
  const code = errorCode(error);
  say(`vault: ${code}: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(refusals.has(code) ? refusalExit : 1);
}
