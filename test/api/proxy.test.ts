import assert from "node:assert/strict";
import { addressFrom, httpsFrom } from "../../nodes/api/caller-address.ts";
import { qrCode } from "../../nodes/api/qr.ts";
import { bearer, rawCall, type Stand, secretOf, stand } from "./stand.ts";

const request = (remoteAddress: string, forwarded?: string) =>
  ({
    headers: forwarded === undefined ? {} : { "x-forwarded-for": forwarded },
    socket: { remoteAddress },
  }) as never;

describe("where a request comes from (LIMEN_PROXY)", () => {
  it("is the other end of the line, whatever is said, where no proxy is named", () => {
    const addressOf = addressFrom(undefined);
    assert.equal(addressOf(request("10.0.0.9", "203.0.113.7")), "10.0.0.9");
    assert.equal(addressOf(request("127.0.0.1", "203.0.113.7")), "127.0.0.1");
  });

  it("is the hop that a named proxy saw, and nothing further away", () => {
    const addressOf = addressFrom("10.0.0.2, 10.1.0.0/24");
    assert.equal(addressOf(request("10.0.0.2", "203.0.113.7")), "203.0.113.7");
    assert.equal(addressOf(request("::ffff:10.0.0.2", "203.0.113.7")), "203.0.113.7");
    assert.equal(addressOf(request("10.0.0.2", "made up, 198.51.100.1, 203.0.113.7")), "203.0.113.7");
    assert.equal(addressOf(request("10.0.0.2", "203.0.113.7, 10.1.0.5")), "203.0.113.7", "two of ours");
    assert.equal(addressOf(request("10.0.0.3", "203.0.113.7")), "10.0.0.3", "somebody else's proxy");
    assert.equal(addressOf(request("10.0.0.2")), "10.0.0.2");
    assert.equal(addressOf(request("10.0.0.2", "10.1.0.5")), "10.1.0.5");
  });

  it("refuses to start with what is no address", () => {
    assert.throws(() => addressFrom("the proxy"), /LIMEN_PROXY/);
  });
});

describe("cookies behind a proxy that speaks https", () => {
  const named = (proxies: string) => stand("none", [], proxies);
  const cookies = async (s: Stand, proto: string): Promise<string[]> => {
    s.handlers["session.open"] = () => ({
      auth: secretOf("guard"),
      role: "guard" as const,
      name: "Shen",
      expires: "2030-01-01T00:00:00Z",
      until: "2030-01-01T08:00:00Z",
    });
    s.handlers["door.screen"] = ({ door }) => ({
      id: door,
      name: "Gate",
      ways: [],
      face: false,
      simulated: false,
    });
    const headers = { "content-type": "application/json", "x-forwarded-proto": proto };
    const body = '{"name":"Shen","password":"right"}';
    const opened = await rawCall(`${s.url}/session`, "POST", headers, body);
    const paired = await rawCall(
      `${s.url}/doors/gate/screen`,
      "POST",
      { ...headers, ...bearer("manager") },
      "{}",
    );
    return [opened, paired].map((one) => [one.headers["set-cookie"]].flat()[0] ?? `status ${one.status}`);
  };

  it("are __Host-, Secure, HttpOnly and Strict, the session's and the screen's", async () => {
    const s = await named("127.0.0.1");
    try {
      const strict =
        /^__Host-limen(_screen)?=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict$/;
      for (const cookie of await cookies(s, "https")) assert.match(cookie, strict);
      for (const cookie of await cookies(s, "http")) assert.match(cookie, /^limen_/);
    } finally {
      await s.close();
    }
  });

  it("believe nobody else, nor what a caller wrote in front of the proxy's word", () => {
    const told = (proto: string, from = "10.0.0.2") =>
      httpsFrom("10.0.0.2")({
        headers: { "x-forwarded-proto": proto },
        socket: { remoteAddress: from },
      } as never);
    assert.ok(told("https"));
    assert.ok(!told("https", "10.0.0.3"));
    assert.ok(!told("https, http"));
    assert.ok(!told("http"));
    assert.ok(!httpsFrom(undefined)({ headers: { "x-forwarded-proto": "https" }, socket: {} } as never));
  });
});

describe("https alone from now on (Strict-Transport-Security)", () => {
  const told = async (s: Stand, headers: Record<string, string>) =>
    (await rawCall(`${s.url}/openapi.json`, "GET", headers)).headers["strict-transport-security"];

  it("is said where the browser speaks https to a proxy that is named, for a year and this name", async () => {
    const s = await stand("none", [], "127.0.0.1");
    try {
      assert.equal(await told(s, { "x-forwarded-proto": "https" }), "max-age=31536000");
      assert.equal(await told(s, { "x-forwarded-proto": "http" }), undefined);
    } finally {
      await s.close();
    }
  });

  it("is not said because a caller claims it, but where the site's own address is https", async () => {
    const s = await stand("none", ["https://doors.example.org"]);
    try {
      assert.equal(await told(s, { "x-forwarded-proto": "https" }), undefined);
      assert.equal(await told(s, { host: "doors.example.org" }), "max-age=31536000");
    } finally {
      await s.close();
    }
  });

  it("and the code on a door's notice leads to https as well", async () => {
    const at = async (proto: string) => {
      const s = await stand("none", [], "127.0.0.1");
      try {
        const answer = await fetch(`${s.root}/notice/gate/qr.svg`, {
          headers: { "x-forwarded-proto": proto },
        });
        return { drawn: await answer.text(), root: s.root };
      } finally {
        await s.close();
      }
    };
    for (const proto of ["https", "http"]) {
      const { drawn, root } = await at(proto);
      assert.equal(drawn, await qrCode(`${root.replace("http:", `${proto}:`)}/notice/gate`), proto);
    }
  });
});

describe("limits behind a proxy and in an office", () => {
  let s: Stand;
  before(async () => {
    s = await stand("none", [], "127.0.0.1");
    s.handlers["door.list"] = () => ({ doors: [] });
  });
  beforeEach(() => s.forward(3_600_000));
  after(() => s.close());
  const guess = (from: string) =>
    rawCall(
      `${s.url}/session`,
      "POST",
      { "content-type": "application/json", "x-forwarded-for": from },
      '{"name":"manager","password":"wrong"}',
    );

  it("stop one who guesses, and nobody else behind the same proxy", async () => {
    for (let n = 0; n < 10; n++) assert.equal((await guess("203.0.113.7")).status, 401);
    assert.equal((await guess("203.0.113.7")).status, 429);
    assert.equal((await guess("made up, 203.0.113.7")).status, 429, "whatever they claim");
    assert.equal((await guess("203.0.113.8")).status, 401);
  });

  it("count whoever is signed in by themselves, and made-up cookies by their address", async () => {
    const doors = (headers: Record<string, string>) => rawCall(`${s.url}/doors`, "GET", headers);
    const cookie = `limen_session=${secretOf("guard")}`;
    assert.equal((await doors({ cookie })).status, 200); // known from here on
    let refused = 0;
    for (let n = 0; n < 301; n++) {
      const made = `limen_session=${String(n).padStart(40, "x")}`;
      if ((await doors({ cookie: made })).status === 429) refused++;
    }
    assert.ok(refused > 0, "the address has spent its own");
    assert.equal((await doors({ cookie })).status, 200);
  });
});
