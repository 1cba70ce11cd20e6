import assert from "node:assert/strict";
import { operatorAuth, type Role, roles, type Verb } from "../../vault/protocol/common.ts";
import { type VerbName, verbs } from "../../vault/protocol/index.ts";
import { openRig, type Rig, tokenFor } from "./rig.ts";

const staffed = Object.entries(verbs as Record<string, Verb>).filter(([, { roles: may }]) => may);

describe("roles", () => {
  let rig: Rig;
  const tokens = new Map<Role, string>();
  before(async () => {
    rig = await openRig();
    for (const role of roles) if (role !== "resident") tokens.set(role, await tokenFor(rig, role));
  });
  after(() => rig.close());

  const ask = async (verb: string, request: object): Promise<string> =>
    await rig.client.call(verb as VerbName, request as never).then(
      () => "answered",
      ({ code }: { code: string }) => code,
    );

  it("guard every verb that touches people, staff or erasure", () => {
    const open = Object.keys(verbs).filter((name) => !(verbs as Record<string, Verb>)[name]!.roles);
    assert.deepEqual(open.sort(), [
      "attempt",
      "change.forget",
      "change.record",
      "chip.answer",
      "chip.begin",
      "chip.drop",
      "configure",
      "consent",
      "decide",
      "door.presence",
      "door.screen",
      "erasure.receipt",
      "event",
      "face.threshold",
      "frame",
      "health",
      "identify",
      "level",
      "match",
      "notice.current",
      "notice.list",
      "passkey.challenge",
      "passkey.open",
      "ping",
      "reader.pairing",
      "recipient.list",
      "record",
      "redeem",
      "retention.preview",
      "retention.run",
      "rights.public",
      "session.accept",
      "session.check",
      "session.close",
      "session.open",
    ]);
  });

  it("refuse nobody, strangers and the operator's word on the flow's socket", async () => {
    for (const [verb] of staffed) {
      assert.equal(await ask(verb, {}), "not-signed-in", verb);
      assert.equal(await ask(verb, { auth: "ls_0000000000000000000000000000" }), "not-signed-in", verb);
      assert.equal(await ask(verb, { auth: "the-operator-of-this-box" }), "not-signed-in", verb);
      assert.equal(await ask(verb, { auth: 7 }), "not-signed-in", verb);
    }
  });

  it("refuse every role that is not listed, whatever else is in the request", async () => {
    let refused = 0;
    for (const [verb, { roles: may }] of staffed) {
      for (const [role, auth] of tokens) {
        const code = await ask(verb, { auth });
        if (may!.includes(role)) assert.notEqual(code, "not-allowed", `${role} ${verb}`);
        else {
          assert.equal(code, "not-allowed", `${role} ${verb}`);
          refused++;
        }
      }
    }
    assert.ok(refused > 50);
  });

  it("make no resident's token, and no resident account", async () => {
    const auth = operatorAuth;
    await assert.rejects(rig.operator.call("token.create", { auth, role: "resident", label: "x", days: 1 }), {
      code: "not-allowed",
    });
    const account = { auth, name: "x", role: "resident", password: "correct horse battery" } as const;
    await assert.rejects(rig.operator.call("staff.add", account), { code: "not-allowed" });
  });

  it("let no token make accounts, other tokens or passkeys: it would outlive its end", async () => {
    const auth = tokens.get("manager")!;
    const id = "staff_0123456789abcdef";
    for (const [verb, request] of Object.entries({
      "token.create": { auth, role: "desk", label: "x", days: 1 },
      "staff.add": { auth, name: "x", role: "desk", password: "correct horse battery" },
      "staff.reset": { auth, id },
      "staff.disable": { auth, id },
      "passkey.prepare": { auth, origin: "http://localhost:1880" },
      "session.prove": { auth, password: "x", address: "10.0.0.1" },
    }))
      assert.equal(await ask(verb, request), "not-by-token", verb);
  });
});
