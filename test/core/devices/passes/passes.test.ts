import assert from "node:assert/strict";
import { generateKeyPairSync, randomBytes, randomInt, sign } from "node:crypto";
import fc from "fast-check";
import { fromBase32, toBase32 } from "../../../../core/devices/passes/base32.ts";
import { judgePass } from "../../../../core/devices/passes/judge.ts";
import {
  longestPass,
  opensDoor,
  type Pass,
  readPass,
  writePass,
} from "../../../../core/devices/passes/token.ts";
import { readTypedCode, typedCode } from "../../../../core/devices/passes/typed.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const site = "riverside";
const pass: Pass = {
  id: "00112233445566778899",
  kind: "visitor",
  from: new Date("2026-11-24T08:00:00+08:00"),
  until: new Date("2026-11-24T20:00:00+08:00"),
  uses: 2,
  window: 0,
  doors: ["gate-1", "block-3"],
};
const text = writePass(pass, site, privateKey);

describe("base 32", () => {
  it("is RFC 4648's, without padding", () => {
    const vectors = {
      "": "",
      f: "MY",
      fo: "MZXQ",
      foo: "MZXW6",
      foob: "MZXW6YQ",
      fooba: "MZXW6YTB",
      foobar: "MZXW6YTBOI",
    };
    for (const [plain, coded] of Object.entries(vectors)) {
      assert.equal(toBase32(Buffer.from(plain)), coded);
      assert.equal(fromBase32(coded)?.toString(), plain);
    }
  });
  it("has one text for any bytes, and reads nothing else", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        assert.deepEqual(fromBase32(toBase32(bytes)), Buffer.from(bytes));
      }),
    );
    for (const bad of ["M", "MZ1", "mzxw6", "MZ=", "MZXW7", "MZXW6Y "]) {
      const read = fromBase32(bad);
      assert.ok(read === undefined || toBase32(read) === bad, bad);
    }
    assert.equal(fromBase32("MZ"), undefined); // left-over bits
  });
});

describe("passes", () => {
  it("are read as they were written, and are short enough for a small QR code", () => {
    const { doors, ...said } = pass;
    const { doorMarks, ...read } = readPass(text, site, publicKey);
    assert.deepEqual(read, said);
    assert.equal(doorMarks.length, doors.length);
    assert.match(text, /^[A-Z2-7]+$/);
    assert.ok(text.length <= 160);
    assert.ok(writePass({ ...pass, doors: Array(8).fill("d") }, site, privateKey).length <= longestPass);
    assert.deepEqual(readPass(text.toLowerCase(), site, publicKey).id, pass.id);
  });

  it("say nothing of who holds them, nor of door names", () => {
    const bytes = fromBase32(text)!.toString("latin1");
    for (const door of pass.doors) assert.ok(!bytes.includes(door));
  });

  it("are worth nothing with any character changed, cut or added", () => {
    for (let at = 0; at < text.length; at++) {
      const other = text[at] === "A" ? "B" : "A";
      assert.throws(() => readPass(`${text.slice(0, at)}${other}${text.slice(at + 1)}`, site, publicKey), {
        code: "pass-invalid",
      });
      assert.throws(() => readPass(text.slice(0, at), site, publicKey), { code: "pass-invalid" });
    }
    assert.throws(() => readPass(`${text}A`, site, publicKey), { code: "pass-invalid" });
  });

  it("are worth nothing at another site, under another key, or with a signature made for something else", () => {
    assert.throws(() => readPass(text, "hillside", publicKey), { code: "pass-invalid" });
    assert.throws(() => readPass(text, site, generateKeyPairSync("ed25519").publicKey), {
      code: "pass-invalid",
    });
    const body = fromBase32(text)!.subarray(0, -64);
    const plain = toBase32(Buffer.concat([body, sign(null, body, privateKey)]));
    assert.throws(() => readPass(plain, site, publicKey), { code: "pass-invalid" });
  });

  it("are worth nothing as any other text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[A-Z2-7]{0,250}$/)), (any) => {
        assert.throws(() => readPass(any, site, publicKey), { code: "pass-invalid" });
      }),
    );
    assert.throws(() => readPass("A".repeat(1_000_000), site, publicKey), { code: "pass-invalid" });
  });

  it("are written only whole", () => {
    const wrong: [Partial<Pass>, string][] = [
      [{ id: "1" }, "/id"],
      [{ from: new Date(Number.NaN) }, "/from"],
      [{ until: pass.from }, "/until"],
      [{ uses: 256 }, "/uses"],
      [{ uses: 1.5 }, "/uses"],
      [{ window: -1 }, "/window"],
      [{ doors: Array(9).fill("d") }, "/doors"],
    ];
    for (const [fields, field] of wrong)
      assert.throws(() => writePass({ ...pass, ...fields }, site, privateKey), {
        code: "pass-fields",
        field,
      });
  });
});

describe("judging a pass", () => {
  const read = readPass(text, site, publicKey);
  const noon = new Date("2026-11-24T12:00:00+08:00");
  const judge = (
    more: {
      door?: string;
      now?: Date;
      revoked?: boolean;
      used?: number;
      first?: Date;
      window?: number;
      uses?: number;
    } = {},
  ) =>
    judgePass(
      { ...read, window: more.window ?? read.window, uses: more.uses ?? read.uses },
      {
        site,
        door: more.door ?? "gate-1",
        now: more.now ?? noon,
        history: {
          revoked: more.revoked ?? false,
          used: more.used ?? 0,
          ...(more.first ? { first: more.first } : {}),
        },
      },
    );

  it("opens its doors in its time, as often as it says", () => {
    assert.equal(judge(), undefined);
    assert.equal(judge({ door: "block-3", used: 1 }), undefined);
    assert.equal(judge({ used: 2 }), "pass-used-up");
    assert.equal(judge({ used: 200, uses: 0 }), undefined);
    assert.equal(judge({ door: "gate-2" }), "no-rights-here");
    assert.equal(judge({ revoked: true }), "credential-blocked");
  });

  it("begins and ends to the second", () => {
    assert.equal(judge({ now: new Date(pass.from.getTime() - 1) }), "pass-invalid");
    assert.equal(judge({ now: pass.from }), undefined);
    assert.equal(judge({ now: new Date(pass.until.getTime() - 1) }), undefined);
    assert.equal(judge({ now: pass.until }), "credential-expired");
  });

  it("closes a while after its first use, where it says so", () => {
    const first = noon;
    const later = (minutes: number) => new Date(noon.getTime() + minutes * 60_000);
    assert.equal(judge({ uses: 0, window: 30, used: 5, first, now: later(29) }), undefined);
    assert.equal(judge({ uses: 0, window: 30, used: 5, first, now: later(30) }), "pass-used-up");
    assert.equal(judge({ uses: 0, window: 30, now: later(300) }), undefined);
  });

  it("opens every door for a pass that names none", () => {
    const open = readPass(writePass({ ...pass, doors: [] }, site, privateKey), site, publicKey);
    assert.ok(opensDoor(open, site, "any"));
    assert.ok(!opensDoor(read, site, "any"));
  });
});

describe("typed codes", () => {
  it("are twelve digits that tell a slip from a guess", () => {
    for (let times = 0; times < 200; times++) {
      const code = typedCode((limit) => randomInt(limit));
      assert.match(code, /^\d{12}$/);
      assert.equal(readTypedCode(`${code.slice(0, 4)} ${code.slice(4, 8)}-${code.slice(8)}`), code);
      const at = randomBytes(1)[0]! % 12;
      const slip = `${code.slice(0, at)}${(Number(code[at]) + 1) % 10}${code.slice(at + 1)}`;
      assert.equal(readTypedCode(slip), undefined);
    }
    assert.equal(readTypedCode("79927398713"), undefined);
    assert.equal(readTypedCode("799273987130"), undefined);
    assert.equal(readTypedCode("12345"), undefined);
  });
});
