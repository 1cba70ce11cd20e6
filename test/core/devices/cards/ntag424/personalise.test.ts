import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { chipKind } from "../../../../../core/devices/cards/chip-kind.ts";
import { personaliseDesfire, selectOurs } from "../../../../../core/devices/cards/desfire.ts";
import { diversified } from "../../../../../core/devices/cards/ntag424/diversify.ts";
import { authenticate, Ev2Session } from "../../../../../core/devices/cards/ntag424/ev2.ts";
import { urlIn } from "../../../../../core/devices/cards/ntag424/ndef.ts";
import { type Personal, personalise } from "../../../../../core/devices/cards/ntag424/personalise.ts";
import { findSun, openSun } from "../../../../../core/devices/cards/ntag424/sun.ts";
import type { Talk } from "../../../../../core/devices/cards/ntag424/talk.ts";
import { DesfireCard } from "../../../../device/chips/desfire.ts";
import type { Ev2Card } from "../../../../device/chips/ev2-card.ts";
import { Ntag424Card } from "../../../../device/chips/ntag424.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
const gone = new Error("the card has gone");

/** Runs a conversation with a card in the field. @returns its result, and how many commands it took */
function hold<T>(card: Ev2Card, talk: Talk<T>): { result: T; commands: number } {
  card.reset();
  let commands = 0;
  for (let step = talk.next(); ; ) {
    if (step.done) return { result: step.value, commands };
    const answer = card.transceive(step.value);
    commands++;
    step = answer ? talk.next(answer) : talk.throw(gone);
  }
}

const keys = Array.from({ length: 5 }, () => randomBytes(16));
const order = (card: Ntag424Card, more: Partial<Personal> = {}): Personal => ({
  uid: card.number,
  keys,
  keyVersion: 1,
  begun: false,
  sun: true,
  random: randomBytes,
  ...more,
});
/** What a desk does with a card: looks what it is, then writes it. */
function* made(card: Ntag424Card, more: Partial<Personal> = {}): Talk<number | undefined> {
  const wanted = order(card, more);
  assert.equal(yield* chipKind(wanted.uid), "ntag424");
  return yield* personalise(wanted);
}
const isOurs = (card: Ntag424Card): boolean => card.keys.every((key, at) => key.equals(keys[at]!));
/** The URL a telephone reads of it. */
const tapped = (card: Ntag424Card): string => {
  card.reset();
  card.transceive(bytes("00a4040c07d276000085010100"));
  card.transceive(bytes("00a4000c02e104"));
  return urlIn(card.transceive(bytes("00b0000060"))!)!;
};

describe("secure messaging with an NTAG 424 DNA", () => {
  it("changes settings and keys as NXP publishes it", () => {
    const settings = new Ev2Session(
      {
        transaction: bytes("9D00C4DF"),
        encryption: bytes("1309C877509E5A215007FF0ED19CA564"),
        authentication: bytes("4C6626F5E72EA694202139295C7A7FC7"),
      },
      1,
    );
    assert.deepEqual(
      settings.command(0x5f, bytes("02"), bytes("4000E0C1F121200000430000430000")),
      bytes("905F0000190261B6D97903566E84C3AE5274467E89EAD799B7C1A0EF7A0400"),
    );
    assert.equal(settings.read(bytes("57BFF87B1241E93D9100")).length, 0);
    const session = new Ev2Session(
      {
        transaction: bytes("7614281A"),
        encryption: bytes("4CF3CB41A22583A61E89B158D252FC53"),
        authentication: bytes("5529860B2FC5FB6154B7F28361D30BF9"),
      },
      2,
    );
    assert.deepEqual(
      session.command(0xc4, bytes("02"), bytes("F3847D627727ED3BC9C4CC050489B966 01 789DFADC")),
      bytes("90C4000029022CF362B7BF4311FF3BE1DAA295E8C68DE09050560D19B9E16C2393AE9CD1FAC75D0CE20BCD1D06E600"),
    );
    session.read(bytes("203BB55D1089D5879100"));
    assert.deepEqual(
      session.command(0xc4, bytes("00"), bytes("5004BF991F408672B1EF00F08F9E8647 01")),
      bytes("90C400002900C0EB4DEEFEDDF0B513A03A95A75491818580503190D4D05053FF75668A01D6FDA6610234BDED643200"),
    );
  });

  it("refuses an answer with a wrong MAC, of a wrong length, or of another turn", () => {
    const session = (): Ev2Session =>
      new Ev2Session(
        {
          transaction: bytes("9D00C4DF"),
          encryption: bytes("1309C877509E5A215007FF0ED19CA564"),
          authentication: bytes("4C6626F5E72EA694202139295C7A7FC7"),
        },
        1,
      );
    const answer = bytes("57BFF87B1241E93D9100");
    const twice = session();
    twice.read(answer);
    assert.throws(() => twice.read(answer), { code: "card-auth-failed" });
    for (const wrong of ["", "9100", "91AE", "57BFF87B1241E93E9100", "0057BFF87B1241E93D9100"])
      assert.throws(() => session().read(bytes(wrong)), { code: "card-auth-failed" }, wrong);
  });

  it("derives a card's keys as NXP publishes it, and none from too little", () => {
    assert.deepEqual(
      diversified(bytes("00112233445566778899AABBCCDDEEFF"), bytes("04782E21801D803042F54E585020416275")),
      bytes("A8DD63A3B89D54B37CA802473FDA9175"),
    );
    assert.throws(() => diversified(Buffer.alloc(16), Buffer.alloc(15)), RangeError);
    assert.throws(() => diversified(Buffer.alloc(16), Buffer.alloc(32)), RangeError);
  });
});

describe("making a blank NTAG 424 DNA one of the site's", () => {
  it("leaves no factory key, lets nobody write, and signs its URL", () => {
    const card = new Ntag424Card();
    const { result } = hold(card, made(card));
    assert.ok(isOurs(card));
    assert.deepEqual(card.versions, [1, 1, 1, 1, 1]);
    assert.deepEqual(card.rights, { both: 0, change: 0, read: 0xe, write: 0 });
    assert.equal(result, 1);
    const tap = openSun(findSun(tapped(card))!, { meta: keys[2]!, file: keys[3]! });
    assert.deepEqual(tap, { uid: card.number, counter: 2 });
  });

  it("leaves the URL unsigned where nobody asked for it", () => {
    const card = new Ntag424Card();
    assert.equal(hold(card, made(card, { sun: false })).result, undefined);
    assert.ok(isOurs(card));
    assert.equal(card.sdm, undefined);
    assert.equal(card.rights.write, 0);
  });

  it("is finished by the next run, whichever command it was torn away at, heard or not", () => {
    const sample = new Ntag424Card();
    const { commands } = hold(sample, made(sample));
    assert.ok(commands > 15);
    for (let at = 0; at < commands; at++)
      for (const habit of ["leavesBefore", "leavesAfter"] as const) {
        const card = new Ntag424Card();
        card.habits = { [habit]: habit === "leavesBefore" ? at : at + 1 };
        assert.throws(() => hold(card, made(card)), gone, `${habit} ${at}`);
        card.habits = {};
        hold(card, made(card, { begun: true }));
        assert.ok(isOurs(card), `${habit} ${at}`);
      }
  });

  it("is finished also when the second run is torn away", () => {
    for (let first = 8; first < 24; first += 3)
      for (let second = 4; second < 40; second += 5) {
        const card = new Ntag424Card();
        card.habits = { leavesAfter: first };
        assert.throws(() => hold(card, made(card)), gone);
        card.habits = { leavesAfter: second };
        try {
          hold(card, made(card, { begun: true }));
        } catch (error) {
          assert.equal(error, gone);
        }
        card.habits = {};
        hold(card, made(card, { begun: true }));
        assert.ok(isOurs(card), `${first} ${second}`);
      }
  });

  it("says nothing is done when the card answers wrongly, at any step", () => {
    for (const habits of [{ spoilt: true }, { garbage: true }, { impostor: randomBytes(16) }]) {
      const card = new Ntag424Card();
      card.habits = habits;
      assert.throws(() => hold(card, made(card)), { name: "LimenError" });
    }
  });

  it("does not touch another chip, or a card with somebody else's keys", () => {
    const other = new Ntag424Card();
    other.hardware = bytes("04010101001A05"); // a DESFire of the first generation
    assert.throws(() => hold(other, made(other)), { code: "card-other-chip" });
    const foreign = new Ntag424Card();
    foreign.keys = foreign.keys.map(() => randomBytes(16));
    const before = foreign.keys.map((key) => Buffer.from(key));
    for (const begun of [false, true])
      assert.throws(() => hold(foreign, made(foreign, { begun })), { code: "card-not-blank" });
    assert.deepEqual(foreign.keys, before);
    assert.equal(foreign.rights.write, 0xe);
  });

  it("does not take one card for another", () => {
    const card = new Ntag424Card();
    const twin = new Ntag424Card();
    assert.throws(() => hold(card, made(card, { uid: twin.number })), {
      code: "card-other-chip",
    });
    assert.deepEqual(card.keys, twin.keys);
  });

  it("proves a card afterwards with its own key and with no other", () => {
    const card = new Ntag424Card();
    hold(card, made(card));
    const proof = (key: Buffer): Talk<unknown> =>
      (function* () {
        yield bytes("00a4040c07d276000085010100");
        return yield* authenticate({ key, number: 1, ours: randomBytes(16) });
      })();
    hold(card, proof(keys[1]!));
    for (const key of [Buffer.alloc(16), keys[0]!, randomBytes(16)])
      assert.throws(() => hold(card, proof(key)), { code: "card-auth-failed" });
    hold(card, proof(keys[1]!));
    card.habits = { recording: [...card.said] };
    assert.throws(() => hold(card, proof(keys[1]!)), { code: "card-auth-failed" });
  });
});

describe("making a DESFire one of the site's", () => {
  function* made(card: DesfireCard, begun = false): Talk<undefined> {
    assert.equal(yield* chipKind(card.number), "desfire");
    return yield* personaliseDesfire({ uid: card.number, keys, keyVersion: 1, begun, random: randomBytes });
  }
  const isOurs = (card: DesfireCard): boolean => card.keys.every((key, at) => key.equals(keys[at]!));

  it("adds an application with two keys of ours, of EV2 and EV3", () => {
    for (const hardware of ["04010112001605", "04010133001A05"]) {
      const card = new DesfireCard();
      card.hardware = bytes(hardware);
      hold(card, made(card));
      assert.ok(isOurs(card));
      assert.equal(hold(card, selectOurs()).result, true);
    }
  });

  it("is finished by the next run, whichever command it was torn away at, heard or not", () => {
    const sample = new DesfireCard();
    const { commands } = hold(sample, made(sample));
    for (let at = 0; at < commands; at++)
      for (const habit of ["leavesBefore", "leavesAfter"] as const) {
        const card = new DesfireCard();
        card.habits = { [habit]: habit === "leavesBefore" ? at : at + 1 };
        assert.throws(() => hold(card, made(card)), gone, `${habit} ${at}`);
        card.habits = {};
        hold(card, made(card, true));
        assert.ok(isOurs(card), `${habit} ${at}`);
      }
  });

  it("leaves a card alone that lets nobody add to it, or has ours with other keys", () => {
    const closed = new DesfireCard();
    closed.open = false;
    assert.throws(() => hold(closed, made(closed)), { code: "card-not-blank" });
    const foreign = new DesfireCard();
    hold(foreign, made(foreign));
    foreign.keys = foreign.keys.map(() => randomBytes(16));
    for (const begun of [false, true])
      assert.throws(() => hold(foreign, made(foreign, begun)), { code: "card-not-blank" });
  });

  it("says nothing is done when the card answers wrongly", () => {
    for (const habits of [{ spoilt: true }, { garbage: true }, { impostor: randomBytes(16) }]) {
      const card = new DesfireCard();
      card.habits = habits;
      assert.throws(() => hold(card, made(card)), { name: "LimenError" });
    }
  });
});
