import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { VaultClient } from "../../vault/client.ts";
import { socketPath } from "../../vault/config.ts";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { type RunningVault, superviseVault } from "../../vault/supervisor.ts";
import { needs, newEngine, picture } from "../core/faces/data.ts";
import { marksOf } from "../core/faces/marks.ts";
import { countInMemory } from "../core/faces/memory.ts";
import { alwaysRule, estate, lookOf, modelsFolder } from "./rig.ts";

/** Strangers' frames: a thousand with LIMEN_STRANGERS=1000. */
const strangers = Number(process.env.LIMEN_STRANGERS ?? 40);
const enrolWith = ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`);

const settings = { mode: "1:N", risk: 1e-4, frames: 10, agreeing: 2, seconds: 4 } as const;

describe("strangers before a running vault (RD-28)", function () {
  this.timeout(180_000 + 600 * strangers);
  const data = mkdtempSync(join(tmpdir(), "limen-strangers-"));
  const lines: string[] = [];
  const messages: string[] = [];
  let vault: RunningVault;
  let client: VaultClient;
  let auth: string;
  let person: string;

  before(async function () {
    needs(this, "models", "faces");
    if (process.platform !== "linux") this.skip();
    const env = { ...process.env, LIMEN_DATA: data, LIMEN_MODELS: modelsFolder, LIMEN_DOWNLOAD: "0" };
    vault = superviseVault({ env, log: (line) => lines.push(line) });
    await vault.started;
    client = new VaultClient({ socket: socketPath(data, "vault") }).open();
    await client.ready();
    client.on("event", (event) => messages.push(JSON.stringify(event)));
    await client.call("configure", estate({ looks: [lookOf("n1", settings)] }));
    await enrolSomebody();
  });
  after(async () => {
    client?.close();
    await vault?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  /** Without anybody enrolled no camera opens, and there would be nothing to leave behind. */
  async function enrolSomebody(): Promise<void> {
    const operator = new VaultClient({ socket: socketPath(data, "operator") }).open();
    await operator.ready();
    ({ token: auth } = await operator.call("token.create", {
      auth: operatorAuth,
      role: "manager",
      label: "t",
      days: 1,
    }));
    operator.close();
    ({ id: person } = await client.call("person.create", { auth, name: "A", birthDate: "1980-05-01" }));
    const { id: notice } = await client.call("notice.current", { method: "face", language: "zh-CN" });
    await client.call("consent.give", {
      auth,
      person,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate"],
      notice,
      givenBy: "self",
      channel: "desk",
    });
    while (!(await client.call("health", {})).faces.ready)
      await new Promise((resolve) => setTimeout(resolve, 50));
    await client.call("face.enrol", { auth, person }, enrolWith.map(picture));
  }

  /** A stranger's frame with marks in its metadata, and bytes of it that would tell that it is still somewhere. */
  async function frame(i: number, comment: Buffer, owner: string): Promise<Buffer> {
    const source = picture(i % 2 === 0 ? "deepface/img2.jpg" : "deepface/img1.jpg");
    const { width = 0 } = await sharp(source).metadata();
    const shot = await sharp(source)
      .resize(Math.min(width, 700) + 4 * (i % 25))
      .modulate({ brightness: 1 - 0.0002 * i })
      .withExif({ IFD0: { Copyright: owner } })
      .jpeg({ quality: 92 - (i % 20) })
      .toBuffer();
    return Buffer.concat([
      shot.subarray(0, 2),
      Buffer.from([0xff, 0xfe, 0, 26]),
      comment,
      shot.subarray(2),
      comment,
    ]);
  }

  /** A camera that sends one JPEG after another, without their lengths, in pieces. */
  async function streamOf(pictures: readonly Buffer[]) {
    let given = 0;
    const server = createServer((_, answer) => {
      answer.writeHead(200, { "content-type": "multipart/x-mixed-replace; boundary=edge" });
      const timer = setInterval(() => {
        const jpeg = pictures[given++ % pictures.length]!;
        answer.write("--edge\r\nContent-Type: image/jpeg\r\n\r\n");
        for (let at = 0; at < jpeg.length; at += 30_000) answer.write(jpeg.subarray(at, at + 30_000));
        answer.write("\r\n");
      }, 60);
      answer.on("close", () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/stream`;
    return {
      config: { id: "street", door: "main-gate", kind: "http-mjpeg", url, maxAgeMs: 2000 } as const,
      given: () => given,
      close: () => {
        server.closeAllConnections();
        server.close();
      },
    };
  }

  /** What of these is in lines, messages or the vault's files, by name. */
  function leftIn(wanted: Readonly<Record<string, Buffer>>): string[] {
    const found: string[] = [];
    const look = (where: string, bytes: Buffer) => {
      for (const [name, mark] of Object.entries(wanted))
        if (bytes.includes(mark)) found.push(`${where}: ${name}`);
    };
    look("told", Buffer.from(`${lines.join("\n")}\n${messages.join("\n")}`));
    for (const file of readdirSync(data, { recursive: true, encoding: "utf8" })) {
      const path = join(data, file);
      if (statSync(path).isFile()) look(file, readFileSync(path));
    }
    return found;
  }

  it("leave nothing: not in files, lines, messages, nor in the vault's memory", async () => {
    const comment = randomBytes(24);
    const owner = randomBytes(12).toString("hex");
    const wanted: Record<string, Buffer> = { comment, owner: Buffer.from(owner) };
    const engine = await newEngine();
    const frames: Buffer[] = [];
    for (let i = 0; i < strangers; i++) {
      const marked = await frame(i, comment, owner);
      frames.push(marked);
      if (i % Math.ceil(strangers / 4) !== 1) continue;
      Object.assign(wanted, await marksOf(engine, String(i), marked));
    }
    // the same before a camera of the network, which the vault reads by itself: for a look, and for an enrolment
    const streamed: Buffer[] = [];
    for (let i = 0; i < 8; i++) streamed.push(await frame(901 + i, comment, owner));
    Object.assign(wanted, await marksOf(engine, "streamed", streamed[1]!));
    await engine.close();
    const codes = new Map<string, number>();
    let taken = 0;
    for (let act = 0; frames.length > 0; act++) {
      let running = true;
      const seen = client
        .call("match", {
          door: "main-gate",
          node: "n1",
          camera: "main-camera",
          act: { kind: "screen", id: `stranger-${act}` },
          settings,
        })
        .finally(() => {
          running = false;
        });
      while (running && frames.length > 0) {
        const { wanted: used } = await client.call("frame", { camera: "main-camera" }, [frames[0]!]);
        if (used) {
          taken++;
          frames.shift()!.fill(0);
        }
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      const { id, code = "pending" } = await seen;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      await client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
      messages.push(JSON.stringify(await client.call("record", { attempt: id, node: "n4" })));
    }
    assert.equal(taken, strangers);
    const camera = await streamOf(streamed);
    await client.call(
      "configure",
      estate({ cameras: [...estate().cameras, camera.config], looks: [lookOf("n1", settings, "street")] }),
    );
    const { id, code = "pending" } = await client.call("match", {
      door: "main-gate",
      node: "n1",
      camera: "street",
      act: { kind: "screen", id: "streamed" },
      settings,
    });
    codes.set(code, (codes.get(code) ?? 0) + 1);
    await client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
    messages.push(JSON.stringify(await client.call("record", { attempt: id, node: "n4" })));
    const before = camera.given();
    await client.call("face.enrol", { auth, person, camera: "street" }).then(
      (told) => messages.push(JSON.stringify(told)),
      (error: { code: string }) => messages.push(error.code),
    );
    assert.ok(camera.given() > before + 4, "an enrolment looked on");
    camera.close();
    assert.equal(codes.has("pending"), false, JSON.stringify([...codes]));

    assert.deepEqual(leftIn(wanted), []);
    // and it would be found: the same search with one mark written to each of them by a slip
    const slip = join(data, "slip.tmp");
    writeFileSync(slip, Buffer.concat([Buffer.alloc(99, 7), comment, Buffer.alloc(99, 7)]));
    lines.push(`vault: ${owner}`);
    messages.push(JSON.stringify({ picture: "data:image/jpeg", owner }));
    assert.deepEqual(leftIn(wanted).sort(), ["slip.tmp: comment", "told: owner"]);
    lines.pop();
    assert.deepEqual(leftIn(wanted).sort(), ["slip.tmp: comment", "told: owner"], "in a message alone");
    rmSync(slip);
    messages.pop();
    const sanity = Buffer.from("main-gate");
    let remaining: Record<string, number> = {};
    // the last look is cleaned up after while this searches; what is still there after many searches was forgotten
    for (let searches = 0; searches < 15; searches++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { sanity: found, ...left } = countInMemory(vault.pid!, { ...wanted, sanity });
      assert.ok(found! > 0, "the search does see the vault's memory");
      remaining = Object.fromEntries(Object.entries(left).filter(([, count]) => count > 0));
      if (Object.keys(remaining).length === 0) break;
    }
    assert.deepEqual(remaining, {}, "memory");
  });
});
