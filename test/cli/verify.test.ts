import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "../../cli/verify.ts";
import { toPaper } from "../../core/consent/paper.ts";
import { signerFrom, signJson } from "../../core/consent/signed.ts";
import { languages, sentence } from "../../core/words.ts";
import { decision, type TestSite, testSite } from "../core/audit/site.ts";
import { handClock } from "../core/hand-clock.ts";
import { noticeFor, openSite } from "../core/retention/site.ts";

describe("limen verify", () => {
  let site: TestSite;
  let printed: string[];
  beforeEach(async () => {
    printed = [];
    site = testSite();
    site.log.appendWith(Array.from({ length: 300 }, (_, n) => decision(site, n)));
    await site.log.publish();
  });
  afterEach(() => site.remove());
  const verify = (...args: string[]) => run(args, (line) => printed.push(line));
  const file = (name: string, text: string) => {
    const path = join(site.folder, name);
    writeFileSync(path, text);
    return path;
  };

  it("answers 0 for a sound log, in the data folder or its own, and says where the key came from", async () => {
    assert.equal(await verify(site.folder), 0);
    assert.match(printed[0]!, /test\.example\/gate.*300/);
    assert.equal(printed.length, 2, "the key's own folder is no proof of whose it is");
    printed = [];
    assert.equal(await verify(site.tiles, "--key", site.log.vkey), 0);
    assert.equal(printed.length, 1);
  });

  it("answers 1 and names the entry for an altered one", async () => {
    const path = join(site.tiles, "tile/entries/000");
    const bytes = readFileSync(path);
    bytes[20 * 38 + 10]! ^= 1;
    writeFileSync(path, bytes);
    assert.equal(await verify(site.tiles), 1);
    assert.match(printed[0]!, /entry 20:/);
  });

  it("holds the log against a kept checkpoint and its coverage", async () => {
    const checkpoint = file("kept", site.log.checkpoint());
    const { summary } = site.log.coverage();
    const coverage = file("coverage.json", JSON.stringify(summary));
    assert.equal(await verify(site.tiles, "--checkpoint", checkpoint, "--coverage", coverage), 0);
    summary.held[0]!.whole -= 1;
    writeFileSync(coverage, JSON.stringify(summary));
    assert.equal(await verify(site.tiles, "--coverage", coverage), 1);
    site.log.appendWith([decision(site)]);
    writeFileSync(checkpoint, site.log.checkpoint());
    assert.equal(await verify(site.tiles, "--checkpoint", checkpoint), 1, "published less than was signed");
  });

  it("verifies a proof file by a key one brings, and shows what it discloses", async () => {
    const path = file("entry.tlog-proof", site.log.proofFile(7, { disclose: true }));
    await assert.rejects(verify(path), { code: "verify-key-needed" });
    assert.equal(await verify(path, "--key", site.log.vkey), 0);
    assert.ok(printed.some((line) => line.includes('"number": 7')));
    writeFileSync(path, site.log.proofFile(7).replace("index 7", "index 8"));
    assert.equal(await verify(path, "--key", site.log.vkey), 1);
  });

  it("verifies a signed receipt", async () => {
    const signer = signerFrom(Buffer.alloc(32, 7));
    const text = signJson({ what: "erasure", entries: 3 }, signer);
    const path = file("receipt.json", text);
    assert.equal(await verify(path, "--key", signer.publicKey), 0);
    writeFileSync(path, text.replace("3", "4"));
    assert.equal(await verify(path, "--key", signer.publicKey), 1);
  });

  it("verifies both kinds of receipt of a site, saved or as their QR codes say", async () => {
    const home = openSite(handClock());
    try {
      home.consents.publish([noticeFor(["main-gate"])]);
      const person = home.persons.create({ name: "Somebody" });
      const { consent, receipt } = home.give(person, ["main-gate"]);
      home.enrol(person);
      const erasure = home.removal.withdraw(consent.id)!;
      home.settle();
      for (const text of [receipt, home.erasures.read(erasure).receipt!]) {
        const packed = toPaper(text);
        assert.ok(packed.length < text.length);
        for (const saved of [text, `${text}\n`, packed, `${packed}\n`]) {
          assert.equal(await verify(file("kept.txt", saved), "--key", home.signer.publicKey), 0);
        }
        assert.equal(
          await verify(file("kept.txt", `${packed.slice(0, -9)}`), "--key", home.signer.publicKey),
          1,
        );
        const forged = toPaper(text.replace("2026-11-23", "2026-11-24"));
        assert.equal(await verify(file("kept.txt", forged), "--key", home.signer.publicKey), 1);
      }
    } finally {
      home.remove();
    }
  });

  it("says how it is used, and what is not there", async () => {
    assert.equal(await verify(), 2);
    await assert.rejects(verify(join(site.folder, "nothing")), { code: "verify-nothing" });
    await assert.rejects(verify(join(site.folder, "..")), { code: "verify-nothing" });
    await assert.rejects(verify(site.tiles, "--key", "garbage"), { code: "verify-key-bad" });
  });

  it("has a sentence for every finding in every language", () => {
    const codes = ["verify-log", "coverage", "check-ledger"].flatMap((name) =>
      [...readFileSync(`core/audit/${name}.ts`, "utf8").matchAll(/code: "([a-z-]+)"/g)].map(
        ([, code]) => code!,
      ),
    );
    assert.ok(codes.length > 15);
    for (const language of languages) {
      for (const code of codes) {
        assert.notEqual(sentence(language, `finding.${code}`), `finding.${code}`, `${language} ${code}`);
      }
    }
  });
});
