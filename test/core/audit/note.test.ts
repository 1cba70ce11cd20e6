import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import fc from "fast-check";
import { checkpointText, openCheckpoint, parseCheckpoint } from "../../../core/audit/checkpoint.ts";
import {
  commitmentOf,
  disclosureDigest,
  makeDisclosure,
  readDisclosure,
} from "../../../core/audit/disclosure.ts";
import { signingKey } from "../../../core/audit/ed25519.ts";
import { decodeLeaf, encodeLeaf } from "../../../core/audit/leaf.ts";
import { sha256 } from "../../../core/audit/merkle.ts";
import { cosign, parseVkey, signatureTypes, signNote, verifyNote, vkeyOf } from "../../../core/audit/note.ts";

const published = [
  {
    vkey: "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    text: "This is an example message.\n",
    line: "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n",
  },
  {
    vkey: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
    line: "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
  },
] as const;

describe("signed note", () => {
  const [foo, neumann] = published.map(({ vkey }) => parseVkey(vkey)!);

  it("verifies the published notes, and not one with a changed letter", () => {
    published.forEach(({ text, line }, at) => {
      const verifier = [foo!, neumann!][at]!;
      assert.equal(verifyNote(`${text}\n${line}`, [verifier])?.text, text);
      assert.equal(verifyNote(`${text.replace("e", "E")}\n${line}`, [verifier]), undefined);
    });
  });

  it("makes the same key line of a key, and refuses a line with another hash", () => {
    for (const { vkey } of published) {
      const { name, publicKey } = parseVkey(vkey)!;
      assert.equal(vkeyOf(name, publicKey), vkey);
      assert.equal(parseVkey(vkey.replace(/\+[0-9a-f]{8}\+/, "+00000000+")), undefined);
    }
    assert.throws(() => vkeyOf("with space", randomBytes(32)), TypeError);
  });

  it("ignores signers it does not know, takes a second one it does, and needs at least one", () => {
    const { text, line } = published[0];
    const other = signingKey(randomBytes(32));
    const strange = vkeyOf("strange.example", other.publicKey);
    const second = signNote(text, "strange.example", other).slice(text.length + 1);
    const note = `${text}\n${line}${second}`;
    assert.equal(verifyNote(note, [foo!])?.signedBy.length, 1);
    assert.equal(verifyNote(note, [foo!, parseVkey(strange)!])?.signedBy.length, 2);
    assert.equal(verifyNote(note, [neumann!]), undefined);
    assert.ok(verifyNote(`${text}\n${line}${second.repeat(15)}`, [foo!]), "sixteen signatures");
  });

  it("refuses the whole note when one known signature does not hold", () => {
    const { text, line } = published[0];
    const key = signingKey(randomBytes(32));
    const vkey = parseVkey(vkeyOf("second.example", key.publicKey))!;
    const wrong = signNote("Another text.\n", "second.example", key).slice("Another text.\n".length + 1);
    assert.equal(verifyNote(`${text}\n${line}${wrong}`, [foo!, vkey]), undefined);
    assert.ok(verifyNote(`${text}\n${line}${wrong}`, [foo!]));
  });

  it("signs what openssl's Ed25519 of RFC 8032 test 1 signs", () => {
    const key = signingKey(
      Buffer.from("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60", "hex"),
    );
    assert.equal(
      key.publicKey.toString("hex"),
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    );
    assert.equal(
      key.sign(Buffer.alloc(0)).toString("hex"),
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    );
  });

  it("verifies a witness's cosignature with its time", () => {
    const key = signingKey(randomBytes(32));
    const verifier = parseVkey(vkeyOf("witness.example", key.publicKey, signatureTypes.cosignature))!;
    const { text, line } = published[0];
    const cosignature = cosign(text, "witness.example", key, 1_795_000_000);
    const opened = verifyNote(`${text}\n${line}${cosignature}`, [verifier]);
    assert.deepEqual(opened?.signedBy, [{ verifier, time: 1_795_000_000 }]);
    const later = cosign(text, "witness.example", key, 1_795_000_001);
    const mixed = Buffer.from(cosignature.split(" ")[2]!, "base64");
    Buffer.from(later.split(" ")[2]!, "base64").copy(mixed, 4, 4, 12);
    const line2 = `— witness.example ${mixed.toString("base64")}\n`;
    assert.equal(verifyNote(`${text}\n${line2}`, [verifier]), undefined, "the time is signed too");
  });

  it("never throws and never opens garbage (property)", () => {
    const { text, line } = published[0];
    const note = `${text}\n${line}`;
    fc.assert(
      fc.property(
        fc.nat(note.length - 1),
        fc.constantFrom("", "\n", "\n\n", " ", "+", "\0", "—", "x"),
        (at, piece) => {
          const altered = note.slice(0, at) + piece + note.slice(at + 1);
          if (altered !== note) assert.equal(verifyNote(altered, [foo!])?.text === text, false);
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (garbage) => {
        assert.equal(verifyNote(garbage, [foo!]), undefined);
        assert.equal(verifyNote(`${garbage}\n\n${garbage}\n`, [foo!]), undefined);
        parseVkey(garbage);
        parseCheckpoint(garbage);
      }),
    );
    assert.equal(verifyNote(null as unknown as string, [foo!]), undefined);
  });
});

describe("checkpoint", () => {
  it("reads the published one", () => {
    const text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    const checkpoint = parseCheckpoint(text)!;
    assert.equal(checkpoint.origin, "example.com/behind-the-sofa");
    assert.equal(checkpoint.size, 20_852_163);
    assert.equal(checkpointText(checkpoint), text);
    assert.ok(parseCheckpoint(`${text}extension\n`));
  });

  it("refuses what is not written exactly so", () => {
    const root = sha256("").toString("base64");
    for (const bad of [
      `o\n01\n${root}\n`,
      `o\n-1\n${root}\n`,
      `o\n1e3\n${root}\n`,
      `o\n9007199254740993\n${root}\n`,
      `o\n1\n${root}`,
      `o\n1\n${root}\n\n`,
      `o\n1\n${root.slice(0, -1)}\n`,
      `\n1\n${root}\n`,
      `o\n1\n`,
    ]) {
      assert.equal(parseCheckpoint(bad), undefined, JSON.stringify(bad));
    }
  });

  it("opens only by its own origin's key", () => {
    const key = signingKey(randomBytes(32));
    const text = checkpointText({ origin: "a.example/log", size: 0, root: sha256("") });
    const own = parseVkey(vkeyOf("a.example/log", key.publicKey))!;
    const other = parseVkey(vkeyOf("b.example/log", key.publicKey))!;
    assert.equal(openCheckpoint(signNote(text, "a.example/log", key), [own])?.size, 0);
    assert.equal(openCheckpoint(signNote(text, "b.example/log", key), [own, other]), undefined);
  });
});

describe("disclosure", () => {
  it("gives RFC 9901's digest of its example", () => {
    const disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
    assert.equal(disclosureDigest(disclosure), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
    assert.deepEqual(readDisclosure(disclosure), { name: "family_name", value: "Möbius" });
  });

  it("reads what it made, salted anew each time", () => {
    const [one, two] = [makeDisclosure("door", "north"), makeDisclosure("door", "north")];
    assert.notEqual(one, two);
    assert.deepEqual(readDisclosure(one), { name: "door", value: "north" });
    assert.equal(readDisclosure("garbage"), undefined);
    const digests = [one, two].map(disclosureDigest);
    assert.notDeepEqual(commitmentOf(digests), commitmentOf(digests.toReversed()));
  });
});

describe("leaf", () => {
  it("is 36 bytes that read back", () => {
    const leaf = { class: "look-up", day: 2518, commitment: randomBytes(32) } as const;
    const bytes = encodeLeaf(leaf);
    assert.equal(bytes.subarray(0, 4).toString("hex"), "010409d6");
    assert.deepEqual(decodeLeaf(bytes), leaf);
    for (const bad of [bytes.subarray(1), Buffer.concat([bytes, bytes]), Buffer.alloc(36), Buffer.alloc(0)]) {
      assert.equal(decodeLeaf(bad), undefined);
    }
  });
});
