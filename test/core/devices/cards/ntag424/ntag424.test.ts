import assert from "node:assert/strict";
import fc from "fast-check";
import { cmac, decrypt, shortMac } from "../../../../../core/devices/cards/ntag424/cmac.ts";
import { Ev2Authentication, Ev2Session } from "../../../../../core/devices/cards/ntag424/ev2.ts";
import { findSun, isFresh, openSun } from "../../../../../core/devices/cards/ntag424/sun.ts";

const bytes = (hex: string): Buffer => Buffer.from(hex.replaceAll(" ", ""), "hex");
const hex = (buffer: Uint8Array): string => Buffer.from(buffer).toString("hex").toUpperCase();
const zero = Buffer.alloc(16);

describe("AES-CMAC", () => {
  it("is RFC 4493's", () => {
    const key = bytes("2b7e151628aed2a6abf7158809cf4f3c");
    const message = bytes(
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
    );
    const expected: [number, string][] = [
      [0, "BB1D6929E95937287FA37D129B756746"],
      [16, "070A16B46B4D4144F79BDD9DD04A287C"],
      [40, "DFA66747DE9AE63030CA32611497C827"],
      [64, "51F0BEBF7E3B9D92FC49741779363CFE"],
    ];
    for (const [length, mac] of expected) assert.equal(hex(cmac(key, message.subarray(0, length))), mac);
  });
});

describe("NTAG 424 DNA secure unique NFC messages", () => {
  const url = "https://gate.example/t?e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086";
  const keys = { meta: zero, file: zero };

  it("are read as NXP publishes them", () => {
    assert.deepEqual(openSun(findSun(url)!, keys), { uid: "04DE5F1EACC040", counter: 0x3d });
    assert.deepEqual(
      findSun(url.replace("?e=", "?picc_data=").replace("&c=", "&cmac=").toLowerCase()),
      findSun(url),
    );
  });

  it("are as NXP publishes them at every step, to the MAC's full length", () => {
    const { picc, mac } = findSun(url)!;
    const data = decrypt(zero, picc);
    assert.equal(hex(data), "C704DE5F1EACC0403D0000DA5CF60941");
    const session = cmac(zero, Buffer.concat([bytes("3CC300010080"), data.subarray(1, 11)]));
    assert.equal(hex(session), "3FB5F6E3A807A03D5E3570ACE393776F");
    const full = cmac(session, Buffer.alloc(0));
    assert.equal(hex(full), "E194C7EE12D9F7EE8A65C8331B704386");
    assert.deepEqual(shortMac(full), mac);
  });

  it("are worth nothing with any bit changed, or under another key", () => {
    const sun = findSun(url)!;
    for (const part of ["picc", "mac"] as const)
      for (let bit = 0; bit < sun[part].length * 8; bit++) {
        const changed = { ...sun, [part]: Buffer.from(sun[part]) };
        changed[part][bit >> 3]! ^= 1 << (bit & 7);
        assert.throws(() => openSun(changed, keys), { code: "card-sun-invalid" });
      }
    const other = Buffer.alloc(16, 1);
    assert.throws(() => openSun(sun, { meta: other, file: zero }), { code: "card-sun-invalid" });
    assert.throws(() => openSun(sun, { meta: zero, file: other }), { code: "card-sun-invalid" });
  });

  it("count once, and only rising", () => {
    const tap = openSun(findSun(url)!, keys);
    assert.ok(isFresh(tap, undefined));
    assert.ok(isFresh(tap, 0x3c));
    assert.ok(!isFresh(tap, 0x3d));
    assert.ok(!isFresh(tap, 0x3e));
  });

  it("are in no other text", () => {
    for (const other of ["", url.slice(0, -1), `${url}0`, url.replace("&c=", "&d="), "x".repeat(1e6)])
      assert.equal(findSun(other), undefined);
    fc.assert(fc.property(fc.string(), (text) => findSun(text) === undefined));
  });
});

describe("AuthenticateEV2First", () => {
  const ours = bytes("13C5DB8A5930439FC3DEF9A4C675360F");
  const first = bytes("A04C124213C186F22399D33AC2A30215 91AF");
  const second = bytes("3FA64DB5446D1F34CD6EA311167F5E4985B89690C04A05F17FA7AB2F08120663 9100");
  const start = (key = zero) => new Ev2Authentication({ key, number: 0, ours });

  it("runs as NXP publishes it", () => {
    const auth = start();
    assert.equal(hex(auth.begin()), "9071000002000000");
    assert.equal(
      hex(auth.prove(first)),
      "90AF00002035C3E05A752E0144BAC0DE51C1F22C56B34408A23D8AEA266CAB947EA8E0118D00",
    );
    const { keys } = auth.finish(second);
    assert.equal(hex(keys.transaction), "9D00C4DF");
    assert.equal(hex(keys.encryption), "1309C877509E5A215007FF0ED19CA564");
    assert.equal(hex(keys.authentication), "4C6626F5E72EA694202139295C7A7FC7");
  });

  it("fails for a card without the key, a changed or cut answer, or one out of turn", () => {
    const failed = { code: "card-auth-failed" };
    for (let bit = 32; bit < 160; bit++) {
      const auth = start();
      auth.prove(first);
      const changed = Buffer.from(second);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => auth.finish(changed), failed);
    }
    const wrong = start(Buffer.alloc(16, 1));
    wrong.prove(first);
    assert.throws(() => wrong.finish(second), failed);
    assert.throws(() => start().finish(second), failed);
    assert.throws(() => start().prove(bytes("91AE")), failed);
    assert.throws(() => start().prove(Buffer.concat([first, first])), failed);
  });

  it("reads the UID under the session", () => {
    const session = () =>
      new Ev2Session({
        transaction: bytes("DF055522"),
        encryption: bytes("2B4D963C014DC36F24F69A50A394F875"),
        authentication: bytes("379D32130CE61705DD5FD8C36B95D764"),
      });
    const answer = bytes("70756055688505B52A5E26E59E329CD6 595F672298EA41B7 9100");
    const good = session();
    assert.equal(hex(good.askUid()), "90510000088E2C155ADDA99BE300");
    assert.equal(good.readUid(answer), "04958CAA5C5E80");
    assert.throws(() => good.readUid(answer), { code: "card-auth-failed" }); // a replay: the counter has moved
    for (let bit = 0; bit < 24 * 8; bit++) {
      const changed = Buffer.from(answer);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => session().readUid(changed), { code: "card-auth-failed" });
    }
  });
});
