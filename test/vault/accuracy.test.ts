import assert from "node:assert/strict";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../core/clock.ts";
import { needs, picture } from "../core/faces/data.ts";
import { alwaysRule, estate, openRig, printedCard, type Rig, readerCard, tokenFor } from "./rig.ts";

const enrolWith = ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`);
const yearMs = 365.25 * 86_400_000;

describe("what faces err at each door", () => {
  let rig: Rig;
  let manager: string;
  let person: string;
  let ahead = 0;

  before(async function () {
    needs(this, "models", "faces");
    const clock = { ...systemClock, now: () => new Date(systemClock.now().getTime() + ahead) };
    rig = await openRig({ clock });
    await rig.client.call("configure", estate());
    manager = await tokenFor(rig);
    const { client } = rig;
    ({ id: person } = await client.call("person.create", {
      auth: manager,
      name: "王小明",
      birthDate: "1980-05-01",
    }));
    await client.call("credential.issue", { auth: manager, person, kind: "card", ...printedCard });
    const notice = await client.call("notice.current", { method: "face", language: "zh-CN" });
    await client.call("consent.give", {
      auth: manager,
      person,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate"],
      notice: notice.id,
      givenBy: "self",
      channel: "desk",
    });
    for (const until = Date.now() + 50_000; !rig.vault.services.faces.ready && Date.now() < until; ) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  });
  after(() => rig?.close());

  const enrol = () => rig.client.call("face.enrol", { auth: manager, person }, enrolWith.map(picture));
  const read = async (role: "auditor" | "manager" = "manager") =>
    rig.client.call("accuracy.read", { auth: await tokenFor(rig, role), days: 30 });

  it("counts who may be compared, and takes the threshold from the strictest group measured", async () => {
    await enrol();
    const { calibration, doors, liveness, models } = await read("auditor");
    assert.deepEqual(
      doors.map(({ id, gallery, mode, operation }) => [id, gallery, mode, operation]),
      [
        ["main-gate", 1, "1:N", undefined],
        ["unit-1", 0, "1:N", undefined],
      ],
    );
    const [gate] = doors;
    assert.equal(gate!.set!.group, "east-asian");
    assert.equal(gate!.set!.risk, 1e-4);
    assert.equal(gate!.usual!.risk, 0.003);
    for (const { one, three } of gate!.set!.groups) {
      for (const rate of [one, three!])
        assert.ok(rate.low <= rate.share && rate.share <= rate.high && rate.n > 0);
    }
    assert.deepEqual(
      calibration!.groups.map(({ group }) => group),
      ["east-asian", "general"],
    );
    assert.equal(calibration!.exact, true, "measured with exactly these models");
    const db = new DatabaseSync(join(rig.data, "ledger.db"), { readOnly: true });
    assert.equal(db.prepare("SELECT sha256 FROM face_calibration").get()!.sha256, calibration!.sha256);
    db.close();
    assert.ok(models.length >= 3 && models.every(({ outOfDate, reviewed }) => !outOfDate && reviewed));
    for (const { n, apcer } of liveness?.attacks ?? []) assert.equal(apcer === undefined, n === 0);
  });

  it("tells looks from 30 on, and that a card was used after one that failed", async () => {
    const { tally } = rig.vault.services;
    const look = { door: "main-gate", mode: "1:N" as const, risk: 1e-3 };
    for (let i = 0; i < 29; i++) tally.looked({ ...look, code: "granted" });
    assert.equal((await read()).doors[0]!.operation, undefined);
    tally.looked({ ...look, code: "not-live" });
    const { client } = rig;
    const sensed = await client.call("identify", {
      door: "main-gate",
      node: "n1",
      reader: "r1",
      method: "card",
      card: readerCard,
    });
    await client.call("decide", { attempt: sensed.id, node: "n2", rule: alwaysRule });
    assert.equal((await client.call("record", { attempt: sensed.id, node: "n4" })).outcome, "granted");
    const { operation, set } = (await read()).doors[0]!;
    assert.deepEqual(
      [operation!.looks, operation!.notLive.n, operation!.otherWay, operation!.reasons],
      [30, 30, 1, [{ code: "other", n: 1 }]],
    );
    assert.equal(set!.risk, 1e-3); // as the door is set now
    for (let i = 0; i < 30; i++) tally.looked({ ...look, code: "camera-silent" });
    const [gate] = (await read()).doors;
    assert.deepEqual(gate!.operation, operation, "a silent camera is no face refused");
    assert.deepEqual(gate!.technical, { n: 30, reasons: [{ code: "camera-silent", n: 30 }] });
  });

  it("answers those who watch over the site, not the guard", async () => {
    for (const role of ["guard", "desk", "technician"] as const) {
      const auth = await tokenFor(rig, role);
      await assert.rejects(rig.client.call("accuracy.read", { auth, days: 30 }), { code: "not-allowed" });
    }
  });

  it("enrols nobody new with models that nobody has looked at for three years (A0-19)", async () => {
    ahead = 3.2 * yearMs;
    manager = await tokenFor(rig);
    await assert.rejects(enrol(), { code: "models-out-of-date" });
    const { doors, models } = await read();
    assert.ok(models.every(({ outOfDate }) => outOfDate));
    assert.equal(doors[0]!.operation, undefined); // counts of three years ago
    assert.equal(rig.vault.services.faces.enrolled, 1); // those who are enrolled stay
  });
});
