import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { urlIn } from "../../core/devices/cards/ntag424/ndef.ts";
import type { EntryAttempt } from "../../core/entry/attempt.ts";
import { EntryRule } from "../../core/entry/rule.ts";
import { parse } from "../../core/schema.ts";
import type { Answer, Request } from "../../vault/protocol/index.ts";
import { DesfireCard } from "../device/chips/desfire.ts";
import type { Ev2Card } from "../device/chips/ev2-card.ts";
import { Ntag424Card } from "../device/chips/ntag424.ts";
import { alwaysRule, estate, openRig, type Rig, tokenFor } from "./rig.ts";

const door = "main-gate";
const strongRule = parse(EntryRule, { assurance: "strong" });

describe("cards that prove who they are", () => {
  let rig: Rig;
  let auth: string;
  let person: string;
  beforeEach(async () => {
    rig = await openRig();
    auth = await tokenFor(rig, "desk");
    await rig.client.call("configure", estate());
    person = (await rig.client.call("person.create", { auth, name: "王小明" })).id;
  });
  afterEach(() => rig.close());

  type Place = Request<"chip.begin">["place"];
  const begin = (uid: string, place: Place = "door", talks = true): Promise<Answer<"chip.begin">> =>
    rig.client.call("chip.begin", { door, node: "n1", reader: "r1", place, uid, talks });

  /** Lays a card on the reader and carries what is said, as a node does. */
  async function lay(card: Ev2Card, place?: Place): Promise<Answer<"chip.begin">> {
    card.reset();
    let step = await begin(card.number, place);
    while (step.dialogue && step.send) {
      const answer = card.transceive(Buffer.from(step.send, "hex"));
      if (!answer) {
        await rig.client.call("chip.drop", { dialogue: step.dialogue });
        return {};
      }
      step = await rig.client.call("chip.answer", {
        dialogue: step.dialogue,
        answer: answer.toString("hex"),
      });
    }
    return step;
  }
  type Order = Partial<Request<"credential.chip">>;
  const desk = (more: Order = {}) =>
    rig.client.call("credential.chip", { auth, person, door, sun: false, byNumber: false, ...more });
  /** Issues a blank card. */
  async function issued(more: Order = {}): Promise<{ card: Ntag424Card; id: string }> {
    const card = new Ntag424Card();
    const given = desk(more);
    while (!rig.vault.services.chipDesk.waits(door)) await new Promise((next) => setTimeout(next, 5));
    assert.deepEqual(await lay(card), { written: true });
    const { id, assurance, tail } = await given;
    assert.equal(assurance, "strong");
    assert.equal(tail, card.number.slice(-4));
    return { card, id };
  }
  const byNumber = (number: string): Promise<EntryAttempt> =>
    rig.client.call("identify", {
      door,
      node: "n1",
      reader: "r2",
      method: "card",
      card: { format: "uid", notation: "UID", number, bits: 56 },
    });
  const byText = (text: string): Promise<EntryAttempt> =>
    rig.client.call("identify", { door, node: "n1", reader: "r3", method: "card", text });
  const tapped = (card: Ntag424Card): string => {
    card.reset();
    card.transceive(Buffer.from("00a4040c07d276000085010100", "hex"));
    card.transceive(Buffer.from("00a4000c02e104", "hex"));
    return urlIn(card.transceive(Buffer.from("00b0000060", "hex"))!)!;
  };
  const opens = async ({ id: attempt }: EntryAttempt, rule = strongRule): Promise<string> => {
    await rig.client.call("decide", { attempt, node: "n2", rule });
    const { outcome, code } = await rig.client.call("record", { attempt, node: "n3" });
    return outcome === "granted" ? "opens" : String(code);
  };

  it("are written at the desk, and open a door that takes only strong ones", async () => {
    const { card, id } = await issued();
    assert.ok(card.keys.every((key) => key.some((byte) => byte !== 0)));
    const { attempt } = await lay(card);
    assert.deepEqual([attempt?.person, attempt?.credential, attempt?.assurance], [person, id, "strong"]);
    assert.equal(await opens(attempt!), "opens");
    const record = rig.vault.services.log
      .query({ classes: ["configuration"], limit: 5 })
      .find(({ fields }) => fields?.what === "credential-issued");
    assert.deepEqual([record?.fields?.name, record?.fields?.role], ["desk", "desk"], "by whom");
  });

  it("have keys of their own, which no answer, log or file of people holds", async () => {
    const [one, other] = [await issued(), await issued()];
    for (const at of [0, 1, 3, 4]) assert.notDeepEqual(one.card.keys[at], other.card.keys[at]);

    const held = ["people.db", "people.db-wal", "ledger.db", "ledger.db-wal"].map((name) =>
      readFileSync(join(rig.data, name)),
    );
    for (const file of held)
      for (const secret of [...one.card.keys, one.card.uid]) assert.ok(!file.includes(secret));
    assert.doesNotMatch(rig.lines.join("\n"), new RegExp(one.card.number, "i"));
  });

  it("are refused as a copy where only their number is read, and everywhere their proof is missing", async () => {
    const { card, id } = await issued();
    const read = await byNumber(card.number);
    assert.deepEqual([read.code, read.person, read.credential], ["assurance-too-low", person, id]);
    assert.equal(await opens(read, alwaysRule), "assurance-too-low");
    const copy = new Ntag424Card(card.uid);
    for (const keys of [Buffer.alloc(16), randomBytes(16)]) {
      copy.habits = { impostor: keys };
      const { attempt } = await lay(copy);
      assert.deepEqual([attempt?.code, attempt?.credential], ["card-not-genuine", id]);
      assert.equal(await opens(attempt!, alwaysRule), "card-not-genuine");
    }
    const mute = (await begin(card.number, "door", false)).attempt;
    assert.deepEqual([mute?.code, mute?.credential], ["assurance-too-low", id]);
    copy.habits = { garbage: true };
    assert.equal((await lay(copy)).attempt?.code, "card-not-genuine");
  });

  it("open where their number is enough only when they were issued so, and then as a copy", async () => {
    const { card } = await issued({ byNumber: true });
    const read = await byNumber(card.number);
    assert.equal(read.assurance, "clonable");
    assert.equal(await opens(read), "second-method-needed");
    assert.equal(await opens(await byNumber(card.number), alwaysRule), "opens");
    assert.equal(await opens((await lay(card)).attempt!), "opens");
  });

  it("cannot be played from a recording, nor answered late or twice", async () => {
    const { card } = await issued();
    await lay(card);
    const thief = new Ntag424Card(card.uid);
    thief.habits = { recording: [...card.said] };
    assert.equal((await lay(thief)).attempt?.code, "card-not-genuine");
    // a stale challenge: its conversation is over as soon as the reader begins another
    card.reset();
    const first = await begin(card.number);
    const answer = card.transceive(Buffer.from(first.send!, "hex"))!.toString("hex");
    await begin(card.number);
    await assert.rejects(rig.client.call("chip.answer", { dialogue: first.dialogue!, answer }), {
      code: "card-torn",
    });
  });

  it("begin no attempt when they are taken away in the middle", async () => {
    const { card } = await issued();
    card.habits = { leavesBefore: 2 };
    assert.deepEqual(await lay(card), {});
    card.habits = {};
    assert.equal(rig.vault.services.dialogues.size, 0);
    assert.ok((await lay(card)).attempt?.person);
  });

  it("are not issued when they were torn away at the desk; the same card goes on where it stopped", async () => {
    for (const leavesAfter of [6, 9, 11, 14, 16]) {
      const card = new Ntag424Card();
      card.habits = { leavesAfter };
      const torn = assert.rejects(desk(), { code: "card-torn" });
      while (!rig.vault.services.chipDesk.waits(door)) await new Promise((next) => setTimeout(next, 5));
      await lay(card);
      await torn;
      card.habits = {};
      assert.equal((await lay(card)).attempt?.code, "no-such-credential");
      const given = desk();
      while (!rig.vault.services.chipDesk.waits(door)) await new Promise((next) => setTimeout(next, 5));
      await lay(card);
      const { id } = await given;
      assert.equal((await lay(card)).attempt?.credential, id);
    }
  });

  it("are left alone when they are somebody's already; what is no such chip is refused with nothing written", async () => {
    const { card } = await issued();
    const given = assert.rejects(desk(), { code: "card-other-chip" });
    while (!rig.vault.services.chipDesk.waits(door)) await new Promise((next) => setTimeout(next, 5));
    assert.ok((await lay(card)).attempt?.person); // in use: an ordinary tap
    await assert.rejects(begin("DEADBEEF"), { code: "card-other-chip" });
    await given;
  });

  it("can be issued anew after they came back, with the keys they have", async () => {
    const { card, id } = await issued({ sun: true });
    const keys = card.keys.map((key) => Buffer.from(key));
    await rig.client.call("credential.block", { auth, id, reason: "returned" });
    assert.equal((await lay(card)).attempt?.code, "credential-blocked");
    const url = tapped(card);
    assert.equal((await byText(url)).code, "credential-blocked");
    const next = (await rig.client.call("person.create", { auth, name: "李四" })).id;
    const given = desk({ person: next, sun: true });
    while (!rig.vault.services.chipDesk.waits(door)) await new Promise((wait) => setTimeout(wait, 5));
    await lay(card);
    await given;
    assert.deepEqual(card.keys, keys);
    assert.equal((await lay(card)).attempt?.person, next);
    assert.equal((await byText(url)).code, "replayed");
  });

  it("may be DESFire as well, which are proved likewise and sign no URL", async () => {
    const card = new DesfireCard();
    const waits = async (): Promise<void> => {
      while (!rig.vault.services.chipDesk.waits(door)) await new Promise((next) => setTimeout(next, 5));
    };
    const refused = assert.rejects(desk({ sun: true }), { code: "card-signs-nothing" });
    await waits();
    await assert.rejects(lay(card), { code: "card-signs-nothing" });
    await refused;
    const given = desk();
    await waits();
    assert.deepEqual(await lay(card), { written: true });
    const { id } = await given;
    const { attempt } = await lay(card);
    assert.deepEqual([attempt?.credential, attempt?.assurance], [id, "strong"]);
    assert.equal(await opens(attempt!), "opens");
    const copy = new DesfireCard(card.uid);
    assert.equal((await lay(copy)).attempt?.code, "card-not-genuine"); // has not even our application
    copy.application = card.application;
    assert.equal((await lay(copy)).attempt?.code, "card-not-genuine");
    assert.equal((await byNumber(card.number)).code, "assurance-too-low");
  });

  it("go with their person: nobody can make their keys again", async () => {
    const { card } = await issued();
    rig.vault.services.removal.persons([person]);
    assert.equal((await lay(card)).attempt?.code, "no-such-credential");
    const other = (await rig.client.call("person.create", { auth, name: "李四" })).id;
    const refused = assert.rejects(desk({ person: other }), { code: "card-not-blank" });
    while (!rig.vault.services.chipDesk.waits(door)) await new Promise((next) => setTimeout(next, 5));
    await assert.rejects(lay(card), { code: "card-not-blank" });
    await refused;
  });

  it("are given at a desk's own reader, which begins no attempts", async () => {
    const { card } = await issued();
    assert.deepEqual(await lay(card, "desk"), {});
    const blank = new Ntag424Card();
    const given = desk();
    while (!rig.vault.services.chipDesk.waits(door)) await new Promise((next) => setTimeout(next, 5));
    assert.deepEqual(await lay(blank, "desk"), { written: true });
    assert.equal((await given).assurance, "strong");
  });

  it("are not given to nobody, to who has left, or by who may not", async () => {
    await assert.rejects(desk({ person: "person_0000000000000000" }), { code: "person-unknown" });
    await assert.rejects(desk({ auth: await tokenFor(rig, "guard") }), { code: "not-allowed" });
    await assert.rejects(desk({ doors: ["no-door"] }), { code: "unknown-door" });
    await rig.client.call("person.leave", { auth, id: person });
    await assert.rejects(desk(), { code: "residency-ended" });
  });

  describe("with a signed URL at every reading", () => {
    it("open once by each, and only by a newer one", async () => {
      const { card, id } = await issued({ sun: true });
      const [first, second, third] = [tapped(card), tapped(card), tapped(card)];
      const read = await byText(second);
      assert.deepEqual([read.credential, read.assurance], [id, "strong"]);
      assert.equal(await opens(read), "opens");
      for (const old of [first, second]) {
        const again = await byText(old);
        assert.deepEqual([again.code, again.credential], ["replayed", id]);
        assert.equal(await opens(again), "replayed");
      }
      assert.equal(await opens(await byText(third)), "opens");
    });

    it("are counted durably before the answer: a restart brings nothing back", async () => {
      const { card } = await issued({ sun: true });
      const url = tapped(card);
      await byText(url); // never decided, never recorded
      await rig.restart();
      await rig.client.call("configure", estate());
      assert.equal((await byText(url)).code, "replayed");
    });

    it("are refused with a digit changed, from another site, or when they were issued without", async () => {
      const { card } = await issued({ sun: true });
      const url = tapped(card);
      const last = url.at(-1) === "0" ? "1" : "0";
      assert.equal((await byText(url.slice(0, -1) + last)).code, "card-not-genuine");
      assert.equal(
        (await byText(url.replace(/e=(.)/, (_, first) => `e=${first === "0" ? "1" : "0"}`))).person,
        undefined,
      );
      assert.equal((await byText("https://card.invalid/?e=&c=")).code, "no-such-credential");
      const zero = "https://gate.example/t?e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086";
      assert.equal((await byText(zero)).code, "no-such-credential");
      assert.equal(await opens(await byText(url)), "opens");
      const plain = await issued();
      plain.card.sdm = { ...card.sdm! };
      plain.card.file = Buffer.from(card.file);
      assert.equal((await byText(tapped(plain.card))).code, "no-such-credential");
    });
  });
});
