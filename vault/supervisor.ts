import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface SupervisorOptions {
  env: NodeJS.ProcessEnv;
  /** One line of the vault's own output; it never holds personal data. */
  log(line: string): void;
}

/** A vault that is kept running. */
export interface RunningVault {
  /** The child's process id while it runs. */
  readonly pid: number | undefined;
  /** Resolves when the vault said it listens for the first time; rejects when it refuses to start. */
  started: Promise<void>;
  /** Ends it and stays ended. */
  stop(): Promise<void>;
}

/** A start that fails this often in a row without ever listening is a refusal, not a crash. */
const mostFailures = 5;
/** Exit code of a vault that will not run as things are (unsafe disk, damaged keys): trying again changes nothing. */
export const refusalExit = 78;

/** A dump of the vault's memory would hold keys and faces. Both limits, so that the vault cannot raise it again. */
const withoutDumps = 'ulimit -c 0 && exec "$@"';

/**
 * Runs the vault as a child process and starts it again when it ends, with a growing pause (100 ms to 5 s). The child
 * ends by itself when this process is gone: its standard input closes.
 */
export function superviseVault({ env, log }: SupervisorOptions): RunningVault {
  const file = new URL(import.meta.url.endsWith(".ts") ? "./main.ts" : "./main.js", import.meta.url);
  let child: ChildProcess | undefined;
  let stopping = false;
  let pause = 100;
  let failures = 0;
  let everListened = false;
  let retry: NodeJS.Timeout | undefined;
  const shell = process.platform !== "win32" && existsSync("/bin/sh") ? "/bin/sh" : undefined;
  if (!shell) log("vault: this system offers no way to turn off dumps of its memory; turn them off by hand");
  const { promise: started, resolve, reject } = Promise.withResolvers<void>();
  started.catch(() => undefined); // whoever cares awaits it

  const start = (): void => {
    let listened = false;
    const command = [process.execPath, "--disable-warning=ExperimentalWarning", fileURLToPath(file)];
    const [program, ...args] = shell ? [shell, "-c", withoutDumps, "limen-vault", ...command] : command;
    child = spawn(program!, args, {
      env: { ...env, LIMEN_SUPERVISED: "1" },
      stdio: ["pipe", "pipe", "inherit"],
      // a group of its own: a Ctrl-C meant for whoever runs us must not end the vault first
      detached: process.platform !== "win32",
    });
    let rest = "";
    child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "listening") {
          listened = true;
          everListened = true;
          pause = 100;
          resolve();
        } else log(line);
      }
    });
    child.on("exit", (code, signal) => {
      child = undefined;
      if (stopping) return;
      if (!listened) failures++;
      // a vault that ran once is a gate in service: it is tried for ever
      if (code === refusalExit || (!everListened && failures >= mostFailures)) {
        log(`vault: will not start (exit ${code ?? signal})`);
        reject(new Error("the vault refuses to start; its reason is above"));
        return;
      }
      log(`vault: ended (${signal ?? `exit ${code}`}), starting again in ${pause} ms`);
      retry = setTimeout(start, pause);
      pause = Math.min(pause * 2, 5000);
    });
  };
  start();

  return {
    get pid() {
      return child?.pid;
    },
    started,
    async stop() {
      stopping = true;
      clearTimeout(retry);
      const running = child;
      if (!running) return;
      const gone = new Promise((done) => running.once("exit", done));
      running.stdin?.end();
      running.kill("SIGTERM");
      const force = setTimeout(() => running.kill("SIGKILL"), 5000);
      await gone;
      clearTimeout(force);
    },
  };
}
