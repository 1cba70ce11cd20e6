import assert from "node:assert/strict";
import { bearer, call, rawCall, type Stand, secretOf, stand } from "./stand.ts";

describe("sessions of the API", () => {
  let s: Stand;
  before(async () => {
    s = await stand();
    s.handlers["person.create"] = () => ({ id: "person_0123456789abcdef" });
    s.handlers["door.list"] = () => ({ doors: [] });
  });
  beforeEach(() => s.forward(3_600_000));
  after(() => s.close());

  const signIn = async () => {
    const response = await call(`${s.url}/session`, "POST", { name: "manager", password: "right" });
    const cookie = response.headers.get("set-cookie") ?? "";
    return { response, cookie, pair: cookie.split(";")[0]!, csrf: String(response.json.csrf) };
  };

  it("sets an HttpOnly, SameSite=Strict cookie and keeps the secret out of the body", async () => {
    const { response, cookie } = await signIn();
    assert.equal(response.status, 200);
    assert.match(cookie, /^limen_session=[^;]+; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/);
    assert.deepEqual(Object.keys(response.json).sort(), ["csrf", "expires", "name", "role"]);
    assert.ok(!JSON.stringify(response.json).includes(secretOf("manager")));
  });

  it("answers a wrong password with the vault's code", async () => {
    const { status, json } = await call(`${s.url}/session`, "POST", { name: "manager", password: "wrong" });
    assert.equal(status, 401);
    assert.equal(json.code, "sign-in-failed");
  });

  it("takes a change by cookie only with the token", async () => {
    const { pair, csrf } = await signIn();
    const create = (headers: Record<string, string>) =>
      rawCall(
        `${s.url}/persons`,
        "POST",
        { "content-type": "application/json", cookie: pair, ...headers },
        '{"name":"A"}',
      );
    assert.deepEqual((await create({})).json.code, "csrf");
    assert.deepEqual((await create({ "limen-csrf": `${csrf.slice(0, -1)}!` })).json.code, "csrf");
    assert.equal((await create({ "limen-csrf": csrf })).status, 201);
  });

  it("refuses a change another site started, whatever it knows", async () => {
    const { pair, csrf } = await signIn();
    const from = (headers: Record<string, string>) =>
      rawCall(
        `${s.url}/persons`,
        "POST",
        { "content-type": "application/json", cookie: pair, "limen-csrf": csrf, ...headers },
        '{"name":"A"}',
      );
    const host = new URL(s.url).host;
    for (const headers of [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site" },
      { "sec-fetch-site": "none" },
      { origin: "https://elsewhere.example" },
      { origin: "null" },
      { origin: `http://${host}`, "sec-fetch-site": "cross-site" },
    ])
      assert.equal(
        (await from(headers as Record<string, string>)).json.code,
        "cross-site",
        JSON.stringify(headers),
      );
    assert.equal((await from({ origin: `http://${host}` })).status, 201);
    assert.equal((await from({ "sec-fetch-site": "same-origin" })).status, 201);
  });

  it("gives the token back after a reload, to the cookie and not to a bearer token", async () => {
    const { pair, csrf } = await signIn();
    const byCookie = await rawCall(`${s.url}/session`, "GET", { cookie: pair });
    assert.equal(byCookie.json.csrf, csrf);
    const byBearer = await call(`${s.url}/session`, "GET", undefined, bearer("guard"));
    assert.equal(byBearer.json.role, "guard");
    assert.equal(byBearer.json.csrf, undefined);
  });

  it("asks the vault each time, so that a closed session is closed at once", async () => {
    const { pair, csrf } = await signIn();
    const check = s.handlers["session.check"]!;
    assert.equal((await rawCall(`${s.url}/doors`, "GET", { cookie: pair })).status, 200);
    const out = await rawCall(`${s.url}/session`, "DELETE", { cookie: pair, "limen-csrf": csrf });
    assert.equal(out.status, 204);
    assert.equal(s.asked.at(-1)?.verb, "session.close");
    const { LimenError } = await import("../../core/errors.ts");
    s.handlers["session.check"] = () => {
      throw new LimenError("not-signed-in", { status: 401 });
    };
    try {
      assert.equal((await rawCall(`${s.url}/doors`, "GET", { cookie: pair })).json.code, "not-signed-in");
      // a stale cookie keeps nobody from signing in again
      const again = await rawCall(
        `${s.url}/session`,
        "POST",
        { cookie: pair, "content-type": "application/json" },
        JSON.stringify({ name: "manager", password: "right" }),
      );
      assert.equal(again.status, 200);
    } finally {
      s.handlers["session.check"] = check;
    }
  });

  it("goes on as nobody where nobody is asked, when a cookie comes without its token", async () => {
    const { pair, csrf } = await signIn();
    s.handlers["door.screen"] = ({ door }) => ({
      id: door,
      name: "Gate",
      ways: [],
      face: true,
      simulated: true,
    });
    const far = { cookie: pair, "x-forwarded-for": "10.0.0.5" };
    const look = (headers: Record<string, string>) =>
      rawCall(`${s.url}/doors/gate/face-requests`, "POST", { ...far, ...headers });
    assert.equal((await look({})).json.code, "not-at-door");
    assert.equal((await look({ "limen-csrf": csrf })).status, 200);
    const again = await rawCall(
      `${s.url}/session`,
      "POST",
      { cookie: pair, "content-type": "application/json" },
      JSON.stringify({ name: "manager", password: "right" }),
    );
    assert.equal(again.status, 200);
  });

  it("slows down guessing by address and says how long", async () => {
    const guess = () => call(`${s.url}/session`, "POST", { name: "manager", password: "wrong" });
    for (let n = 0; n < 10; n++) assert.equal((await guess()).status, 401);
    const refused = await guess();
    assert.equal(refused.status, 429);
    assert.equal(refused.headers.get("retry-after"), "6");
    s.forward(6_000);
    assert.equal((await guess()).status, 401);
  });
});
