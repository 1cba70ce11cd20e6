import assert from "node:assert/strict";
import { operatorAuth } from "../../vault/protocol/common.ts";
import { handClock } from "../core/hand-clock.ts";
import { openRig, type Rig, tokenFor } from "./rig.ts";

describe("bearer tokens in use", () => {
  const clock = handClock();
  const password = "violet anchor mosaic 12";
  let rig: Rig;
  let manager: string;
  before(async () => {
    rig = await openRig({ clock });
    await rig.operator.call("staff.add", { auth: operatorAuth, name: "Chen", role: "manager", password });
    ({ auth: manager } = await rig.client.call("session.open", {
      name: "Chen",
      password,
      address: "127.0.0.1",
    }));
  });
  after(() => rig.close());

  const list = async () => (await rig.client.call("token.list", { auth: manager })).tokens;

  it("are listed with what they are for and who made them, until they are revoked or over; never themselves", async () => {
    const made = await rig.client.call("token.create", {
      auth: manager,
      role: "desk",
      label: "kiosk",
      days: 30,
    });
    await rig.operator.call("token.create", { auth: operatorAuth, role: "auditor", label: "probe", days: 1 });
    const all = await list();
    assert.deepEqual(all.map(({ label, role, by }) => [label, role, by]).sort(), [
      ["kiosk", "desk", "Chen"],
      ["probe", "auditor", undefined],
    ]);
    assert.ok(!JSON.stringify(all).includes(made.token));
    await rig.client.call("token.revoke", { auth: manager, id: made.id });
    await assert.rejects(rig.client.call("code.list", { auth: made.token }), { code: "not-signed-in" });
    assert.deepEqual(
      (await list()).map(({ label }) => label),
      ["probe"],
    );
  });

  it("are the manager's to see", async () => {
    const auth = await tokenFor(rig, "desk");
    await assert.rejects(rig.client.call("token.list", { auth }), { code: "not-allowed" });
  });
});
