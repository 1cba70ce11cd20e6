import assert from "node:assert/strict";
import { isAtDoor, screenToken } from "../../nodes/api/screens.ts";
import { bearer, rawCall, type Stand, stand } from "./stand.ts";

const key = Buffer.alloc(32, 7);
const now = new Date("2026-11-24T00:00:00Z");
const request = (address: string, headers: Record<string, string> = {}) =>
  ({ headers, socket: { remoteAddress: address } }) as never;

describe("where a look may be asked from", () => {
  it("is the door's own paired screen, and for a door that is only drawn the box itself", () => {
    const cookie = `x=1; limen_screen=${screenToken(key, "gate", now.getTime() + 1000)}`;
    assert.ok(isAtDoor(request("10.0.0.5", { cookie }), key, "gate", now, false));
    const secure = { cookie: cookie.replace("limen_screen", "__Host-limen_screen") };
    assert.ok(isAtDoor(request("10.0.0.5", secure), key, "gate", now, false));
    for (const local of ["127.0.0.1", "::1", "::ffff:127.0.0.1"]) {
      assert.ok(isAtDoor(request(local), key, "gate", now, true));
      assert.ok(!isAtDoor(request(local), key, "gate", now, false), "a flow's own request, by a timer");
    }
  });

  it("is nowhere else", () => {
    const token = screenToken(key, "gate", now.getTime() + 1000);
    const cases: [string, Record<string, string>][] = [
      ["10.0.0.5", {}],
      ["127.0.0.1", { "x-forwarded-for": "10.0.0.5" }], // behind a proxy everyone looks local
      ["127.0.0.1", { forwarded: "for=10.0.0.5" }],
      ["10.0.0.5", { cookie: `limen_screen=${token.replace("gate", "lobby")}` }],
      ["10.0.0.5", { cookie: `limen_screen=${token.slice(0, -1)}` }],
      ["10.0.0.5", { cookie: `limen_screen=gate.${now.getTime() + 9999}.${token.split(".")[2]}` }],
      ["10.0.0.5", { cookie: "limen_screen=gate" }],
      ["10.0.0.5", { cookie: `limen_screen=${screenToken(Buffer.alloc(32), "gate", now.getTime() + 1000)}` }],
    ];
    for (const [address, headers] of cases)
      assert.ok(
        !isAtDoor(request(address, headers), key, "gate", now, true),
        JSON.stringify([address, headers]),
      );
    const later = new Date(now.getTime() + 2000);
    assert.ok(!isAtDoor(request("10.0.0.5", { cookie: `limen_screen=${token}` }), key, "gate", later, true));
    assert.ok(!isAtDoor(request("10.0.0.5", { cookie: `limen_screen=${token}` }), key, "lobby", now, true));
  });
});

describe("screens over HTTP", () => {
  let s: Stand;
  let simulated = false;
  before(async () => {
    s = await stand();
    s.handlers["door.screen"] = ({ door }) => ({
      id: door,
      name: "Gate",
      ways: ["card"],
      face: true,
      simulated,
    });
  });
  beforeEach(() => s.forward(3_600_000));
  after(() => s.close());
  const far = { "x-forwarded-for": "10.0.0.5" };
  const look = (headers: Record<string, string>) =>
    rawCall(`${s.url}/doors/gate/face-requests`, "POST", { ...far, ...headers });

  it("refuse a look from afar at a real door, for staff too", async () => {
    simulated = false;
    for (const headers of [{}, bearer("manager")]) {
      const { status, json } = await look(headers as Record<string, string>);
      assert.equal(`${status} ${json.code}`, "403 not-at-door");
      const here = await rawCall(
        `${s.url}/doors/gate/face-requests`,
        "POST",
        headers as Record<string, string>,
      );
      assert.equal(here.json.code, "not-at-door", "nor on the box itself");
    }
  });

  it("let staff pretend at a simulated door, and residents not", async () => {
    simulated = true;
    assert.equal((await look(bearer("desk"))).status, 200);
    assert.equal((await look(bearer("resident"))).json.code, "not-at-door");
  });

  it("are paired by a manager or technician, each with one door", async () => {
    simulated = false;
    const response = await fetch(`${s.url}/doors/gate/screen`, {
      method: "POST",
      headers: bearer("technician"),
    });
    assert.equal(response.status, 204);
    const set = response.headers.get("set-cookie") ?? "";
    assert.match(
      set,
      /^limen_screen=gate\.\d+\.[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
    const cookie = set.split(";")[0]!;
    assert.equal((await look({ cookie })).status, 200);
    const other = await rawCall(`${s.url}/doors/lobby/face-requests`, "POST", { ...far, cookie });
    assert.equal(other.json.code, "not-at-door");
  });

  it("stand ready however many strangers press", async () => {
    simulated = false;
    s.handlers["door.screen"] = ({ door }) => ({
      id: door,
      name: "Gate",
      ways: ["card", "pin"],
      face: true,
      simulated,
      camera: "gate-camera",
    });
    s.handlers.event = () => ({ index: 1, origin: "x" });
    s.handlers.frame = () => ({ wanted: false });
    const own = { cookie: `limen_screen=${screenToken(key, "gate", Date.now() + 60_000)}` };
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
    const asks: [path: string, headers: Record<string, string>, body: string | Buffer][] = [
      ["face-requests", {}, ""],
      ["help", {}, ""],
      ["pin-entries", { "content-type": "application/json" }, '{"digits":"123456"}'],
      ["frames", { "content-type": "image/jpeg" }, jpeg],
    ];
    for (const [path, headers, body] of asks) {
      s.forward(3_600_000);
      const ask = (more: Record<string, string>) =>
        rawCall(`${s.url}/doors/gate/${path}`, "POST", { ...headers, ...more }, body);
      for (let n = 0; n < 100; n++) assert.equal((await ask(far)).json.code, "not-at-door");
      const { status, json } = await ask({ ...far, ...own });
      assert.ok(status < 300, `${path}: ${status} ${json.code ?? ""}`);
    }
  });
});
