import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import express from "express";
import { Limiter } from "../../nodes/api/limits.ts";
import { logRouter } from "../../nodes/api/log.ts";
import { pagesRouter } from "../../nodes/api/pages.ts";

const folder = mkdtempSync(join(tmpdir(), "limen-files-"));
const put = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
};

describe("static files", () => {
  let server: Server;
  let url: string;
  before(async () => {
    put("audit/checkpoint", "limen.example/door\n3\n");
    put("audit/tile/0/000", "full");
    put("audit/tile/0/x001/067", "full");
    put("audit/tile/0/001.p/7", "partial");
    put("audit/tile/entries/000", "entries");
    put("audit/ledger.db", "secret");
    put("pages/simulator/index.html", "<!doctype html><title>s</title>");
    put("pages/shared/base.css", "body{}");
    put("secret.txt", "secret");
    const app = express();
    app.use("/log", logRouter(join(folder, "audit")));
    app.use(pagesRouter(join(folder, "pages")));
    server = createServer(app).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it("serves the log: full tiles for ever, the rest fresh", async () => {
    const get = (path: string) => fetch(`${url}/log/${path}`);
    assert.equal(await (await get("checkpoint")).text(), "limen.example/door\n3\n");
    assert.match((await get("checkpoint")).headers.get("content-type") ?? "", /^text\/plain/);
    for (const path of ["tile/0/000", "tile/0/x001/067", "tile/entries/000"])
      assert.match((await get(path)).headers.get("cache-control") ?? "", /immutable/, path);
    for (const path of ["checkpoint", "tile/0/001.p/7"])
      assert.equal((await get(path)).headers.get("cache-control"), "no-cache", path);
    assert.equal((await get("tile/0/000")).headers.get("access-control-allow-origin"), "*");
  });

  it("serves nothing else of that folder, and nothing beside it", async () => {
    for (const path of [
      "ledger.db",
      "tile",
      "tile/",
      "../secret.txt",
      "%2e%2e/secret.txt",
      "tile/0/..%2f..%2fledger.db",
      "",
    ]) {
      assert.equal(await statusOf(url, `/log/${path}`), 404, path);
    }
  });

  it("serves pages with a policy that lets nothing in from outside", async () => {
    const page = await fetch(`${url}/simulator`);
    assert.equal(page.status, 200);
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.ok(!/unsafe|https?:|\*/.test(policy), policy);
    assert.equal((await fetch(`${url}/pages/shared/base.css`)).status, 200);
    assert.equal((await fetch(`${url}/door/gate`)).status, 404); // not built in this folder
    assert.match(await (await fetch(`${url}/pages/vendor/mqtt.js`)).text(), /connect/);
  });
});

describe("limits", () => {
  it("lets a burst through, then one each interval, each key for itself", () => {
    let now = 0;
    const limiter = new Limiter({ now: () => new Date(), monotonic: () => now });
    const tries = (key: string, count: number) => {
      let passed = 0;
      for (let n = 0; n < count; n++)
        try {
          limiter.spend("face-request", key);
          passed++;
        } catch {}
      return passed;
    };
    assert.equal(tries("gate", 20), 6);
    assert.equal(tries("lobby", 20), 6);
    now += 2_999;
    assert.equal(tries("gate", 5), 0);
    now += 6_002;
    assert.equal(tries("gate", 5), 3);
    now += 1e9;
    assert.equal(tries("gate", 20), 6);
  });

  it("forgets the longest quiet key first when there are too many", () => {
    const limiter = new Limiter({ now: () => new Date(), monotonic: () => 0 });
    for (let n = 0; n < 6; n++) limiter.spend("face-request", "gate");
    assert.throws(() => limiter.spend("face-request", "gate"), { code: "too-many-requests", status: 429 });
    for (let n = 0; n < 20_000; n++) limiter.spend("any", `10.0.${n >> 8}.${n & 255}`);
    limiter.spend("face-request", "gate");
  });
});

/** A request line as it stands: fetch would tidy the path. */
function statusOf(base: string, path: string): Promise<number> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () =>
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
    );
    let text = "";
    socket.on("data", (part) => {
      text += part.toString();
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(Number(text.split(" ")[1])));
  });
}
