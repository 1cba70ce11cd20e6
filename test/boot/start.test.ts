import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { freePort } from "./booted.ts";

const root = join(import.meta.dirname, "../..");

/** An RDM6300 frame: STX, ten hex digits, two of checksum (their XOR), ETX. */
function frameOf(hex: string): Buffer {
  const sum = Buffer.from(hex, "hex").reduce((xor, byte) => xor ^ byte, 0);
  return Buffer.from(`\u0002${hex}${sum.toString(16).padStart(2, "0").toUpperCase()}\u0003`, "latin1");
}

interface Process {
  pid: number;
  command: string;
}

/** The processes somebody started, from /proc. */
const childrenOf = (parent: number): Process[] =>
  readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8")
    .split(" ")
    .filter((pid) => pid !== "")
    .map((pid) => ({
      pid: Number(pid),
      command: readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "),
    }));

const isGone = ({ pid, command }: Process): boolean => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") !== command;
  } catch {
    return true;
  }
};

describe("npm start, from the first word to an open door", () => {
  let data: string;
  let url: string;
  let mqttPort: number;
  let child: ChildProcess;
  let text = "";
  let exited: Promise<number | null>;
  let device: MqttClient;
  let auth: string;
  let person: string;
  let password: string;

  /** Resolves when this was printed. */
  const printed = (wanted: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (text.includes(wanted)) resolve();
      };
      child.stdout?.on("data", look);
      void exited.then((code) => reject(new Error(`ended with ${code} before "${wanted}":\n${text}`)));
      look();
    });
  const api = async <T>(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<T> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: {
        ...(auth ? { authorization: `Bearer ${auth}` } : {}),
        "content-type": "application/json",
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (answer.status === 204 ? {} : await answer.json()) as T;
  };

  /** Taps the card until the lock is released: a card held to the reader counts once, so the taps are seconds apart. */
  const openedByTapping = async (): Promise<void> => {
    const opened = new Promise<void>((resolve) =>
      device.on("message", (topic) => topic.endsWith("relay/set") && resolve()),
    );
    const tap = setInterval(() => device.publish("limen/main-gate/reader", frameOf("00026F6C3A")), 2500);
    try {
      await opened;
    } finally {
      clearInterval(tap);
    }
  };

  before(async () => {
    data = mkdtempSync(join(tmpdir(), "limen-start-"));
    const port = await freePort();
    mqttPort = await freePort();
    url = `http://127.0.0.1:${port}`;
    child = spawn(join(root, "node_modules/.bin/node"), [join(root, "scripts/start.ts")], {
      env: {
        ...process.env,
        LIMEN_DATA: data,
        PORT: String(port),
        LIMEN_MQTT_PORT: String(mqttPort),
        LIMEN_DOWNLOAD: "0",
        LIMEN_ALLOW_UNSAFE_DISK: "1",
        LC_ALL: "C",
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    exited = new Promise((resolve) => child.once("exit", resolve));
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    await printed("Limen is running.");
  });
  after(async () => {
    device?.end(true);
    if (child.exitCode === null) child.kill("SIGKILL");
    await exited;
    rmSync(data, { recursive: true, force: true });
  });

  it("says where everything is, and a password that only this user can read", async () => {
    await printed("first sign-in");
    for (const place of ["/dashboard", "/simulator"]) assert.ok(text.includes(url + place), place);
    const file = join(data, "first-password.txt");
    assert.equal(statSync(file).mode & 0o777, 0o600);
    password = readFileSync(file, "utf8").trim().split(/\s+/).at(-1)!;
    assert.ok(text.includes(password));
  });

  it("lets the manager sign in once with it, and then removes the file", async () => {
    const answer = await fetch(`${url}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "manager", password }),
    });
    assert.equal(answer.status, 200, await answer.clone().text());
    auth = /=([^;]+)/.exec(answer.headers.get("set-cookie") ?? "")?.[1] ?? "";
    assert.ok(auth.length >= 20);
    assert.ok(!existsSync(join(data, "first-password.txt")));
  });

  it("opens the door to a card that was just given to a resident", async () => {
    ({ id: person } = await api<{ id: string }>("POST", "/persons", { name: "Lin Mei" }));
    await api("POST", `/persons/${person}/credentials`, {
      kind: "card",
      notation: "8H10D",
      number: "0040856634",
    });
    device = await mqtt.connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { protocolVersion: 4 });
    await device.subscribeAsync(["limen/main-gate/relay/#", "limen/main-gate/feedback"]);
    const opened = new Promise<string>((resolve) =>
      device.on("message", (topic, body) => topic.endsWith("relay/set") && resolve(`${body}`)),
    );
    await device.publishAsync("limen/main-gate/reader", frameOf("00026F6C3A"));
    assert.notEqual(await opened, "");
  });

  it("refuses a stranger's card, and tells the reader so", async () => {
    const told = new Promise<string>((resolve) =>
      device.on("message", (topic, body) => topic.endsWith("feedback") && resolve(`${body}`)),
    );
    await device.publishAsync("limen/main-gate/reader", frameOf("00FFFFFFFF"));
    assert.match(await told, /beep/);
  });

  it("has both on the record, without a name or a number", async () => {
    const answer = await api<{ events: { kind: string; outcome?: string; code?: string }[] }>(
      "GET",
      "/events?door=main-gate",
    );
    const outcomes = answer.events.map(({ outcome, code }) => `${outcome} ${code}`);
    assert.ok(outcomes.includes("granted granted"), JSON.stringify(answer));
    assert.ok(outcomes.includes("denied no-such-credential"), JSON.stringify(answer));
    assert.doesNotMatch(JSON.stringify(answer), /Lin Mei|0040856634|26F6C3A/i);
  });

  it("has said neither a name nor a number anywhere", () => {
    assert.doesNotMatch(text, /Lin Mei|0040856634|26F6C3A/i);
  });

  it("opens the editor to the manager, and refuses to take a door's other ways away", async () => {
    const answer = await fetch(`${url}/flows`, { headers: { "Node-RED-API-Version": "v2" } });
    assert.equal(answer.status, 401);
    const signed = await fetch(`${url}/auth/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        client_id: "node-red-editor",
        grant_type: "password",
        scope: "",
        username: "manager",
        password,
      }),
    });
    assert.equal(signed.status, 200, await signed.clone().text());
    const { access_token: token } = (await signed.json()) as { access_token: string };
    const read = await fetch(`${url}/flows`, { headers: { authorization: `Bearer ${token}` } });
    const flow = (await read.json()) as { id: string; type: string }[];
    const deploy = (body: object[]) =>
      fetch(`${url}/flows`, {
        method: "POST",
        headers: {
          authorization: `Bearer ${token}`,
          "content-type": "application/json",
          "Node-RED-Deployment-Type": "full",
        },
        body: JSON.stringify(body),
      });
    const others = /^(card|pin|pass)-read$/;
    const unlawful = await deploy(flow.filter(({ type }) => !others.test(type)));
    assert.equal(unlawful.status, 422);
    assert.match(await unlawful.text(), /"code":"flow-unlawful"/);
    const lawful = await deploy(flow);
    assert.ok(lawful.ok, await lawful.text());
  });

  it("still opens after a deploy", async () => {
    await openedByTapping();
  });

  it("opens again by itself after the vault was killed", async function () {
    if (process.platform !== "linux") this.skip();
    const killed = childrenOf(child.pid!).find(({ command }) => command.includes("dist/vault/main.js"))!;
    process.kill(killed.pid, "SIGKILL");
    await printed("starting again");
    await openedByTapping();
  });

  it("ends by itself, Node-RED first, the vault after, with code 0", async () => {
    child.kill("SIGTERM");
    assert.equal(await exited, 0);
    assert.match(text, /Stopped flows/);
    assert.equal(text.match(/starting again/g)?.length ?? 0, process.platform === "linux" ? 1 : 0);
  });
});

describe("npm start where it cannot", () => {
  it("leaves nobody running when it is killed", async function () {
    if (process.platform !== "linux") this.skip();
    const data = mkdtempSync(join(tmpdir(), "limen-start-"));
    const child = spawn(join(root, "node_modules/.bin/node"), [join(root, "scripts/start.ts")], {
      env: {
        ...process.env,
        LIMEN_DATA: data,
        PORT: String(await freePort()),
        LIMEN_MQTT_PORT: String(await freePort()),
        LIMEN_DOWNLOAD: "0",
        LIMEN_ALLOW_UNSAFE_DISK: "1",
        LC_ALL: "C",
      },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let said = "";
    await new Promise<void>((resolve) => {
      child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
        said += chunk;
        if (said.includes("Limen is running.")) resolve();
      });
    });
    const children = childrenOf(child.pid!);
    assert.equal(children.length, 2);
    child.kill("SIGKILL");
    while (!children.every(isGone)) await new Promise((again) => setTimeout(again, 50));
    rmSync(data, { recursive: true, force: true });
  });

  it("says in the reader's language whose port it is, and starts nothing", async () => {
    const data = mkdtempSync(join(tmpdir(), "limen-start-"));
    const squatter = createServer();
    await new Promise<void>((resolve) => squatter.listen(0, "127.0.0.1", resolve));
    const { port } = squatter.address() as { port: number };
    const child = spawn(join(root, "node_modules/.bin/node"), [join(root, "scripts/start.ts")], {
      env: {
        ...process.env,
        LIMEN_DATA: data,
        PORT: String(await freePort()),
        LIMEN_MQTT_PORT: String(port),
        LC_ALL: "zh_CN.UTF-8",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    const code = await new Promise((resolve) => child.once("close", resolve));
    squatter.close();
    rmSync(data, { recursive: true, force: true });
    assert.equal(code, 1);
    assert.match(said, new RegExp(`端口 ${port} 已被其他程序占用`));
  });
});
