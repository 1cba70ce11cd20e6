import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { alwaysRule, estate, openRig, printedCard, type Rig, readerCard, tokenFor } from "./rig.ts";

const python = "/usr/bin/python3";
const server = join(import.meta.dirname, "../core/faces/rtsp-server.py");
const gst = "import gi; gi.require_version('GstRtspServer', '1.0')";
const password = "p@ss/word";

/** Command lines of every process of the machine that this user may read. */
const commandLines = (): Map<number, string> =>
  new Map(
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name): [number, string][] => {
        try {
          return [[Number(name), readFileSync(`/proc/${name}/cmdline`, "latin1").replaceAll("\0", " ")]];
        } catch {
          return []; // it has ended
        }
      }),
  );

/** ffmpeg processes that this process began. */
const ffmpegs = (): number[] =>
  [...commandLines()]
    .filter(([pid, line]) => line.startsWith("ffmpeg ") && parentOf(pid) === process.pid)
    .map(([pid]) => pid);

function parentOf(pid: number): number | undefined {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ")[1]);
  } catch {
    return undefined;
  }
}

describe("a real RTSP camera at a door", () => {
  let camera: ChildProcess | undefined;
  let rig: Rig;
  let auth: string;
  let port = "0";
  const heard: string[] = [];

  const begin = async (width = 320, height = 240): Promise<void> => {
    camera = spawn(python, [server, port, String(width), String(height)], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    port = await new Promise<string>((resolve) =>
      camera!.stdout!.once("data", (line) => resolve(String(line).trim())),
    );
  };
  const end = async (): Promise<void> => {
    const over = new Promise((resolve) => camera!.once("exit", resolve));
    camera!.kill("SIGKILL");
    await over;
  };
  const state = async () => (await rig.client.call("health", {})).cameras[0]!;
  const until = async (wanted: string): Promise<void> => {
    while ((await state()).state !== wanted) await new Promise((resolve) => setTimeout(resolve, 100));
  };
  const told = async (kind: string, times = 1): Promise<void> => {
    while (heard.filter((one) => one === kind).length < times)
      await new Promise((resolve) => setTimeout(resolve, 100));
  };
  /** What the door's own screen offers, and whether the card opens. */
  const door = async (): Promise<{ face: boolean; card: string }> => {
    const { face } = await rig.client.call("door.screen", { door: "main-gate" });
    const { id } = await rig.client.call("identify", {
      door: "main-gate",
      node: "n1",
      reader: "r1",
      method: "card",
      card: readerCard,
    });
    await rig.client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
    const { outcome } = await rig.client.call("record", { attempt: id, node: "n4" });
    return { face, card: outcome };
  };
  const frame = async (): Promise<{ width?: number; height?: number }> => {
    const stop = new AbortController();
    for await (const { jpeg } of rig.vault.services.cameras.frames("main-camera", stop.signal)) {
      const { width, height } = await sharp(jpeg).metadata();
      stop.abort();
      return { width, height };
    }
    return {};
  };

  before(async function () {
    if (spawnSync(python, ["-c", gst]).status !== 0 || spawnSync("ffmpeg", ["-version"]).status !== 0)
      this.skip();
    await begin();
    rig = await openRig({ env: { LIMEN_MODELS: "/nonexistent" } });
    rig.client.on("event", (event) => {
      if (event.event === "door" && event.door === "main-gate") heard.push(event.kind);
    });
    auth = await tokenFor(rig);
    const { id: person } = await rig.client.call("person.create", {
      auth,
      name: "王小明",
      birthDate: "1980-05-01",
    });
    await rig.client.call("credential.issue", { auth, person, kind: "card", ...printedCard });
    const url = `rtsp://127.0.0.1:${port}/door`;
    const rtsp = { id: "main-camera", door: "main-gate", kind: "rtsp", url, maxAgeMs: 2000 } as const;
    await rig.client.call("configure", estate({ cameras: [{ ...rtsp, user: "installer", password }] }));
  });
  after(async () => {
    await rig?.close();
    camera?.kill("SIGKILL");
  });

  it("offers faces while it gives pictures, and shows its password to no process of the machine", async () => {
    await until("live");
    assert.deepEqual(await door(), { face: true, card: "granted" });
    assert.deepEqual(await frame(), { width: 320, height: 240 });
    assert.equal(ffmpegs().length, 1);
    for (const [pid, line] of commandLines()) {
      // this test's own process may be told it
      if (pid !== process.pid) assert.equal(/p@ss.word|p%40ss/.test(line), false);
    }
    assert.equal(JSON.stringify(await rig.client.call("health", {})).includes("p@ss"), false);
    assert.equal(rig.lines.join().includes("p@ss"), false);
  });

  it("says that its picture stands still: health, door, door screen, the record; cards go on", async () => {
    camera!.stdin!.write("freeze\n");
    await until("frozen");
    await told("camera-silent");
    assert.deepEqual(await door(), { face: false, card: "granted" });
    const { events } = await rig.client.call("event.list", { auth, door: "main-gate", limit: 50 });
    assert.ok(events.some(({ kind }) => kind === "camera-silent"));
  });

  it("finds it again after a restart, also as another camera with another size of picture", async () => {
    await end();
    await until("silent");
    await begin(640, 360);
    await until("live");
    await told("camera-back");
    assert.deepEqual(await door(), { face: true, card: "granted" });
    assert.deepEqual(await frame(), { width: 640, height: 360 });
  });

  it("says that it was cut off, with why; cards go on", async () => {
    await end();
    await until("silent");
    await told("camera-silent", 2);
    assert.equal((await state()).problem, "camera-unreachable");
    assert.deepEqual(await door(), { face: false, card: "granted" });
  });

  it("leaves no ffmpeg behind, not even one that hangs", async () => {
    await begin();
    await until("live");
    const [pid] = ffmpegs();
    process.kill(pid!, "SIGSTOP");
    await rig.client.call("configure", estate({ cameras: [] }));
    while (ffmpegs().length > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  });
});
