import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../boot/booted.ts";
import { modelsDir } from "../core/faces/data.ts";

const root = join(import.meta.dirname, "../..");

/** `npm start` as a newcomer has it: vault, Node-RED, the default flow, a data folder that was empty. */
export interface Started {
  url: string;
  data: string;
  /** Of the broker its doors' devices speak through. */
  mqttPort: number;
  /** The first account's one-time password. */
  password: string;
  log(): string;
  stop(): Promise<void>;
}

/**
 * Starts it from `dist/` on ports of its own.
 * @param flow to find instead of the default one
 * @throws Error with its output when it does not come up
 */
export async function started(flow?: readonly object[]): Promise<Started> {
  if (!existsSync(join(root, "dist/settings.js"))) throw new Error("npm run build comes first");
  const data = mkdtempSync(join(tmpdir(), "limen-new-"));
  if (flow) {
    mkdirSync(join(data, "node-red"), { recursive: true });
    writeFileSync(join(data, "node-red/flows.json"), JSON.stringify(flow));
  }
  const [port, mqtt] = [await freePort(), await freePort()];
  const child: ChildProcess = spawn(process.execPath, [join(root, "scripts/start.ts")], {
    env: {
      ...process.env,
      LIMEN_DATA: data,
      PORT: String(port),
      LIMEN_MQTT_PORT: String(mqtt),
      LIMEN_MODELS: modelsDir,
      LIMEN_DOWNLOAD: "0",
      LIMEN_ALLOW_UNSAFE_DISK: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let log = "";
  const hear = (part: Buffer) => {
    log += part.toString();
  };
  child.stdout?.on("data", hear);
  child.stderr?.on("data", hear);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = async () => {
    child.kill("SIGTERM");
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  for (let n = 0; !log.includes("Limen is running") || !log.includes("Started flows"); n++) {
    if (n > 600 || child.exitCode !== null) {
      await stop();
      throw new Error(`it did not start:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const password = readFileSync(join(data, "first-password.txt"), "utf8").trim().split(/\s+/).at(-1)!;
  return { url: `http://127.0.0.1:${port}`, data, mqttPort: mqtt, password, log: () => log, stop };
}
