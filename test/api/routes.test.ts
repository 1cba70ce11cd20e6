import assert from "node:assert/strict";
import { LimenError } from "../../core/errors.ts";
import { sentence } from "../../core/words.ts";
import { attempt, attemptId, bearer, call, person, type Stand, secretOf, stand } from "./stand.ts";

const consent = {
  id: "consent_0123456789abcdef",
  person,
  purpose: "door-entry" as const,
  method: "face" as const,
  doors: ["gate"],
  notice: "door-entry/face/1.0/ab",
  language: "zh-CN" as const,
  givenBy: "self" as const,
  channel: "desk" as const,
  state: "given" as const,
  since: "2026-11-24T00:00:00Z",
};

describe("routes of the API", () => {
  let s: Stand;
  before(async () => {
    s = await stand();
    s.handlers["door.screen"] = ({ door }) => ({
      id: door,
      name: "Gate",
      ways: ["card"],
      face: true,
      simulated: true,
    });
  });
  beforeEach(() => {
    s.forward(3_600_000);
    s.asked.length = 0;
    s.log.length = 0;
    s.acts.act = () => Promise.resolve(attemptId);
  });
  after(() => s.close());
  const last = () => s.asked.at(-1)!;

  it("registers a person in the vault's words", async () => {
    s.handlers["person.create"] = () => ({ id: person });
    const body = { name: "王芳", birth_date: "1950-02-03", flat: "3-201", languages: ["zh-CN"] };
    const { status, json } = await call(`${s.url}/persons`, "POST", body, bearer("desk"));
    assert.equal(status, 201);
    assert.deepEqual(json, { id: person });
    const { auth: _, ...asked } = last().request;
    assert.deepEqual(asked, { name: "王芳", birthDate: "1950-02-03", flat: "3-201", languages: ["zh-CN"] });
  });

  it("takes a kind of proof and not who saw it, and hands on what is to be taken away", async () => {
    s.handlers["person.create"] = () => ({ id: person });
    s.handlers["person.update"] = () => ({});
    const post = (body: object) => call(`${s.url}/persons`, "POST", body, bearer("desk"));
    assert.equal((await post({ name: "王芳", proof: "lease" })).status, 201);
    assert.equal(last().request.proof, "lease");
    for (const proof of ["selfie", { kind: "lease", by: "somebody", on: "2020-01-01" }]) {
      const { status, json } = await post({ name: "王芳", proof });
      assert.equal(`${status} ${json.code}`, "400 invalid");
    }
    const none = { birth_date: null, flat: null, languages: null, proof: null };
    const { status } = await call(`${s.url}/persons/${person}`, "PATCH", none, bearer("desk"));
    assert.equal(status, 204);
    const { auth: _, ...asked } = last().request;
    assert.deepEqual(asked, { id: person, birthDate: null, flat: null, languages: null, proof: null });
    const nameless = await call(`${s.url}/persons/${person}`, "PATCH", { name: null }, bearer("desk"));
    assert.equal(`${nameless.status} ${nameless.json.code}`, "400 invalid", "a name is all there must be");
  });

  it("reads a person only for a purpose, which the vault is told", async () => {
    s.handlers["person.read"] = () => ({
      id: person,
      name: "王芳",
      birthDate: "1950-02-03",
      state: "resident",
      template: true,
      secondMethod: ["gate"],
      credentials: [
        {
          id: "cred_0123456789abcdef",
          kind: "card",
          assurance: "clonable",
          tail: "6634",
          state: "active",
          validUntil: "2027-01-01T00:00:00Z",
        },
      ],
    });
    const none = await call(`${s.url}/persons/${person}`, "GET", undefined, bearer("desk"));
    assert.equal(`${none.status} ${none.json.code}`, "400 purpose-needed");
    assert.ok(!s.asked.some(({ verb }) => verb === "person.read"));
    const headers = { ...bearer("desk"), "limen-purpose": "desk-request" };
    const { json } = await call(`${s.url}/persons/${person}`, "GET", undefined, headers);
    assert.equal(last().request.purpose, "desk-request");
    assert.equal(json.birth_date, "1950-02-03");
    assert.deepEqual(json.second_method, ["gate"]);
    assert.equal((json.credentials as { valid_until: string }[])[0]!.valid_until, "2027-01-01T00:00:00Z");
  });

  it("lists consents, passes and erasures to staff for a purpose, and to a resident without one", async () => {
    for (const [path, verb, held] of [
      ["consents", "consent.list", { consents: [] }],
      ["passes", "pass.list", { passes: [] }],
      ["erasures", "erasure.list", { erasures: [] }],
    ] as const) {
      s.handlers[verb] = () => held as never;
      const list = (headers: Record<string, string>) =>
        call(`${s.url}/persons/${person}/${path}`, "GET", undefined, headers);
      const none = await list(bearer("desk"));
      assert.equal(`${none.status} ${none.json.code}`, "400 purpose-needed", path);
      assert.ok(!s.asked.some((asked) => asked.verb === verb), path);
      assert.equal((await list({ ...bearer("desk"), "limen-purpose": "desk-request" })).status, 200);
      assert.equal(last().request.purpose, "desk-request");
      assert.equal((await list(bearer("resident"))).status, 200);
      assert.equal("purpose" in last().request, false, path);
    }
  });

  it("never lets out a field that the answer does not list", async () => {
    s.handlers["person.read"] = () =>
      ({ id: person, name: "A", state: "resident", template: true, credentials: [], vector: [1] }) as never;
    const headers = { ...bearer("desk"), "limen-purpose": "audit" };
    const { status, json } = await call(`${s.url}/persons/${person}`, "GET", undefined, headers);
    assert.equal(`${status} ${json.code}`, "500 internal");
    assert.ok(!JSON.stringify(json).includes("vector"));
  });

  it("issues and blocks a card", async () => {
    s.handlers["credential.issue"] = () => ({ id: "cred_0123456789abcdef", assurance: "clonable" });
    s.handlers["credential.block"] = () => ({});
    const card = {
      kind: "card",
      notation: "8H10D",
      number: "0040856634",
      valid_until: "2027-01-01T00:00:00Z",
    };
    const issued = await call(`${s.url}/persons/${person}/credentials`, "POST", card, bearer("desk"));
    assert.deepEqual(issued.json, { id: "cred_0123456789abcdef", assurance: "clonable" });
    assert.equal(last().request.validUntil, "2027-01-01T00:00:00Z");
    const blocked = await call(
      `${s.url}/credentials/cred_0123456789abcdef`,
      "DELETE",
      { reason: "lost" },
      bearer("guard"),
    );
    assert.equal(blocked.status, 204);
    assert.equal(last().request.reason, "lost");
  });

  it("shows the notice to anyone, in the request's language", async () => {
    s.handlers["notice.current"] = ({ language }) => ({
      id: "n",
      version: "1.0",
      hash: "0".repeat(64),
      language,
      text: "…",
      doors: ["gate"],
    });
    const { json } = await call(`${s.url}/notices/current?method=face&door=gate`, "GET", undefined, {
      "accept-language": "zh-Hant-TW,zh;q=0.8",
    });
    assert.equal(json.language, "zh-TW");
    const chosen = await call(`${s.url}/notices/current?language=zh-CN`, "GET");
    assert.equal(chosen.json.language, "zh-CN");
  });

  it("records a consent and its withdrawal", async () => {
    s.handlers["consent.give"] = () => ({ consent, receipt: "{}" });
    s.handlers["consent.withdraw"] = () => ({
      consent: { ...consent, state: "withdrawn" as const },
      erasure: "erasure_0123456789abcdef",
    });
    const body = {
      purpose: "door-entry",
      method: "face",
      doors: ["gate"],
      notice: consent.notice,
      given_by: "self",
      channel: "desk",
    };
    const given = await call(`${s.url}/persons/${person}/consents`, "POST", body, {
      ...bearer("desk"),
      "accept-language": "zh-CN",
    });
    assert.equal(given.status, 201);
    assert.equal((given.json.consent as { given_by: string }).given_by, "self");
    assert.equal(last().request.givenBy, "self");
    assert.equal(last().request.language, "zh-CN");
    const gone = await call(`${s.url}/consents/${consent.id}`, "DELETE", undefined, bearer("desk"));
    assert.equal(gone.json.erasure, "erasure_0123456789abcdef");
  });

  it("answers a face request with outcome, code and sentence, and not with who it was", async () => {
    s.acts.act = (door, kind, act) => {
      assert.deepEqual([door, kind], ["gate", "face"]);
      assert.equal("id" in act && act.id.length, 26);
      return Promise.resolve(attemptId);
    };
    s.acts.outcome = () => Promise.resolve(attempt({ outcome: "denied", code: "no-consent" }));
    const { status, json } = await call(`${s.url}/doors/gate/face-requests`, "POST", undefined, {
      "accept-language": "en-US",
    });
    assert.equal(status, 200);
    assert.equal(json.outcome, "denied");
    assert.equal(json.code, "no-consent");
    assert.ok(String(json.sentence).length > 10 && json.sentence !== "attempt.no-consent");
    assert.ok(!JSON.stringify(json).includes(person));
  });

  it("counts face requests by door, so that one door's crowd is that door's", async () => {
    s.acts.outcome = () => Promise.resolve(attempt({ outcome: "granted", code: "granted" }));
    const press = (door: string) => call(`${s.url}/doors/${door}/face-requests`, "POST");
    for (let n = 0; n < 6; n++) assert.equal((await press("gate")).status, 200);
    assert.equal((await press("gate")).status, 429);
    assert.equal((await press("lobby")).status, 200);
  });

  it("opens for a guard with the guard's own session, and only with a reason", async () => {
    s.acts.act = (_door, kind, act) => {
      assert.equal(kind, "assist");
      assert.deepEqual(act, { auth: secretOf("guard"), reason: "courier" });
      return Promise.resolve(attemptId);
    };
    s.acts.outcome = () => Promise.resolve(attempt({ method: "guard", outcome: "granted", code: "granted" }));
    const bare = await call(`${s.url}/doors/gate/open`, "POST", {}, bearer("guard"));
    assert.equal(`${bare.status} ${bare.json.field}`, "400 /reason");
    const opened = await call(`${s.url}/doors/gate/open`, "POST", { reason: "courier" }, bearer("guard"));
    assert.equal(opened.json.outcome, "granted");
  });

  it("lists events by door and time, with a number for a limit", async () => {
    s.handlers["event.list"] = () => ({ events: [] });
    await call(
      `${s.url}/events?door=gate&since=2026-11-24T00:00:00Z&limit=5`,
      "GET",
      undefined,
      bearer("guard"),
    );
    const { auth: _, ...asked } = last().request;
    assert.deepEqual(asked, { door: "gate", since: "2026-11-24T00:00:00Z", limit: 5 });
    const byPerson = await call(`${s.url}/events?person=${person}`, "GET", undefined, bearer("manager"));
    assert.equal(`${byPerson.status} ${byPerson.json.field}`, "400 /person");
  });

  it("says with the doors that the running flow opens none, by which rules, in the reader's language", async () => {
    const door = { id: "gate", name: "Gate", class: "gate", ways: ["card"], state: "closed" as const };
    s.handlers["door.list"] = () => ({
      doors: [door],
      off: { relays: true, faces: false, why: "flow-refused", rules: ["another-way", "changed-on-disk"] },
    });
    const asked = async (language: string) =>
      (
        await call(`${s.url}/doors`, "GET", undefined, {
          ...bearer("guard"),
          "accept-language": language,
        })
      ).json.off;
    assert.deepEqual(await asked("zh-TW"), {
      relays: true,
      faces: false,
      why: "flow-refused",
      rules: [
        { id: "another-way", name: sentence("zh-TW", "rule.another-way.name") },
        { id: "changed-on-disk", name: "部署而非改檔" },
      ],
    });
    s.handlers["door.list"] = () => ({ doors: [door] });
    assert.equal(await asked("en-US"), undefined);
  });

  it("tells staff how the site is, and everyone else whether", async () => {
    s.handlers.health = () => ({
      status: "degraded",
      log: { size: 3, origin: "o", vkey: "v" },
      keys: { generation: 1, store: "slots" },
      faces: { ready: false, missing: ["detector"], enrolled: 0 },
      cameras: [],
      armed: { face: false, relays: true },
    });
    assert.deepEqual((await call(`${s.url}/health`, "GET")).json, { status: "degraded", vault: "up" });
    const staff = await call(`${s.url}/health`, "GET", undefined, bearer("technician"));
    assert.deepEqual((staff.json.faces as { missing: string[] }).missing, ["detector"]);
  });

  it("passes the vault's refusals on, with a status, a code and nothing of ours in the log", async () => {
    s.handlers["consent.give"] = () => {
      throw new LimenError("notice-old", { status: 409, field: "/notice" });
    };
    const body = {
      purpose: "door-entry",
      method: "face",
      doors: ["gate"],
      notice: "old",
      given_by: "self",
      channel: "desk",
    };
    const { status, json, headers } = await call(
      `${s.url}/persons/${person}/consents`,
      "POST",
      body,
      bearer("desk"),
    );
    assert.equal(status, 409);
    assert.equal(headers.get("content-type"), "application/problem+json; charset=utf-8");
    assert.deepEqual(
      [json.code, json.field, json.type],
      ["notice-old", "/notice", "urn:limen:problem:notice-old"],
    );
    assert.deepEqual(s.log, []);
  });
});
