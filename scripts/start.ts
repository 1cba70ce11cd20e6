// `npm start`: the vault and Node-RED, and where everything is. Ends both, in order, on SIGINT and SIGTERM.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { addWords, languageFor, sentence } from "../core/words.ts";
import type { RunningVault } from "../vault/supervisor.ts";
import en from "./words/en-US.json" with { type: "json" };
import cn from "./words/zh-CN.json" with { type: "json" };
import tw from "./words/zh-TW.json" with { type: "json" };

addWords({ "en-US": en, "zh-CN": cn, "zh-TW": tw });
const { LC_ALL, LC_MESSAGES, LANG } = process.env;
const language = languageFor((LC_ALL || LC_MESSAGES || LANG || "").replace(/_/g, "-").replace(/\..*$/, ""));
const word = (key: string, params: Record<string, string | number> = {}): string =>
  sentence(language, `start.${key}`, params);

const root = join(import.meta.dirname, "..");
const data = resolve(process.env.LIMEN_DATA ?? join(root, "data"));
const host = process.env.HOST ?? "127.0.0.1";
const port = Number(process.env.PORT ?? 1880);
const mqttPort = process.env.LIMEN_MQTT_PORT ?? "18830";
const mqttPassword = randomBytes(24).toString("base64url");

const env: NodeJS.ProcessEnv = {
  ...process.env,
  LIMEN_DATA: data,
  LIMEN_MQTT_PORT: mqttPort,
  LIMEN_MQTT_PASSWORD: mqttPassword,
  // cameras that publish pictures: only Limen's own connection may hear them
  LIMEN_MQTT_URL: process.env.LIMEN_MQTT_URL ?? `mqtt://limen:${mqttPassword}@127.0.0.1:${mqttPort}`,
};

const say = (line: string): void => console.log(line);
// a foreign broker on our port would be asked for its readers, and told our password
for (const [name, at] of [
  ["PORT", port],
  ["LIMEN_MQTT_PORT", Number(mqttPort)],
] as const) {
  if (await isFree(at)) continue;
  say(word("port-taken", { port: at, name }));
  process.exit(1);
}

if (!existsSync(join(root, "dist/settings.js"))) {
  say(word("not-built"));
  process.exit(1);
}
const { superviseVault } = (await import(new URL("../dist/vault/supervisor.js", import.meta.url).href)) as {
  superviseVault(options: { env: NodeJS.ProcessEnv; log(line: string): void }): RunningVault;
};

const vault = superviseVault({ env, log: say });
const nodeRed = spawn(
  process.execPath,
  [
    join(root, "node_modules/node-red/red.js"),
    "-s",
    join(root, "dist/settings.js"),
    "-u",
    join(data, "node-red"),
  ],
  // a group of its own: Ctrl-C must reach us alone, so that Node-RED ends while the vault still records
  {
    env,
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    detached: process.platform !== "win32",
  },
);
const running = new Promise<void>((resolve) => nodeRed.once("message", () => resolve()));

let stopping = false;
/** Node-RED first: its relays are put to rest while the vault can still record it. */
async function stop(code: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  if (nodeRed.exitCode === null && nodeRed.signalCode === null) {
    const gone = new Promise((done) => nodeRed.once("exit", done));
    nodeRed.kill("SIGTERM");
    const force = setTimeout(() => nodeRed.kill("SIGKILL"), 20_000);
    await gone;
    clearTimeout(force);
  }
  await vault.stop();
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void stop(0));
nodeRed.on("exit", (code) => {
  if (!stopping) say(word("ended", { reason: code ?? "SIGNAL" }));
  void stop(code ?? 1);
});
vault.started.catch((error: Error) => {
  say(error.message);
  void stop(1);
});

await Promise.all([vault.started, running]);
announce();

/** Nobody listens there. */
function isFree(at: number): Promise<boolean> {
  const probe = createServer();
  return new Promise((resolve) => {
    probe.once("error", () => resolve(false));
    probe.listen(at, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}

function announce(): void {
  const secure = Boolean(process.env.LIMEN_TLS_CERT);
  const at = `${secure ? "https" : "http"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
  const file = join(data, "first-password.txt");
  const lines = ["", word("running")];
  for (const [name, place] of [
    ["editor", `${at}/`],
    ["welcome", `${at}/welcome`],
    ["dashboard", `${at}/dashboard`],
    ["simulator", `${at}/simulator`],
    ["data", data],
  ] as const) {
    lines.push(`  ${word(name)}: ${place}`);
  }
  if (!secure && !/^(127\.|localhost$|::1$)/.test(host)) lines.push("", `  ${word("plain-http")}`);
  if (existsSync(file)) {
    lines.push("", `  ${word("first", { file })}`);
    for (const line of readFileSync(file, "utf8").trim().split("\n")) lines.push(`    ${line}`);
  }
  say(`${lines.join("\n")}\n`);
}
