import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { signerFrom, verifyJson } from "../../../core/consent/index.ts";
import { truncateWal } from "../../../core/store/database.ts";
import { handClock } from "../hand-clock.ts";
import { openRegisters } from "./registers.ts";

const dayMs = 86_400_000;
const secret = "我家的门禁记录被谁看过";

describe("requests about one's rights", () => {
  const clock = handClock("2026-11-17T02:00:00.000Z");
  let s: ReturnType<typeof openRegisters>;
  let person: string;
  beforeEach(() => {
    clock.set(new Date("2026-11-17T02:00:00.000Z"));
    s = openRegisters(clock);
    person = s.persons.create({ name: "周敏" });
  });
  afterEach(() => s.remove());

  const file = (more: object = {}) =>
    s.requests.file({ person, kind: "access", channel: "resident-page", text: secret, ...more }, person);

  it("begin their clock, and give a receipt that says nothing of their text", () => {
    const { request, receipt } = file();
    assert.equal(request.due, "2026-11-27T16:00:00.000Z");
    assert.equal(request.level, "green");
    const signed = verifyJson(receipt, signerFrom(Buffer.alloc(32, 3)).publicKey);
    assert.deepEqual(
      [signed.type, signed.id, signed.due],
      ["limen-request-receipt", request.id, request.due],
    );
    assert.ok(!receipt.includes(secret));
    assert.throws(() =>
      verifyJson(receipt.replace("access", "delete"), signerFrom(Buffer.alloc(32, 3)).publicKey),
    );
    const [entry] = s.log.query({ classes: ["configuration"], subject: person });
    assert.equal(entry?.fields?.what, "request-filed");
  });

  it("are refused with a ground and its reasons, or not at all", () => {
    const { id } = file().request;
    for (const text of ["", "   ", "no"])
      assert.throws(() => s.requests.answer(id, { text, ground: "not-held" }, "staff_1"), {
        code: "request-reason-missing",
      });
    assert.equal(s.requests.read(id).state, "open");
    const reason = "没有保存过您的照片，因此无从提供。";
    const closed = s.requests.answer(id, { text: reason, ground: "not-held" }, "staff_1");
    assert.deepEqual([closed.state, closed.answer, closed.ground], ["refused", reason, "not-held"]);
    assert.throws(() => s.requests.answer(id, { text: "一句别的话" }, "staff_1"), { code: "request-closed" });
  });

  it("a withdrawal is never refused", () => {
    const { id } = file({ kind: "withdraw" }).request;
    const refusal = { text: "我们觉得不应该撤回", ground: "not-entitled" } as const;
    assert.throws(() => s.requests.answer(id, refusal, "staff_1"), { code: "request-not-refusable" });
    assert.equal(s.requests.answer(id, { text: "已办" }, "staff_1").state, "answered");
  });

  it("are prolonged once, in time and with a reason the asker reads", () => {
    const { id } = file().request;
    assert.throws(() => s.requests.extend(id, "忙", "staff_1"), { code: "request-reason-missing" });
    const longer = s.requests.extend(id, "须向设备厂商调取旧机器的记录", "staff_1");
    assert.equal(longer.due, "2026-12-02T16:00:00.000Z");
    assert.equal(s.requests.of(person)[0]?.extension, "须向设备厂商调取旧机器的记录");
    assert.throws(() => s.requests.extend(id, "还须向设备厂商调取记录", "staff_1"), {
      code: "request-extended",
    });
    const late = file().request.id;
    clock.pass(12 * dayMs);
    assert.throws(() => s.requests.extend(late, "须向设备厂商调取旧机器的记录", "staff_1"), {
      code: "request-extended",
    });
  });

  it("rise to the top as they get late, and being overdue is on record once", () => {
    const first = file().request.id;
    clock.pass(5 * dayMs);
    const second = file({ kind: "correct" }).request.id;
    clock.pass(3 * dayMs);
    const levels = () => s.requests.list({ open: true }).map(({ id, level }) => [id, level]);
    assert.deepEqual(levels(), [
      [first, "amber"],
      [second, "green"],
    ]);
    clock.pass(3 * dayMs);
    assert.equal(levels()[0]![1], "red");
    assert.equal(s.requests.sweep(), 0);
    clock.pass(3 * dayMs);
    assert.equal(levels()[0]![1], "escalated");
    assert.deepEqual([s.requests.sweep(), s.requests.sweep()], [1, 0]);
    assert.equal(s.log.query({ subject: person })[0]?.fields?.what, "request-overdue");
    s.requests.answer(first, { text: "见附件" }, "staff_1");
    assert.deepEqual(
      s.requests.list({ open: true }).map(({ id }) => id),
      [second],
    );
  });

  it("of somebody erased stay as acts of an office, of nobody and without a word", () => {
    const { id } = file().request;
    const done = file({ kind: "copy" }).request.id;
    s.requests.answer(done, { text: "已交付一份副本" }, "staff_1");
    s.requests.cut(person);
    s.subjectKeys.destroy(person);
    const open = s.requests.read(id);
    assert.deepEqual([open.state, open.person, open.text], ["erased", undefined, undefined]);
    const closed = s.requests.read(done);
    assert.deepEqual([closed.state, closed.kind, closed.answer], ["answered", "copy", undefined]);
    assert.deepEqual(s.requests.of(person), []);
  });

  it("take those of somebody who is not registered, under a key of their own, until their years are over", () => {
    const { request } = s.requests.file(
      {
        kind: "next-of-kin",
        channel: "desk",
        text: secret,
        asker: "周明 13800000000",
        relation: "next-of-kin",
      },
      "staff_1",
    );
    assert.equal(s.requests.read(request.id).asker, "周明 13800000000");
    s.requests.answer(request.id, { text: "已办理" }, "staff_1");
    assert.deepEqual(s.requests.over(30), []);
    clock.pass(31 * dayMs);
    assert.deepEqual([s.requests.over(30).length, s.requests.forget(30)], [1, 1]);
    assert.throws(() => s.requests.read(request.id), { code: "request-unknown" });
    assert.equal(s.subjectKeys.get(request.id), undefined);
  });

  it("keep no word in clear on the disk", () => {
    const { id } = file().request;
    s.requests.answer(id, { text: secret }, "staff_1");
    truncateWal(s.ledger);
    const bytes = readFileSync(join(s.dir, "ledger.db"));
    assert.ok(!bytes.includes(Buffer.from(secret)));
    assert.ok(bytes.includes(Buffer.from(id)), "the search would find it");
  });
});
