import assert from "node:assert/strict";
import { LimenError } from "../../core/errors.ts";
import { attempt, attemptId, bearer, call, person, type Stand, stand } from "./stand.ts";

const screen = { id: "gate", name: "Gate", ways: ["card", "phone"], face: false, simulated: true };

describe("acts at doors, from a page", () => {
  let s: Stand;
  let acted: unknown[];
  before(async () => {
    s = await stand();
    const check = s.handlers["session.check"]!;
    s.handlers["session.check"] = async (request, of) => {
      const found = await check(request, of);
      return found.role === "resident" ? { ...found, person } : found;
    };
    s.handlers["door.screen"] = () => screen;
    s.acts.act = (...of) => {
      acted.push(of);
      return Promise.resolve(attemptId);
    };
  });
  beforeEach(() => {
    acted = [];
    s.forward(3_600_000);
  });
  after(() => s.close());
  const resident = bearer("resident");

  it("open a resident's own door on a deliberate press, with the screen's code where there is one", async () => {
    const { status, json } = await call(
      `${s.url}/me/doors/gate/open`,
      "POST",
      { confirm: true, code: "482913" },
      resident,
    );
    assert.deepEqual([status, json.outcome, typeof json.sentence], [200, "granted", "string"]);
    assert.deepEqual(acted, [["gate", "phone", { auth: resident.authorization!.slice(7), code: "482913" }]]);
  });

  it("open nothing without the press, for staff, or with a code that is none", async () => {
    const open = (body: object, headers: Record<string, string> = resident) =>
      call(`${s.url}/me/doors/gate/open`, "POST", body, headers);
    assert.equal((await open({})).status, 400);
    assert.equal((await open({ confirm: false })).status, 400);
    assert.equal((await open({ confirm: true, code: "48291" })).status, 400);
    assert.equal((await open({ confirm: true }, bearer("manager"))).status, 403);
    assert.equal((await open({ confirm: true }, {})).status, 401);
    assert.deepEqual(acted, []);
  });

  it("want the page's token with a cookie, and slow down whoever presses again and again", async () => {
    const cookie = { cookie: `limen_session=${resident.authorization!.slice(7)}` };
    const open = (headers: Record<string, string>) =>
      call(`${s.url}/me/doors/gate/open`, "POST", { confirm: true }, headers);
    assert.equal(`${(await open(cookie)).status} ${(await open(cookie)).json.code}`, "403 csrf");
    const answers: number[] = [];
    for (let press = 0; press < 6; press++) answers.push((await open(resident)).status);
    assert.deepEqual(answers, [200, 200, 200, 200, 429, 429]);
    s.forward(10_000);
    assert.equal((await open(resident)).status, 200);
  });

  it("record an exit drill by who walks by the doors, and nothing but what came of it", async () => {
    const drills: object[] = [];
    s.handlers["door.drill"] = (request: object) => {
      drills.push(request);
      return {};
    };
    const drill = (body: object, role: "guard" | "technician" | "desk" = "guard") =>
      call(`${s.url}/doors/gate/exit-drills`, "POST", body, bearer(role));
    assert.equal((await drill({})).status, 400);
    assert.equal((await drill({ opened: true, by: "Wang" })).status, 400);
    assert.equal((await drill({ opened: true }, "desk")).status, 403);
    assert.deepEqual(drills, []);
    assert.equal((await drill({ opened: false }, "technician")).status, 204);
    const auth = bearer("technician").authorization!.slice(7);
    assert.deepEqual(drills, [{ auth, door: "gate", opened: false }]);
  });

  it("end a fire release by guard or manager, with a reason, and say why not", async () => {
    const end = (body: object, role: "guard" | "manager" | "desk" | "technician" = "guard") =>
      call(`${s.url}/doors/gate/fire-resets`, "POST", body, bearer(role));
    assert.equal((await end({})).status, 400);
    assert.equal((await end({ reason: "bored" })).status, 400);
    for (const role of ["desk", "technician"] as const)
      assert.equal((await end({ reason: "drill" }, role)).status, 403);
    assert.deepEqual(acted, []);
    assert.equal((await end({ reason: "false-alarm" })).status, 204);
    const auth = bearer("guard").authorization!.slice(7);
    assert.deepEqual(acted, [["gate", "fire-reset", { auth, reason: "false-alarm" }]]);
    const usual = s.acts.act;
    const codes: string[] = [];
    for (const [code, at] of [
      ["fire-stands", 409],
      ["no-such-way", 404],
    ] as const) {
      s.acts.act = () => Promise.reject(new LimenError(code, { status: at }));
      const refused = await end({ reason: "over" }, "manager");
      codes.push(`${refused.status} ${refused.json.code}`);
    }
    s.acts.act = usual;
    assert.deepEqual(codes, ["409 fire-stands", "404 no-fire-watch"]);
  });

  it("say why a door stayed shut, in the language asked for", async () => {
    s.acts.outcome = () => Promise.resolve(attempt({ method: "phone", outcome: "denied", code: "not-near" }));
    const { json } = await call(
      `${s.url}/me/doors/gate/open`,
      "POST",
      { confirm: true },
      { ...resident, "accept-language": "zh-TW" },
    );
    assert.deepEqual([json.code, json.sentence], ["not-near", "請輸入門口螢幕目前顯示的數字。"]);
    s.acts.outcome = () => Promise.resolve(attempt({ outcome: "granted", code: "granted" }));
  });

  it("type a code at the door's own screen only, and show its own code there only", async () => {
    s.handlers["door.presence"] = () => ({ code: "482913", seconds: 12 });
    const away = { "x-forwarded-for": "203.0.113.7" };
    const type = (headers: Record<string, string>) =>
      call(`${s.url}/doors/gate/pin-entries`, "POST", { digits: "730162" }, headers);
    assert.equal((await type(away)).json.code, "not-at-door");
    assert.equal(
      (await call(`${s.url}/doors/gate/presence`, "GET", undefined, away)).json.code,
      "not-at-door",
    );
    assert.deepEqual(acted, []);
    const { status, json } = await type({});
    assert.deepEqual([status, json.outcome], [200, "granted"]);
    assert.deepEqual(acted, [["gate", "pin", { digits: "730162" }]]);
    assert.doesNotMatch(JSON.stringify(json) + s.log.join(), /730162/);
    const shown = await call(`${s.url}/doors/gate/presence`, "GET");
    assert.deepEqual([shown.status, shown.json], [200, { code: "482913", seconds: 12 }]);
    for (const digits of ["12", "1234567890123", "12ab"])
      assert.equal((await call(`${s.url}/doors/gate/pin-entries`, "POST", { digits })).status, 400);
  });

  it("set a resident's own code, and let the desk only make one", async () => {
    s.handlers["code.set"] = ({ person: whose, code, duress }) => ({
      id: "cred_0123456789abcdef",
      ...(code === undefined ? { code: "639174" } : {}),
      ...(duress === "new" ? { duress: whose === person ? "730162" : "482917" } : {}),
    });
    const own = await call(`${s.url}/me/code`, "PUT", { code: "482915", duress: "new" }, resident);
    assert.deepEqual([own.status, own.json], [200, { id: "cred_0123456789abcdef", duress: "730162" }]);
    const desk = (body: object) =>
      call(`${s.url}/persons/person_fedcba9876543210/code`, "PUT", body, bearer("desk"));
    assert.deepEqual((await desk({ duress: true })).json, {
      id: "cred_0123456789abcdef",
      code: "639174",
      duress: "482917",
    });
    assert.equal((await desk({ code: "482915" })).status, 400);
    const asked = s.asked.filter(({ verb }) => verb === "code.set").map(({ request }) => request);
    assert.deepEqual(
      asked.map(({ person: whose, code, duress }) => [whose, code, duress]),
      [
        [person, "482915", "new"],
        ["person_fedcba9876543210", undefined, "new"],
      ],
    );
  });
});
