import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run as backup } from "../../cli/backup.ts";
import { run as restore } from "../../cli/restore.ts";
import { estate, openRig, printedCard, type Rig, readerCard, tokenFor } from "../vault/rig.ts";

const otherCard = { notation: "8H10D", number: "0270031963" };
const otherRead = { ...readerCard, number: "0110185C5B" };

describe("limen backup and limen restore", () => {
  const place = mkdtempSync(join(tmpdir(), "limen-backup-"));
  const file = join(place, "site.age");
  const secret = join(place, "passphrase");
  const into = join(place, "new-box");
  const env = { ...process.env };
  let rig: Rig;
  let ann: string;
  let bo: string;
  let journal: string;

  before(async () => {
    writeFileSync(secret, "correct horse battery staple\n");
    rig = await openRig();
    process.env.LIMEN_DATA = rig.data;
    await rig.client.call("configure", estate());
    const auth = await tokenFor(rig);
    ({ id: ann } = await rig.client.call("person.create", { auth, name: "Marker-Ann" }));
    ({ id: bo } = await rig.client.call("person.create", { auth, name: "Marker-Bo" }));
    await rig.client.call("credential.issue", { auth, person: ann, kind: "card", ...printedCard });
    await rig.client.call("credential.issue", { auth, person: bo, kind: "card", ...otherCard });
    assert.equal(await backup([file, "--passphrase-file", secret]), 0);
    const { id } = await rig.client.call("erasure.start", { auth, person: ann });
    while ((await rig.client.call("erasure.read", { auth, id })).state !== "done") await pause();
    const path = join(rig.data, "erasures.journal");
    journal = path;
    while (!readFileSync(path, "utf8").includes(ann)) await pause();
  });
  after(async () => {
    process.env = env;
    await rig?.close();
    rmSync(place, { recursive: true, force: true });
  });

  const whose = async (card: typeof readerCard | typeof otherRead) =>
    await rig.client.call("identify", { door: "main-gate", node: "n", reader: "r", method: "card", card });

  it("writes nothing readable, and opens for nobody without the passphrase", async () => {
    const bytes = readFileSync(file);
    assert.match(bytes.subarray(0, 21).toString(), /^age-encryption.org/);
    assert.equal(bytes.includes("Marker-"), false);
    const wrong = join(place, "wrong");
    writeFileSync(wrong, "another passphrase entirely\n");
    await assert.rejects(restore([file, "--into", into, "--passphrase-file", wrong]), {
      code: "passphrase-wrong",
    });
    const short = join(place, "short");
    writeFileSync(short, "hunter2\n");
    await assert.rejects(backup([join(place, "x.age"), "--passphrase-file", short]), {
      code: "passphrase-short",
    });
  });

  it("never restores over a ledger", async () => {
    await assert.rejects(restore([file, "--into", rig.data, "--passphrase-file", secret]), {
      code: "restore-not-empty",
    });
  });

  it("brings cards back, keeps faces off until newer erasures are repeated, and forks no log", async () => {
    const { origin } = rig.vault.services.log;
    const journalText = readFileSync(journal, "utf8");
    await rig.close();
    assert.equal(await restore([file, "--into", into, "--passphrase-file", secret]), 0);
    rig = await openRig({ data: into });
    process.env.LIMEN_DATA = into;
    assert.equal(rig.vault.services.log.origin, `${origin}/restored-1`);
    assert.equal((await rig.client.call("configure", estate())).faceArmed, false);
    assert.equal((await whose(otherRead)).person, bo);
    assert.equal((await whose(readerCard)).person, ann, "the backup is older than the erasure");
    const kept = join(place, "journal");
    writeFileSync(kept, journalText);
    assert.equal(await restore(["--journal", kept]), 0);
    assert.equal((await whose(readerCard)).code, "no-such-credential");
    assert.equal((await whose(otherRead)).person, bo);
    assert.equal((await rig.client.call("configure", estate())).faceArmed, true);
    await rig.restart();
    assert.equal(rig.vault.services.log.origin, `${origin}/restored-1`);
    const auth = await tokenFor(rig);
    assert.deepEqual((await rig.client.call("log.coverage", { auth })).findings, []);
  });
});

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 30));
