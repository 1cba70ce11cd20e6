import assert from "node:assert/strict";
import { cookieName, csrfToken } from "../../nodes/api/session.ts";
import { roles } from "../../vault/protocol/common.ts";
import { verbs } from "../../vault/protocol/index.ts";
import { bearer, call, rawCall, type Stand, secretOf, stand } from "./stand.ts";

interface Operation {
  "x-roles": string[] | "public" | "signed-in";
  "x-fresh"?: string[];
  requestBody?: { content: Record<string, unknown> };
}

describe("role × endpoint, from the OpenAPI document", () => {
  let s: Stand;
  const operations: [method: string, path: string, operation: Operation][] = [];

  before(async () => {
    s = await stand();
    const { json } = await call(`${s.url}/openapi.json`, "GET");
    const paths = json.paths as unknown as Record<string, Record<string, Operation>>;
    for (const [path, methods] of Object.entries(paths))
      for (const [method, operation] of Object.entries(methods)) operations.push([method, path, operation]);
  });
  beforeEach(() => s.forward(3_600_000));
  after(() => s.close());

  const url = (path: string) =>
    s.url + path.replace("{id}", path.startsWith("/doors") ? "gate" : "person_0123456789abcdef");
  const knock = (method: string, path: string, operation: Operation, headers: Record<string, string>) => {
    s.forward(60_000);
    const json = operation.requestBody?.content["application/json"] !== undefined;
    return call(url(path), method.toUpperCase(), json ? {} : undefined, headers);
  };

  it("has every route that the outside relies on", () => {
    const have = new Set(operations.map(([method, path]) => `${method.toUpperCase()} ${path}`));
    for (const needed of [
      "POST /session",
      "DELETE /session",
      "POST /persons",
      "GET /persons/{id}",
      "PATCH /persons/{id}",
      "POST /persons/{id}/credentials",
      "DELETE /credentials/{id}",
      "GET /notices/current",
      "POST /persons/{id}/consents",
      "DELETE /consents/{id}",
      "PUT /persons/{id}/face",
      "DELETE /persons/{id}/face",
      "GET /doors",
      "GET /doors/{id}",
      "POST /doors/{id}/face-requests",
      "POST /doors/{id}/open",
      "GET /events",
      "POST /persons/{id}/erasure",
      "GET /erasures/{id}",
      "GET /health",
    ])
      assert.ok(have.has(needed), needed);
  });

  it("refuses an anonymous caller everything that is not public, before the vault hears of it", async () => {
    for (const [method, path, operation] of operations) {
      if (operation["x-roles"] === "public") continue;
      const before = s.asked.length;
      const { status, json } = await knock(method, path, operation, {});
      assert.equal(`${status} ${json.code}`, "401 not-signed-in", `${method} ${path}`);
      assert.equal(s.asked.length, before, `${method} ${path}`);
    }
  });

  it("refuses every role that a route does not list", async () => {
    let refused = 0;
    for (const [method, path, operation] of operations) {
      const listed = operation["x-roles"];
      if (!Array.isArray(listed)) continue;
      for (const role of roles.filter((one) => !listed.includes(one))) {
        const { status, json } = await knock(method, path, operation, bearer(role));
        assert.equal(`${status} ${json.code}`, "403 not-allowed", `${role} ${method} ${path}`);
        refused++;
      }
    }
    assert.ok(refused > 50, `${refused} refusals`);
  });

  it("lets every listed role through to the next check", async () => {
    for (const [method, path, operation] of operations) {
      const listed = operation["x-roles"];
      if (!Array.isArray(listed)) continue;
      for (const role of listed) {
        const { status } = await knock(method, path, operation, bearer(role as (typeof roles)[number]));
        assert.ok(status !== 401 && status !== 403, `${role} ${method} ${path}: ${status}`);
      }
    }
  });

  it("wants a fresh sign-in for what cannot be undone, before a body is read or the vault hears of it", async () => {
    const check = s.handlers["session.check"]!;
    const asked: string[] = [];
    s.handlers["session.check"] = async (request, call) => ({
      ...(await check(request, call)),
      fresh: false,
    });
    try {
      for (const [method, path, operation] of operations)
        for (const role of operation["x-fresh"] ?? []) {
          const before = s.asked.length;
          const { status, json } = await knock(
            method,
            path,
            operation,
            bearer(role as (typeof roles)[number]),
          );
          assert.equal(`${status} ${json.code}`, "403 fresh-sign-in-needed", `${role} ${method} ${path}`);
          assert.deepEqual(
            s.asked.slice(before).map(({ verb }) => verb),
            ["session.check"],
          );
          asked.push(`${method} ${path}`);
        }
    } finally {
      s.handlers["session.check"] = check;
    }
    for (const needed of [
      "put /persons/{id}/face",
      "post /persons/{id}/erasure",
      "get /persons/{id}/export",
      "post /retention/run",
      "put /papers",
      "post /staff",
      "post /tokens",
      "post /session/passkeys",
    ])
      assert.ok(asked.includes(needed), needed);
  });

  it("takes no change from another site's page, nor without the page's own word", async () => {
    const changing = operations.filter(([method]) => method !== "get");
    assert.ok(changing.length > 60);
    const host = new URL(s.root).host;
    const elsewhere: Record<string, string>[] = [
      { "sec-fetch-site": "cross-site" },
      { "sec-fetch-site": "same-site", origin: `http://${host}` },
      { origin: "https://elsewhere.example" },
      { origin: "null" },
    ];
    const refused = async (
      [method, path, operation]: (typeof changing)[number],
      headers: Record<string, string>,
      expected: string,
      heard: string[],
    ): Promise<void> => {
      s.forward(60_000);
      const before = s.asked.length;
      const json = operation.requestBody?.content["application/json"] !== undefined;
      const type: Record<string, string> = json ? { "content-type": "application/json" } : {};
      const told = await rawCall(url(path), method.toUpperCase(), { ...type, ...headers }, json ? "{}" : "");
      const name = `${method} ${path} ${JSON.stringify(headers)}`;
      assert.equal(`${told.status} ${told.json.code}`, expected, name);
      assert.deepEqual(
        s.asked.slice(before).map(({ verb }) => verb),
        heard,
        name,
      );
    };
    for (const one of changing) {
      const [, , { "x-roles": listed }] = one;
      const role = (Array.isArray(listed) ? listed[0] : "manager") as (typeof roles)[number];
      const auth = secretOf(role);
      const cookie = `${cookieName(false)}=${auth}`;
      for (const from of elsewhere)
        await refused(one, { ...from, cookie, "limen-csrf": csrfToken(auth) }, "403 cross-site", []);
      if (listed === "public") continue; // nobody's session is used
      for (const word of [{}, { "limen-csrf": "x".repeat(43) }, { "limen-csrf": csrfToken(`${auth}x`) }])
        await refused(one, { ...word, cookie }, "403 csrf", ["session.check"]);
      const [method, path, operation] = one;
      const json = operation.requestBody?.content["application/json"] !== undefined;
      s.forward(60_000);
      const { json: told } = await rawCall(
        url(path),
        method.toUpperCase(),
        { cookie, "limen-csrf": csrfToken(auth), ...(json ? { "content-type": "application/json" } : {}) },
        json ? "{}" : "",
      );
      assert.notEqual(told.code, "csrf", `${method} ${path} with its own word`);
    }
  });

  it("changes nothing by a link: what is only read takes no body", () => {
    for (const [method, path, operation] of operations)
      if (method === "get") assert.equal(operation.requestBody, undefined, path);
  });

  it("has no verb with roles that the table would hand to anyone", () => {
    // Verbs with roles are reached only by lines with roles: a public line may use only the flow's own verbs.
    const guarded = Object.entries(verbs).filter(([, verb]) => verb.roles);
    assert.ok(guarded.length > 15);
    const open = operations
      .filter(([, , { "x-roles": listed }]) => listed === "public")
      .map(([m, p]) => `${m} ${p}`);
    assert.deepEqual(open.sort(), [
      "get /doors/{id}",
      "get /doors/{id}/presence",
      "get /health",
      "get /notices",
      "get /notices/current",
      "get /notices/entry",
      "get /rights",
      "post /doors/{id}/face-requests",
      "post /doors/{id}/frames",
      "post /doors/{id}/help",
      "post /doors/{id}/pin-entries",
      "post /erasures/receipt",
      "post /receipts/paper",
      "post /session",
      "post /session/invitation",
      "post /session/passkey",
      "post /session/passkey/challenge",
    ]);
  });
});
