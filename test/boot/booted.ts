import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../..");

/** A real Node-RED, from `dist/` with the real settings, on a port and a data folder of its own. */
export interface Booted {
  url: string;
  data: string;
  mqttPort: number;
  /** Everything it printed so far. */
  log(): string;
  /** Resolves when its output has this text. */
  said(text: string): Promise<void>;
  fetch(path: string, init?: RequestInit & { token?: string }): Promise<Response>;
  json<T>(path: string, init?: RequestInit & { token?: string }): Promise<T>;
  /** Signs in as Node-RED's editor does. @returns an access token, or undefined when refused */
  signIn(username: string, password: string, scope?: string): Promise<string | undefined>;
  child: ChildProcess;
  /** @returns its exit code */
  stop(): Promise<number | null>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface BootOptions {
  /** The vault's socket. */
  socket?: string;
  /** A flow to find at first start; without it the project's own. */
  flow?: object[];
  env?: NodeJS.ProcessEnv;
  data?: string;
  /** Another settings file than Limen's. */
  settings?: string;
}

/** Boots it and waits until its flows run. */
export async function boot({ socket, flow, env = {}, data, settings }: BootOptions): Promise<Booted> {
  const folder = data ?? mkdtempSync(join(tmpdir(), "limen-boot-"));
  const [port, mqttPort] = [await freePort(), await freePort()];
  if (flow) {
    mkdirSync(join(folder, "node-red"), { recursive: true });
    writeFileSync(join(folder, "node-red/flows.json"), JSON.stringify(flow));
  }
  const child = spawn(
    join(root, "node_modules/.bin/node"),
    [
      join(root, "node_modules/node-red/red.js"),
      "-s",
      settings ?? join(root, "dist/settings.js"),
      "-u",
      join(folder, "node-red"),
    ],
    {
      env: {
        ...process.env,
        PORT: String(port),
        LIMEN_MQTT_PORT: String(mqttPort),
        LIMEN_DATA: folder,
        ...(socket ? { LIMEN_SOCKET: socket } : {}),
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const said = (wanted: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (!text.includes(wanted)) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      void exited.then(() => reject(new Error(`Node-RED ended before it said "${wanted}":\n${text}`)));
      look();
    });
  const url = `http://127.0.0.1:${port}`;
  const ask = (
    path: string,
    { token, ...init }: RequestInit & { token?: string } = {},
  ): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (token) headers.set("authorization", `Bearer ${token}`);
    return fetch(url + path, { ...init, headers, redirect: "manual" });
  };
  await said("Started flows");
  return {
    url,
    data: folder,
    mqttPort,
    child,
    log: () => text,
    said,
    fetch: ask,
    async json<T>(path: string, init: RequestInit & { token?: string } = {}) {
      const headers = new Headers(init.headers);
      headers.set("accept", "application/json");
      const answer = await ask(path, { ...init, headers });
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    async signIn(username, password, scope = "") {
      const answer = await ask("/auth/token", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({
          client_id: "node-red-editor",
          grant_type: "password",
          scope,
          username,
          password,
        }),
      });
      return answer.ok ? ((await answer.json()) as { access_token: string }).access_token : undefined;
    },
    async stop() {
      child.kill("SIGTERM");
      const code = await exited;
      if (data === undefined) rmSync(folder, { recursive: true, force: true });
      return code;
    },
  };
}
