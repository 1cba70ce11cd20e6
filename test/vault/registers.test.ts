import assert from "node:assert/strict";
import { verifyJson } from "../../core/consent/index.ts";
import type { Request } from "../../vault/protocol/index.ts";
import { needs } from "../core/faces/data.ts";
import { residentOf, signedIn } from "./accounts.ts";
import { alwaysRule, estate, openRig, printedCard, type Rig, readerCard, tokenFor } from "./rig.ts";

const hourMs = 3_600_000;
const ago = (hours: number) => new Date(Date.now() - hours * hourMs).toISOString();

describe("the office's registers in the vault", () => {
  let rig: Rig;
  let manager: string;
  let officer: string;
  let desk: string;
  let person: string;
  let resident: string;
  before(async () => {
    rig = await openRig();
    await rig.client.call("configure", estate());
    [manager, officer, desk] = [
      await signedIn(rig, "wu"),
      await signedIn(rig, "lin", "privacy-officer"),
      await signedIn(rig, "chen", "desk"),
    ];
    person = (await rig.client.call("person.create", { auth: manager, name: "王小明" })).id;
    await rig.client.call("credential.issue", { auth: manager, person, kind: "card", ...printedCard });
    resident = await residentOf(rig, person);
  });
  after(() => rig.close());

  const tap = async (number: string = readerCard.number): Promise<number> => {
    const card = { ...readerCard, number };
    const at = { door: "main-gate", node: "n1", reader: "r1", method: "card" as const, card };
    const { id } = await rig.client.call("identify", at);
    await rig.client.call("decide", { attempt: id, node: "n2", rule: alwaysRule });
    return (await rig.client.call("record", { attempt: id, node: "n4" })).record!.index;
  };
  const file = (more: object = {}, auth = resident) =>
    rig.client.call("request.file", { auth, kind: "access", text: "请告诉我保存了什么", ...more });
  const opened = (more: Partial<Request<"disclosure.open">> = {}) =>
    rig.client.call("disclosure.open", {
      auth: manager,
      kind: "authority",
      recipient: "西湖区公安分局",
      basis: "criminal-procedure",
      case: "2026-12",
      why: "调查盗窃案件",
      officer: "警号 012345",
      doors: ["main-gate"],
      from: ago(2),
      to: new Date().toISOString(),
      names: false,
      expires: new Date(Date.now() + 24 * hourMs).toISOString(),
      ...more,
    });
  const own = () => rig.client.call("rights.own", { auth: resident, language: "zh-CN" });

  it("take a resident's request, show its clock to the office, and its answer to her", async () => {
    const { request, receipt } = await file();
    assert.match(receipt, /limen-request-receipt/);
    assert.equal(request.person, person);
    const { requests } = await rig.client.call("request.list", { auth: desk, open: true });
    assert.equal(requests[0]!.level, "green");
    assert.ok(!JSON.stringify(requests).includes("保存了什么"));
    const auditor = await tokenFor(rig, "auditor");
    const seen = await rig.client.call("request.list", { auth: auditor, open: true });
    assert.equal(seen.requests[0]!.person, undefined);
    await assert.rejects(rig.client.call("request.read", { auth: auditor, id: request.id }), {
      code: "not-allowed",
    });
    const { text, name } = await rig.client.call("request.read", { auth: desk, id: request.id });
    assert.deepEqual([text, name], ["请告诉我保存了什么", "王小明"]);
    const looks = await rig.client.call("own.entries", { auth: resident, kind: "look-up", limit: 10 });
    assert.equal(looks.entries[0]!.purpose, "rights-request"); // reading it was a look at her data
    const refusal = { auth: desk, id: request.id, ground: "not-held" as const, text: "" };
    await assert.rejects(rig.client.call("request.answer", refusal), { code: "request-reason-missing" });
    await rig.client.call("request.answer", { auth: desk, id: request.id, text: "见随附的副本。" });
    assert.deepEqual(
      (await own()).requests.map(({ state, answer }) => [state, answer]),
      [["answered", "见随附的副本。"]],
    );
  });

  it("explain a refusal at a door from the record, and only one's own", async () => {
    const theirs = await tap("01026F6C3B"); // nobody's card
    await rig.client.call("person.update", { auth: manager, id: person, doors: ["unit-1"] });
    const mine = await tap();
    await rig.client.call("person.update", { auth: manager, id: person, doors: ["main-gate", "unit-1"] });
    const { request } = await file({ kind: "explain", entry: mine, text: "为什么没有开门" });
    const read = await rig.client.call("request.read", { auth: desk, id: request.id });
    assert.equal(read.refusal?.door, "main-gate");
    assert.notEqual(read.refusal?.code, undefined);
    const other = await file({ kind: "explain", entry: theirs, text: "为什么没有开门" });
    const blind = await rig.client.call("request.read", { auth: desk, id: other.request.id });
    assert.equal(blind.refusal, undefined);
  });

  it("let no desk leaf through somebody's entries by asking about them", async () => {
    const index = await tap();
    const asked = { person, kind: "explain" as const, entry: index };
    await assert.rejects(file(asked, desk), { code: "not-allowed", field: "/entry" });
    await assert.rejects(file(asked, manager), { code: "not-allowed", field: "/entry" });
  });

  it("let nobody file, read or take back for somebody else", async () => {
    const other = (await rig.client.call("person.create", { auth: manager, name: "别人" })).id;
    await assert.rejects(file({ person: other }), { code: "not-allowed" });
    const { request } = await file({ person: other }, desk);
    assert.equal(request.channel, "desk");
    for (const verb of ["request.withdraw", "request.receipt"] as const)
      await assert.rejects(rig.client.call(verb, { auth: resident, id: request.id }), {
        code: "not-allowed",
      });
    assert.ok(!(await own()).requests.some(({ id }) => id === request.id));
  });

  it("hand out a case's entries after a second person agreed, and tell whom they concern first", async () => {
    await tap();
    const { id } = await opened({ names: true });
    const release = (auth: string) => rig.client.call("disclosure.release", { auth, id });
    await assert.rejects(release(manager), { code: "disclosure-not-approved" });
    await assert.rejects(rig.client.call("disclosure.approve", { auth: manager, id }), {
      code: "approver-same",
    });
    const token = await tokenFor(rig, "privacy-officer");
    await assert.rejects(rig.client.call("disclosure.approve", { auth: token, id }), {
      code: "approver-not-a-person",
    });
    await rig.client.call("disclosure.approve", { auth: officer, id });
    const { file } = await release(manager);
    const { signer } = rig.vault.services;
    const body = verifyJson<{ entries: Record<string, unknown>[]; approved: { by: string } }>(
      file,
      signer.publicKey,
    );
    assert.equal(body.approved.by, "lin");
    assert.ok(body.entries.some(({ name, outcome }) => name === "王小明" && outcome === "granted"));
    assert.doesNotMatch(file, /cred_|0040856634|01026F6C3A|template|vector/);
    const told = (await own()).disclosures[0]!;
    assert.equal(told.recipient, "西湖区公安分局");
    const looks = await rig.client.call("own.entries", { auth: resident, kind: "look-up", limit: 5 });
    assert.equal(looks.entries[0]!.name, "西湖区公安分局");
  });

  it("without names or one person, say nothing about anybody", async () => {
    const { id } = await opened();
    await rig.client.call("disclosure.approve", { auth: officer, id });
    const { file } = await rig.client.call("disclosure.release", { auth: officer, id });
    assert.doesNotMatch(file, /王小明|person_/);
    const { disclosures } = await rig.client.call("disclosure.list", { auth: officer });
    const view = disclosures.find((one) => one.id === id)!;
    assert.deepEqual([view.people, view.released], [0, 1]);
    assert.ok(view.entries! > 0);
  });

  it("of one person's movements only with a case, and that one's alone", async () => {
    const { id } = await opened({ person, kind: "inquiry", basis: "own-claim", recipient: "业主委员会" });
    await rig.client.call("disclosure.approve", { auth: officer, id });
    const { file } = await rig.client.call("disclosure.release", { auth: manager, id });
    const { entries } = JSON.parse(file) as { entries: { code: string }[] };
    assert.ok(entries.length >= 2);
    assert.ok(entries.every(({ code }) => code !== "no-such-credential"));
    const auditor = await tokenFor(rig, "auditor");
    const seen = JSON.stringify(await rig.client.call("disclosure.list", { auth: auditor }));
    assert.doesNotMatch(seen, /person_|警号/);
  });

  it("name a processor in the notice, and let consents given before rest", async () => {
    const notice = () =>
      rig.client.call("notice.current", { method: "face", door: "main-gate", language: "zh-CN" });
    const before = await notice();
    const { consent } = await rig.client.call("consent.give", {
      auth: manager,
      person,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate"],
      notice: before.id,
      givenBy: "self",
      channel: "paper",
    });
    const facts = {
      name: "门安科技",
      role: "processor" as const,
      contact: "privacy@example.test",
      purpose: "维护门口设备",
      method: "现场检修",
      data: ["cards" as const],
      measures: "双人在场",
      from: "2026-01-01",
      until: "2030-12-31",
      fees: "每年 3000 元",
      rights: "无",
      ads: "none",
      others: "无",
      end: "delete" as const,
      certificates: [{ kind: "mlps-3" as const, number: "3301-1", expires: "2020-01-01" }],
    };
    await assert.rejects(
      rig.client.call("processor.put", { auth: manager, facts: { ...facts, ads: "屏保广告" } }),
      { code: "processor-ads" },
    );
    const { id } = await rig.client.call("processor.put", { auth: manager, facts });
    const after = await notice();
    assert.ok(after.text.includes("门安科技"));
    assert.notEqual(after.version.split(".")[0], before.version.split(".")[0]);
    const { consents } = await rig.client.call("consent.list", { auth: manager, person, purpose: "audit" });
    assert.equal(consents.find((one) => one.id === consent.id)?.state, "suspended");
    const shown = await rig.client.call("rights.public", {});
    assert.equal(shown.processors[0]!.certificates[0]!.state, "expired");
    // the same flow deployed again keeps it in
    await rig.client.call("configure", estate());
    assert.equal((await notice()).id, after.id);

    const { request } = await file({ kind: "processor", processor: id, text: "你们保存卡号吗" });
    assert.equal(request.processor, id);
    const { processors } = await rig.client.call("processor.list", { auth: officer });
    assert.equal(processors[0]!.questions, 1);

    const program = { auth: await tokenFor(rig), id, hours: 2, reason: "读卡器检修" };
    await assert.rejects(rig.client.call("processor.admit", program), { code: "not-by-token" });
    const { token } = await rig.client.call("processor.admit", {
      auth: manager,
      id,
      hours: 2,
      reason: "读卡器检修",
    });
    assert.ok((await rig.client.call("door.list", { auth: token })).doors.length > 0);
    await rig.client.call("processor.end", { auth: manager, id, fate: "deleted" });
    await assert.rejects(rig.client.call("door.list", { auth: token }), { code: "not-signed-in" });
    assert.equal((await notice()).id, before.id);
  });

  it("keep a child's data from a desk until somebody in charge agrees, and count it", async () => {
    const born = `${new Date().getUTCFullYear() - 9}-01-01`;
    const child = (
      await rig.client.call("person.create", { auth: desk, name: "小宝", flat: "3-301", birthDate: born })
    ).id;
    const read = () => rig.client.call("person.read", { auth: desk, id: child, purpose: "card-issue" });
    await assert.rejects(read(), { code: "minor-needs-approval" });
    const { id } = await rig.client.call("minor.ask", { auth: desk, person: child, purpose: "card-issue" });
    await assert.rejects(rig.client.call("minor.decide", { auth: desk, id, granted: true, hours: 1 }), {
      code: "not-allowed",
    });
    const whose = (auth: string) => rig.client.call("minor.whose", { auth, id });
    await assert.rejects(whose(desk), { code: "not-allowed" });
    assert.deepEqual(await whose(officer), { name: "小宝", flat: "3-301" });
    const { log } = rig.vault.services;
    const [look] = log.query({ classes: ["look-up"], subject: child, limit: 1 });
    assert.deepEqual(
      [look?.fields?.role, look?.fields?.purpose, look?.fields?.what],
      ["privacy-officer", "card-issue", "name flat"],
    );
    await rig.client.call("minor.decide", { auth: officer, id, granted: true, hours: 1 });
    await assert.rejects(whose(officer), { code: "approval-decided" }); // nothing is left to judge
    assert.equal((await read()).name, "小宝");
    const notice = await rig.client.call("notice.current", { method: "face", language: "zh-CN" });
    await rig.client.call("consent.give", {
      auth: manager,
      person: child,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate"],
      notice: notice.id,
      givenBy: "guardian",
      guardian: person,
      relation: "parent",
      channel: "paper",
    });
    const report = await rig.client.call("minor.report", {
      auth: await tokenFor(rig, "auditor"),
      year: new Date().getUTCFullYear(),
    });
    assert.deepEqual([report.minors, report.guardians, report.approvals.granted], [1, 1, 1]);
    assert.ok(report.looks.some(({ outcome, role }) => outcome === "denied" && role === "desk"));
  });

  it("count exactly who an incident touches, and tell them on their own page", async () => {
    const other = (await rig.client.call("person.create", { auth: manager, name: "无卡", doors: ["unit-1"] }))
      .id;
    const facts = {
      auth: manager,
      aware: ago(1),
      kinds: ["cards" as const, "entries" as const],
      doors: ["main-gate"],
      from: ago(3),
      to: new Date().toISOString(),
      cause: "门口读卡器被盗",
      harm: "卡号可能被复制",
      measures: "已换发所有卡",
      advice: "请到前台换卡",
    };
    const drill = await rig.client.call("breach.open", { ...facts, drill: true });
    await assert.rejects(rig.client.call("breach.tell", { auth: officer, id: drill.id }), {
      code: "breach-drill",
    });
    const { id } = await rig.client.call("breach.open", { ...facts, drill: false });
    const { breaches } = await rig.client.call("breach.list", { auth: officer });
    const view = breaches.find((one) => one.id === id)!;
    assert.deepEqual([view.people, view.counts.cards, view.counts.entries], [1, 1, 1]);
    assert.deepEqual(rig.vault.services.registers.breaches.persons(id), [person]);
    assert.notEqual(other, person);
    assert.deepEqual((await own()).incidents, []);
    await rig.client.call("breach.tell", { auth: officer, id });
    const told = (await own()).incidents;
    assert.equal(told.length, 1);
    assert.ok(told[0]!.text.includes("门口读卡器被盗"));
    for (const breach of [drill.id, id]) {
      await assert.rejects(rig.client.call("breach.affected", { auth: desk, id: breach }), {
        code: "not-allowed",
      });
    }
    await assert.rejects(rig.client.call("breach.affected", { auth: officer, id: drill.id }), {
      code: "breach-drill",
    });
    const contained = await rig.client.call("breach.contain", { auth: officer, id, measure: "other" });
    assert.equal(contained.contained.length, 1);
    const authority = await rig.client.call("breach.draft", {
      auth: officer,
      id,
      to: "authority",
      language: "en-US",
    });
    assert.match(authority.text, /Report of a personal data incident/);
  });

  it("say whom to write to, guardians of minors with them, each on the page of whom it names", async () => {
    const { client, vault } = rig;
    const born = `${new Date().getUTCFullYear() - 9}-01-01`;
    const add = async (name: string, more = {}) =>
      (await client.call("person.create", { auth: manager, name, doors: ["unit-1"], ...more })).id;
    const mother = await add("于兰", { flat: "9-901" });
    const guarded = await add("小于", { flat: "9-902", birthDate: born });
    const alone = await add("小孤", { birthDate: born });
    const notice = await client.call("notice.current", { method: "face", language: "zh-CN" });
    await client.call("consent.give", {
      auth: manager,
      person: guarded,
      purpose: "door-entry",
      method: "face",
      doors: ["unit-1"],
      notice: notice.id,
      givenBy: "guardian",
      guardian: mother,
      relation: "parent",
      channel: "paper",
    });
    const { id } = await client.call("breach.open", {
      auth: manager,
      drill: false,
      aware: ago(1),
      kinds: ["names"],
      doors: ["unit-1"],
      from: ago(3),
      to: ago(1),
      cause: "名册外泄",
      harm: "可能被冒名",
      measures: "已收回名册",
      advice: "留意可疑来电",
    });
    const looks = (subject: string) =>
      vault.services.log
        .query({ classes: ["look-up"], subject, limit: 50 })
        .filter(({ fields }) => fields?.purpose === "breach").length;
    assert.deepEqual([mother, guarded, alone].map(looks), [0, 0, 0]);
    const { people } = await client.call("breach.affected", { auth: officer, id });
    const affected = vault.services.registers.breaches.persons(id);
    assert.equal(people.length, affected.length);
    assert.ok(affected.every((one) => looks(one) > 0));
    const child = (name: string) => people.find((one) => one.name === name);
    assert.deepEqual(child("小于"), {
      name: "小于",
      flat: "9-902",
      minor: true,
      guardians: [{ name: "于兰", flat: "9-901", relation: "parent" }],
    });
    assert.deepEqual(child("小孤"), { name: "小孤", minor: true, guardians: [] });
    assert.equal(looks(mother), 2, "once for herself, once for her child");
    await client.call("breach.close", { auth: officer, id, lessons: "名册只在办公室查看，不打印带走" });
    await assert.rejects(client.call("breach.affected", { auth: officer, id }), { code: "breach-closed" });
  });

  it("renew every template in an incident, and leave them alone in a drill", async function () {
    needs(this as never, "models");
    while (!(await rig.client.call("health", {})).faces.ready)
      await new Promise((resolve) => setTimeout(resolve, 50));
    const { rotation } = rig.vault.services;
    const stolen = (drill: boolean) =>
      rig.client.call("breach.open", {
        auth: manager,
        drill,
        aware: ago(1),
        kinds: ["faces"],
        doors: [],
        from: ago(3),
        to: ago(1),
        cause: "门口设备被盗",
        harm: "模板可能被人破解",
        measures: "更新所有模板",
        advice: "无需重新录入",
      });
    const renew = async (id: string) =>
      (await rig.client.call("breach.contain", { auth: officer, id, measure: "renew-faces" })).contained;
    const before = rotation.epoch;
    assert.equal((await renew((await stolen(true)).id)).length, 1);
    assert.equal(rotation.epoch, before);
    const { id } = await stolen(false);
    assert.equal((await renew(id))[0]!.measure, "renew-faces");
    assert.equal(rotation.epoch, before + 1);
    const closed = { auth: officer, id, lessons: "门口设备须固定并加防拆报警" };
    assert.equal((await rig.client.call("breach.close", closed)).lessons, closed.lessons);
    await assert.rejects(renew(id), { code: "breach-closed" });
    assert.equal(rotation.epoch, before + 1);
  });

  it("pack the evidence a regulator asks for, signed, with nobody's name in it", async () => {
    const { file } = await rig.client.call("evidence.pack", { auth: officer });
    const body = verifyJson<Record<string, unknown>>(file, rig.vault.services.signer.publicKey);
    for (const part of [
      "log",
      "notices",
      "papers",
      "consents",
      "parity",
      "accuracy",
      "requests",
      "processors",
      "disclosures",
      "minors",
    ])
      assert.ok(body[part], part);
    assert.doesNotMatch(file, /王小明|小宝|person_|警号|请告诉我/);
  });

  it("block a child's lost card and withdraw a consent unseen, without waiting for anybody", async () => {
    const born = `${new Date().getUTCFullYear() - 10}-01-01`;
    const child = (await rig.client.call("person.create", { auth: desk, name: "小丁", birthDate: born })).id;
    const card = (number: string) =>
      rig.client.call("credential.issue", {
        auth: desk,
        person: child,
        kind: "card",
        notation: "8H10D",
        number,
      });
    const lost = () => rig.client.call("minor.lost-card", { auth: desk, person: child });
    assert.deepEqual(await lost(), { blocked: 0 });
    await card("0012345678");
    assert.deepEqual([await lost(), await lost()], [{ blocked: 1 }, { blocked: 0 }]);
    await card("0012345679");
    await card("0012345680");
    await assert.rejects(lost(), { code: "minor-needs-approval" });
    const notice = await rig.client.call("notice.current", { method: "face", language: "zh-CN" });
    const { consent } = await rig.client.call("consent.give", {
      auth: manager,
      person: child,
      purpose: "door-entry",
      method: "face",
      doors: ["main-gate"],
      notice: notice.id,
      givenBy: "guardian",
      guardian: person,
      relation: "parent",
      channel: "paper",
    });
    const withdraw = () => rig.client.call("consent.withdraw-all", { auth: desk, person: child });
    assert.equal((await withdraw()).withdrawn, 1);
    assert.equal((await withdraw()).withdrawn, 0);
    const [last] = rig.vault.services.log.query({ classes: ["consent"], subject: child, limit: 1 });
    assert.deepEqual([last?.fields?.consent, last?.fields?.state], [consent.id, "withdrawn"]);
    assert.equal(last?.fields?.by, "staff");
    for (const verb of ["consent.list", "pass.list", "erasure.list"] as const)
      await assert.rejects(
        rig.client.call(verb, { auth: desk, person: child, purpose: "desk-request" }),
        { code: "minor-needs-approval" },
        verb,
      );
    await assert.rejects(rig.client.call("person.update", { auth: desk, id: child, name: "别名" }), {
      code: "minor-needs-approval",
    });
  });

  it("keep requests for the years the pack allows, and no fewer", async () => {
    const { client } = rig;
    await assert.rejects(client.call("retention.preview", { class: "requests", days: 30 }), {
      code: "retention-out-of-bounds",
    });
    assert.deepEqual(await client.call("retention.preview", { class: "requests", days: 1096 }), {
      entries: 0,
      days: 0,
    });
    assert.equal((await client.call("retention.run", { class: "requests", days: 1096 })).entries, 0);
  });

  it("let no desk hand out a child's own page before somebody in charge agreed", async () => {
    const born = `${new Date().getUTCFullYear() - 12}-01-01`;
    const child = (await rig.client.call("person.create", { auth: desk, name: "小贝", birthDate: born })).id;
    await assert.rejects(rig.client.call("resident.invite", { auth: desk, person: child }), {
      code: "minor-needs-approval",
    });
    assert.ok((await rig.client.call("resident.invite", { auth: manager, person: child })).invitation);
  });

  it("are in the copy a resident takes along", async () => {
    const { export: text } = await rig.client.call("person.export", { auth: resident, person });
    const taken = JSON.parse(text) as { requests: { text?: string }[]; disclosures: unknown[] };
    assert.ok(taken.requests.some((request) => request.text === "请告诉我保存了什么"));
    assert.ok(taken.disclosures.length > 0);
  });

  it("forget an erased person, and keep that the office acted", async () => {
    const before = await rig.client.call("request.list", { auth: manager, open: false });
    const { id } = await rig.client.call("erasure.start", { auth: manager, person });
    for (let n = 0; n < 100; n++) {
      if ((await rig.client.call("erasure.read", { auth: manager, id })).state === "done") break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const after = await rig.client.call("request.list", { auth: manager, open: false });
    assert.equal(after.requests.length, before.requests.length);
    assert.ok(after.requests.every((request) => request.person !== person));
    const { certificates, unfinished } = await rig.client.call("certificate.list", {
      auth: officer,
      limit: 10,
    });
    assert.equal(unfinished, 0);
    assert.equal(certificates[0]!.scope, "person");
    assert.match(certificates[0]!.receipt!, /limen-erasure-receipt/);
    const { disclosures } = await rig.client.call("disclosure.list", { auth: manager });
    assert.ok(disclosures.every((one) => one.person === undefined));
  });

  it("let go of whoever an older file brings back without being there any more", async () => {
    const { registers, persons } = rig.vault.services;
    const gone = (await rig.client.call("person.create", { auth: manager, name: "已走" })).id;
    const { request } = await rig.client.call("request.file", {
      auth: desk,
      person: gone,
      kind: "access",
      text: "请告诉我保存了什么",
    });
    persons.erase(gone); // as a restored ledger finds it: the request without its person
    assert.equal(registers.requests.read(request.id).person, gone);
    await rig.restart();
    const left = rig.vault.services.registers.requests.read(request.id);
    assert.deepEqual([left.person, left.text, left.state], [undefined, undefined, "erased"]);
  });
});
