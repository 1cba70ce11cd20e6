import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LimenError } from "../../core/errors.ts";
import { noDiff } from "../../core/policy/changes/diff.ts";
import type { Handlers } from "../../vault/handlers.ts";
import type { VerbName } from "../../vault/protocol/index.ts";
import { VaultServer } from "../../vault/server.ts";

const limen = fileURLToPath(new URL("../../cli/limen.ts", import.meta.url));
const token = "a-token-that-is-long-enough";

describe("the limen command", () => {
  const data = mkdtempSync(join(tmpdir(), "limen-cli-"));
  const asked: { verb: VerbName; request: Record<string, unknown> }[] = [];
  const handlers: Partial<Handlers> = {
    "token.create": () => ({ id: "token_0123456789abcdef", token, expires: "2027-01-01T00:00:00Z" }),
    "token.revoke": () => ({}),
    "credential.chip": () => ({ id: "cred_0123456789abcdef", assurance: "strong", tail: "C040" }),
    "staff.list": () => ({
      staff: [
        {
          id: "staff_0123456789abcdef",
          name: "Wang",
          role: "guard",
          disabled: false,
          waiting: false,
          passkeys: 2,
        },
      ],
    }),
    "change.list": () => ({
      waiting: [
        {
          id: 9,
          by: "ann",
          role: "manager",
          since: "2026-11-24T00:00:00Z",
          expires: "2026-11-27T00:00:00Z",
          before: "a".repeat(64),
          after: "b".repeat(64),
          mine: false,
        },
      ],
      changes: [
        { id: 7, day: "2026-11-24", kind: "refused", by: "ben", role: "technician", rules: ["no-leak"] },
      ],
    }),
    "change.read": ({ id }) => ({
      id,
      day: "2026-11-24",
      kind: "deployed",
      rules: [],
      diff: { ...noDiff, facts: [{ door: "gate", name: "ways", before: "card", after: "" }] },
    }),
    "change.override": ({ id }) => ({ id, after: "b".repeat(64) }),
    "change.accept": () => ({ id: 1, after: "b".repeat(64) }),
    "staff.reset": () => ({ password: "aaaa-bbbb-cccc-dddd-eeee" }),
    "staff.disable": () => ({}),
    "staff.enable": () => ({ password: "once-more" }),
    "staff.add": ({ name }) => {
      if (name === "taken") throw new LimenError("not-allowed", { status: 409 });
      return { id: "staff_0123456789abcdef" };
    },
  };
  let server: VaultServer;
  before(async () => {
    server = new VaultServer({
      socket: join(data, "run", "vault.sock"),
      operatorSocket: join(data, "run", "operator.sock"),
      whoIs: () => {
        throw new LimenError("not-signed-in", { status: 401 });
      },
      onFault: () => undefined,
      handlers: new Proxy({} as Handlers, {
        get: (_, verb: VerbName) => (request: never, call: never) => {
          asked.push({ verb, request });
          return (handlers[verb] as (request: never, call: never) => unknown)(request, call);
        },
      }),
    });
    await server.listen();
  });
  after(async () => {
    await server.close();
    rmSync(data, { recursive: true, force: true });
  });

  const run = (args: string[], env: Record<string, string> = {}) =>
    new Promise<{ code: number; out: string; err: string }>((resolve) => {
      const options = { env: { ...process.env, LIMEN_DATA: data, LC_ALL: "", LANG: "en_US.UTF-8", ...env } };
      execFile(process.execPath, [limen, ...args], options, (error, out, err) =>
        resolve({ code: error ? Number(error.code) : 0, out, err }),
      );
    });

  it("prints a token alone on stdout, and what it is on stderr", async () => {
    const { code, out, err } = await run([
      "token",
      "create",
      "--role",
      "desk",
      "--label",
      "kiosk",
      "--days",
      "30",
    ]);
    assert.deepEqual([code, out], [0, `${token}\n`]);
    assert.match(err, /2027-01-01/);
    assert.ok(!err.includes(token));
    const { auth: _, ...request } = asked.at(-1)!.request;
    assert.deepEqual(request, { role: "desk", label: "kiosk", days: 30 });
  });

  it("lets the operator of the box help whoever lost password and passkeys", async () => {
    assert.equal((await run(["staff", "list"])).out, "Wang\tguard\t2\n");
    const reset = await run(["staff", "reset", "wang"]);
    assert.deepEqual([reset.code, reset.out], [0, "aaaa-bbbb-cccc-dddd-eeee\n"]);
    assert.equal(asked.at(-1)!.request.id, "staff_0123456789abcdef");
    assert.equal((await run(["staff", "disable", "Wang"])).code, 0);
    assert.equal(asked.at(-1)!.verb, "staff.disable");
    assert.equal((await run(["staff", "enable", "Wang"])).out, "once-more\n");
    assert.equal(asked.at(-1)!.verb, "staff.enable");
    const unknown = await run(["staff", "reset", "nobody"]);
    assert.notEqual(unknown.code, 0);
    assert.equal(unknown.out, "");
  });

  it("tells of changes, and lets the operator stand in for a second person for one of few reasons", async () => {
    const listed = (await run(["changes"])).out;
    assert.match(listed, /^9 {2}Waits for a second person: By ann/m);
    assert.match(listed, /^7 {2}2026-11-24 {2}Refused {2}ben \(technician\) {2}no-leak$/m);
    assert.match((await run(["changes", "show", "7"])).out, /without staff: card → nothing/);
    const done = await run(["changes", "override", "9", "--reason", "nobody-there"]);
    assert.equal(done.code, 0);
    assert.match(done.err, /without a second person/);
    const { auth: _, ...request } = asked.at(-1)!.request;
    assert.deepEqual([asked.at(-1)!.verb, request], ["change.override", { id: 9, reason: "nobody-there" }]);
    assert.equal((await run(["changes", "accept", "--reason", "restored"])).code, 0);
    assert.equal(asked.at(-1)!.verb, "change.accept");
    const before = asked.length;
    for (const wrong of [
      ["override", "9"],
      ["override", "9", "--reason", "because"],
      ["override", "x", "--reason", "emergency"],
      ["accept"],
      ["forget"],
    ])
      assert.notEqual((await run(["changes", ...wrong])).code, 0);
    assert.equal(asked.length, before);
  });

  it("makes an account with a password nobody chose", async () => {
    const first = await run(["staff", "add", "wang", "--role", "guard"]);
    const second = await run(["staff", "add", "li", "--role", "guard"]);
    assert.equal(first.code, 0);
    assert.match(first.out, /^([a-z2-9]{4}-){3}[a-z2-9]{4}\n$/);
    assert.notEqual(first.out, second.out);
    assert.equal(asked.at(-1)!.request.password, second.out.trim());
  });

  it("writes and gives a protected card", async () => {
    const person = "person_0123456789abcdef";
    const { code, out, err } = await run(["card", person, "--door", "gate", "--number"]);
    assert.deepEqual([code, out], [0, ""]);
    assert.match(err, /Lay a blank .* gate[\s\S]*cred_0123456789abcdef/);
    const { request } = asked.find(({ verb }) => verb === "credential.chip")!;
    assert.deepEqual(
      { person: request.person, door: request.door, sun: request.sun, byNumber: request.byNumber },
      { person, door: "gate", sun: false, byNumber: true },
    );
    assert.match((await run(["card", person])).err, /Use: limen card/);
  });

  it("says what is wrong, in the terminal's language, and exits with it", async () => {
    assert.equal((await run([])).code, 2);
    assert.equal((await run(["help"])).code, 0);
    assert.equal((await run(["open-door"])).code, 2);
    assert.match((await run(["token", "create", "--role", "king"])).err, /manager, desk, guard/);
    assert.equal((await run(["token", "create", "--colour", "red"])).code, 2);
    assert.match((await run(["token", "create", "--role", "desk", "--days", "0"])).err, /days/);
    assert.equal((await run(["staff", "add", "taken", "--role", "desk"])).code, 1);
    const away = { LIMEN_OPERATOR_SOCKET: join(data, "nobody.sock") };
    assert.match((await run(["token", "create", "--role", "desk"], away)).err, /does not answer/);
    assert.match((await run(["token"], { LANG: "zh_TW.UTF-8" })).err, /用法/);
  });
});
