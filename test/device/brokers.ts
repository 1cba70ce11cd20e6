import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Aedes } from "aedes";
import { connectAsync } from "mqtt";
import { freePort } from "../boot/booted.ts";
import { until } from "./lines.ts";

/** A broker for tests, on loopback. */
export interface Broker {
  port: number;
  stop(): Promise<void>;
}

/** The embedded kind, without Limen's rights. @param port the one it had before */
export async function aedes(port = 0): Promise<Broker> {
  const broker = await Aedes.createBroker();
  const server: Server = createServer(broker.handle);
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      await new Promise<void>((resolve) => broker.close(() => resolve()));
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Debian's, in a process of its own. @param port the one it had before */
export async function mosquitto(port?: number): Promise<Broker> {
  const listen = port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), "limen-mosquitto-"));
  const file = join(folder, "mosquitto.conf");
  writeFileSync(file, `listener ${listen} 127.0.0.1\nallow_anonymous true\npersistence false\nuser root\n`);
  const broker: ChildProcess = spawn("mosquitto", ["-c", file], { stdio: "ignore" });
  await until(async () => {
    const client = await connectAsync(`mqtt://127.0.0.1:${listen}`, {
      connectTimeout: 500,
      reconnectPeriod: 0,
    }).catch(() => undefined);
    await client?.endAsync(true);
    return client !== undefined;
  }, "mosquitto");
  return {
    port: listen,
    stop: async () => {
      const gone = new Promise((resolve) => broker.once("exit", resolve));
      broker.kill();
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
