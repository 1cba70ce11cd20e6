import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { EventEmitter } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import fc from "fast-check";
import { rtspInput, type Spawn, v4l2Input } from "../../../core/faces/cameras/ffmpeg.ts";
import { openCamera } from "../../../core/faces/cameras/index.ts";
import { boundaryOf, MultipartParser } from "../../../core/faces/cameras/multipart.ts";
import { authorization, readChallenge } from "../../../core/faces/cameras/sign-in.ts";
import { CameraSource, type FrameSource } from "../../../core/faces/cameras/source.ts";
import { handClock } from "../hand-clock.ts";

/** Something a camera might send, told apart by its number. */
const shot = (n: number): Buffer =>
  Buffer.concat([Buffer.from([0xff, 0xd8, n]), Buffer.alloc(2000, n), Buffer.from([0xff, 0xd9])]);

async function take(source: FrameSource, count: number, each?: (jpeg: Buffer) => void): Promise<Buffer[]> {
  const end = new AbortController();
  const got: Buffer[] = [];
  for await (const { jpeg } of source.frames(end.signal)) {
    got.push(jpeg);
    each?.(jpeg);
    if (got.length >= count) end.abort();
  }
  return got;
}

describe("a camera source", () => {
  let server: Server | undefined;
  let source: FrameSource | undefined;

  const serve = async (answer: RequestListener): Promise<string> => {
    server = createServer(answer);
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/shot?x=1`;
  };
  const opened = (settings: Parameters<typeof openCamera>[0], tools = {}): ReturnType<typeof openCamera> => {
    const camera = openCamera(settings, tools);
    source = camera;
    return camera;
  };

  afterEach(() => {
    source?.stop();
    server?.closeAllConnections();
    server?.close();
    server = undefined;
    source = undefined;
  });

  it("asks a snapshot camera only while somebody looks", async () => {
    let asked = 0;
    const url = await serve((_, answer) => answer.end(shot(++asked)));
    const camera = opened({ id: "cam", kind: "http-jpeg", url });
    camera.start();
    assert.equal(camera.state, "idle");
    assert.equal(asked, 0);
    const got = await take(camera, 2);
    assert.deepEqual(got, [shot(1), shot(2)]);
    assert.equal(camera.state, "idle");
    const after = asked;
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.ok(asked <= after + 1);
    assert.equal(camera.latest(60_000), undefined);
  });

  it("reads MJPEG, with and without lengths", async () => {
    let n = 0;
    const url = await serve((_, answer) => {
      answer.writeHead(200, { "content-type": 'multipart/x-mixed-replace; boundary="edge"' });
      const timer = setInterval(() => {
        const part = shot(++n);
        const length = n % 2 ? `Content-Length: ${part.length}\r\n` : "";
        answer.write(`--edge\r\nContent-Type: image/jpeg\r\n${length}\r\n`);
        answer.write(part.subarray(0, 700));
        answer.write(Buffer.concat([part.subarray(700), Buffer.from("\r\n")]));
      }, 20);
      answer.on("close", () => clearInterval(timer));
    });
    const got = await take(opened({ id: "cam", kind: "http-mjpeg", url }), 4);
    got.forEach((jpeg, i) => {
      assert.ok(i === 0 || jpeg[2]! > got[i - 1]![2]!);
      assert.deepEqual(jpeg, shot(jpeg[2]!));
    });
  });

  it("signs in the way the camera asks, and never in the address", async () => {
    const nonce = "abc123";
    const url = await serve((request, answer) => {
      const given = request.headers.authorization ?? "";
      const field = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(given)?.[1];
      const md5 = (text: string) => createHash("md5").update(text).digest("hex");
      const secret = md5("installer:cam:p@ss");
      const want = md5(
        `${secret}:${nonce}:${field("nc")}:${field("cnonce")}:auth:${md5(`GET:${request.url}`)}`,
      );
      if (field("response") === want) answer.end(shot(1));
      else {
        const challenge = `Digest realm="cam", nonce="${nonce}", qop="auth", algorithm=MD5`;
        answer.writeHead(401, { "www-authenticate": challenge }).end();
      }
    });
    const settings = { id: "cam", kind: "http-jpeg", url, user: "installer" } as const;
    assert.deepEqual((await take(opened({ ...settings, password: "p@ss" }), 1))[0], shot(1));
    const wrong = opened({ ...settings, password: "other" });
    const end = new AbortController();
    setTimeout(() => end.abort(), 300);
    for await (const _ of wrong.frames(end.signal)) assert.fail("a camera that refuses gives no frame");
    assert.equal(wrong.problem, "camera-refused");
    assert.throws(() => openCamera({ id: "cam", kind: "http-jpeg", url: "http://a:b@127.0.0.1/" }), {
      code: "camera-url-bad",
    });
  });

  it("says that a camera is away and finds it again", async () => {
    let broken = true;
    const url = await serve((request, answer) => (broken ? request.socket.destroy() : answer.end(shot(7))));
    const camera = opened({ id: "cam", kind: "http-jpeg", url });
    const looking = take(camera, 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(camera.state, "silent");
    assert.equal(camera.problem, "camera-unreachable");
    broken = false;
    assert.deepEqual(await looking, [shot(7)]);
    assert.equal(camera.problem, undefined);
  });

  it("does not swallow a flood", async () => {
    const url = await serve((_, answer) => {
      const more = () => {
        while (!answer.destroyed && answer.write(Buffer.alloc(1 << 20))) {
          // until the other side has had enough
        }
      };
      answer.on("drain", more);
      more();
    });
    const camera = opened({ id: "cam", kind: "http-jpeg", url });
    const end = new AbortController();
    const watch = setInterval(() => camera.problem === "camera-stream-bad" && end.abort(), 10);
    for await (const _ of camera.frames(end.signal)) assert.fail("a flood is no frame");
    clearInterval(watch);
    assert.equal(camera.problem, "camera-stream-bad");
  });

  it("ignores what a broker kept from earlier", async () => {
    let publish: ((payload: Buffer, packet: { retain: boolean }) => void) | undefined;
    let topics = 0;
    const subscribe = (_: string, handle: typeof publish) => {
      publish = handle;
      topics++;
      queueMicrotask(() => publish?.(shot(1), { retain: true }));
      setTimeout(() => publish?.(shot(2), { retain: false }), 20);
      return () => {
        topics--;
      };
    };
    const camera = opened({ id: "cam", kind: "mqtt", topic: "frigate/door/person/snapshot" }, { subscribe });
    assert.deepEqual(await take(camera, 1), [shot(2)]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(topics, 0, "unsubscribed with the look");
  });

  it("takes a door screen's pictures only during a look, and wipes the others", async () => {
    const camera = opened({ id: "cam", kind: "screen" });
    const unwanted = shot(1);
    assert.equal(camera.push!(unwanted), false);
    assert.ok(unwanted.every((byte) => byte === 0));
    const looking = take(camera, 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(camera.push!(shot(2)), true);
    assert.deepEqual(await looking, [shot(2)]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(camera.push!(shot(3)), false);
  });

  it("keeps only the newest frame, wipes the one before, and hands each out once", async () => {
    let offer: ((picture: Buffer) => void) | undefined;
    let now = 1000;
    const clock = { now: () => new Date(), monotonic: () => now };
    const receive = (give: (picture: Buffer) => void, signal: AbortSignal) =>
      new Promise<void>((resolve) => {
        offer = give;
        signal.addEventListener("abort", () => resolve());
      });
    const camera = new CameraSource({ id: "cam", clock, receive, always: true });
    source = camera;
    camera.start();
    const before = shot(9);
    offer!(before);
    assert.ok(
      before.every((byte) => byte === 0),
      "nobody had asked: not even kept in memory",
    );
    assert.equal(camera.state, "live");
    const end = new AbortController();
    const frames = camera.frames(end.signal);
    const first = frames.next();
    await new Promise((resolve) => setImmediate(resolve));
    const [one, two] = [shot(1), shot(2)];
    offer!(one);
    offer!(two);
    assert.equal((await first).value!.jpeg[2], 2);
    assert.ok(one.every((byte) => byte === 0));
    now += 4000;
    offer!(shot(2));
    assert.equal(camera.state, "frozen", "the same bytes for over three seconds");
    assert.equal(camera.latest(1000)!.jpeg[2], 2);
    assert.equal(camera.latest(1000), undefined);
    offer!(shot(5));
    assert.equal(camera.state, "live");
    now += 5001;
    assert.equal(camera.latest(1000), undefined, "too old");
    assert.equal(camera.state, "silent");
    end.abort();
    await frames.return(undefined);
  });
});

describe("a video stream", () => {
  it("of an empty scene is the same picture for seconds, and no frozen camera before a quarter of a minute", async () => {
    const clock = handClock();
    const stdout = new PassThrough();
    const child = Object.assign(new EventEmitter(), {
      stdout,
      stdin: new PassThrough(),
      kill: () => child.emit("close", 0),
    });
    const spawn = (() => child) as unknown as Spawn;
    const camera = openCamera({ id: "cam", kind: "rtsp", url: "rtsp://127.0.0.1/a" }, { clock, spawn });
    camera.start();
    /** The same frame of a still scene, after so many more milliseconds. */
    const stateAfter = async (ms: number) => {
      clock.pass(ms);
      const jpeg = shot(3);
      const came = camera.received + 1;
      stdout.write(`--frame\r\nContent-type: image/jpeg\r\nContent-length: ${jpeg.length}\r\n\r\n`);
      stdout.write(Buffer.concat([jpeg, Buffer.from("\r\n")]));
      while (camera.received < came) await new Promise((resolve) => setImmediate(resolve));
      return camera.state;
    };
    assert.equal(await stateAfter(0), "live");
    assert.equal(await stateAfter(4900), "live", "from one whole picture of the encoder to the next");
    assert.equal(await stateAfter(4900), "live");
    assert.equal(await stateAfter(4900), "live");
    assert.equal(await stateAfter(400), "frozen");
    camera.stop();
  });
});

describe("a camera that is only asked during a look", () => {
  it("counts as away for half a minute after it failed, and is then worth asking again", async () => {
    const clock = handClock();
    const receive = () => Promise.reject(Object.assign(new Error("no"), { code: "camera-refused" }));
    const camera = new CameraSource({ id: "cam", clock, receive });
    const looking = take(camera, 1);
    while (camera.problem === undefined) await new Promise((resolve) => setImmediate(resolve));
    camera.stop();
    await looking;
    assert.equal(camera.state, "silent");
    clock.pass(29_000);
    assert.equal(camera.state, "silent");
    clock.pass(2000);
    assert.equal(camera.state, "idle");
    assert.equal(camera.problem, "camera-refused", "until a picture comes");
  });
});

describe("a multipart stream", () => {
  it("comes out whole however it is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ size: fc.integer({ min: 1, max: 400 }), length: fc.boolean() }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1 }),
        (parts, cuts) => {
          const bodies = parts.map(({ size }, i) => Buffer.alloc(size, 65 + i));
          const stream = Buffer.concat([
            ...parts.map(({ size, length }, i) =>
              Buffer.concat([
                Buffer.from(
                  `--b\r\nContent-Type: image/jpeg\r\n${length ? `content-length: ${size}\r\n` : ""}\r\n`,
                ),
                bodies[i]!,
                Buffer.from("\r\n"),
              ]),
            ),
            Buffer.from("--b\r\n"),
          ]);
          const got: Buffer[] = [];
          const parser = new MultipartParser("b", (part) => got.push(part));
          for (let at = 0, i = 0; at < stream.length; i++) {
            const next = at + cuts[i % cuts.length]!;
            parser.push(stream.subarray(at, next));
            at = next;
          }
          assert.deepEqual(got, bodies);
        },
      ),
    );
  });

  it("refuses a head without end, a part without end and a length beyond the limit", () => {
    const refused = (push: (parser: MultipartParser) => void) =>
      assert.throws(() => push(new MultipartParser("b", () => undefined)), { code: "camera-stream-bad" });
    refused((parser) => parser.push(Buffer.alloc(9000, 65)));
    refused((parser) => parser.push(Buffer.from("--b\r\nContent-Length: 999999999\r\n\r\n")));
    refused((parser) => {
      parser.push(Buffer.from("--b\r\n\r\n"));
      for (let i = 0; i < 20; i++) parser.push(Buffer.alloc(1 << 20, 65));
    });
    for (const type of [null, "image/jpeg", "multipart/x-mixed-replace"]) {
      assert.throws(() => boundaryOf(type), { code: "camera-stream-bad" });
    }
    assert.equal(boundaryOf("multipart/x-mixed-replace;boundary=--x"), "--x");
  });
});

describe("signing in to a camera", () => {
  it("answers the example of RFC 7616 3.9.1", () => {
    const common = `realm="http-auth@example.org", qop="auth, auth-int", nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`;
    const header = `Digest ${common}, algorithm=MD5, Digest ${common}, algorithm=SHA-256`;
    const challenge = readChallenge(header)!;
    assert.equal(challenge.scheme === "digest" && challenge.algorithm, "SHA-256");
    const answer = authorization(
      challenge,
      { user: "Mufasa", password: "Circle of Life" },
      { method: "GET", path: "/dir/index.html" },
      1,
      "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    );
    assert.match(answer, /response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"/);
    assert.equal(readChallenge("Basic realm=x")?.scheme, "basic");
    assert.equal(readChallenge(null), undefined);
  });
});

describe("a camera through ffmpeg", () => {
  const python = "/usr/bin/python3";
  let camera: ChildProcess | undefined;

  const begin = async (): Promise<string> => {
    camera = spawn(python, [join(import.meta.dirname, "rtsp-server.py")], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    const port = await new Promise<string>((resolve) =>
      camera!.stdout!.once("data", (line) => resolve(String(line).trim())),
    );
    return `rtsp://127.0.0.1:${port}/door`;
  };

  afterEach(() => void camera?.kill("SIGKILL"));

  it("takes no address that could be an argument, a file or another protocol", () => {
    for (const url of [
      "file:///etc/passwd",
      "rtsp://a:b@host/x",
      "rtsp://host/x'\nfile '/etc/passwd",
      "http://host/",
    ]) {
      assert.throws(() => rtspInput(url), { code: "camera-url-bad" });
    }
    for (const device of ["/dev/sda", "/dev/video0;ls", "-i", "/dev/../etc/passwd"]) {
      assert.throws(() => v4l2Input(device), { code: "camera-url-bad" });
    }
    const input = rtspInput("rtsp://host/x", { user: "a'b", password: "p\n/'" });
    assert.equal(input.args.join(" ").includes("a'b"), false);
    assert.equal(input.stdin.split("\n").length, 5);
    assert.match(input.stdin, /rtsp:\/\/a%27b:p%0A%2F%27@host\/x/);
  });

  it("reads a real RTSP camera, shows no password to anyone, notices that it dies, and leaves no process", async function () {
    const gst = "import gi; gi.require_version('GstRtspServer', '1.0')";
    if (spawnSync(python, ["-c", gst]).status !== 0 || spawnSync("ffmpeg", ["-version"]).status !== 0)
      this.skip();
    const url = await begin();
    const source = openCamera({ id: "cam", kind: "rtsp", url, user: "installer", password: "p@ss/word" });
    source.start();
    try {
      const got = await take(source, 3);
      for (const jpeg of got) assert.deepEqual([jpeg[0], jpeg[1]], [0xff, 0xd8]);
      const listed = execFileSync("ps", ["-eo", "args"]).toString();
      assert.equal(/p@ss|p%40ss/.test(listed), false);
      assert.equal(source.state, "live");
      camera!.kill("SIGKILL");
      while (source.problem === undefined) await new Promise((resolve) => setTimeout(resolve, 50));
      assert.equal(source.problem, "camera-unreachable");
    } finally {
      source.stop();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    const left = execFileSync("ps", ["-o", "args", "--ppid", String(process.pid)]).toString();
    assert.equal(left.includes("ffmpeg"), false);
  });

  it("asks a camera of this box for 1280 x 720 at 15 a second, and hands out ten JPEGs a second on its output", async () => {
    const { args, stdin } = v4l2Input("/dev/video0");
    const input = ["-f", "v4l2", "-framerate", "15", "-video_size", "1280x720", "-i", "/dev/video0"];
    assert.deepEqual([args, stdin], [input, ""]);
    const spawned: [string, readonly string[]][] = [];
    const source = openCamera(
      { id: "cam", kind: "v4l2", url: "/dev/video0", user: "nobody", password: "secret" },
      {
        spawn: (command, all) => {
          spawned.push([command, all]);
          return spawn("/nonexistent/ffmpeg", [], { stdio: ["pipe", "pipe", "ignore"] });
        },
      },
    );
    source.start();
    while (source.problem === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    source.stop();
    const [command, all] = spawned[0]!;
    assert.equal(command, "ffmpeg");
    const at = all.indexOf("-f");
    assert.deepEqual(all.slice(at, at + input.length), input);
    assert.deepEqual(all.slice(-5), ["-f", "mpjpeg", "-boundary_tag", "frame", "pipe:1"]);
    assert.ok(all.includes("fps=10,scale='min(1920,iw)':-2"));
    assert.equal(all.join(" ").includes("secret"), false);
  });

  it("says so where there is no ffmpeg", async () => {
    const source = openCamera(
      { id: "cam", kind: "v4l2", url: "/dev/video9" },
      { spawn: () => spawn("/nonexistent/ffmpeg", [], { stdio: ["pipe", "pipe", "ignore"] }) },
    );
    source.start();
    while (source.problem === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(source.problem, "ffmpeg-missing");
    source.stop();
  });
});
