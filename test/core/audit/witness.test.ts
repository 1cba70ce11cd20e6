import assert from "node:assert/strict";
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import fc from "fast-check";
import { witnessMemory, witnessMigrations, witnessServer } from "../../../cli/witness.ts";
import { checkpointText } from "../../../core/audit/checkpoint.ts";
import { signingKey } from "../../../core/audit/ed25519.ts";
import { sha256 } from "../../../core/audit/merkle.ts";
import { parseVkey, signatureTypes, signNote, vkeyOf } from "../../../core/audit/note.ts";
import { verifyProofFile } from "../../../core/audit/proof-file.ts";
import { verifyLog } from "../../../core/audit/verify-log.ts";
import { addCheckpoint, askWitness, type Post, type WitnessIdentity } from "../../../core/audit/witness.ts";
import { openDatabase } from "../../../core/store/database.ts";
import { decision, type TestSite, testSite } from "./site.ts";

const name = "council.example/witness";
const key = signingKey(Buffer.alloc(32, 3));
const verifier = parseVkey(vkeyOf(name, key.publicKey, signatureTypes.cosignature))!;

describe("witness", () => {
  let site: TestSite;
  let witness: WitnessIdentity & { memory: ReturnType<typeof witnessMemory> };
  let requests: string[];

  beforeEach(() => {
    requests = [];
    site = testSite();
    const db = openDatabase(join(site.folder, "witness.db"), witnessMigrations);
    const logs = [parseVkey(site.log.vkey)!];
    witness = { name, key, logs, memory: witnessMemory(db), now: () => 1_795_000_000 };
  });
  afterEach(() => site.remove());

  const grow = (count: number) =>
    site.log.appendWith(Array.from({ length: count }, (_, n) => decision(site, n)));
  const post: Post = (body) => {
    requests.push(body);
    const { status, body: answer } = addCheckpoint(body, witness);
    return Promise.resolve({ status, body: answer });
  };
  const request = (from: number) => {
    const proof = site.log.consistency(from).map((hash) => `${hash.toString("base64")}\n`);
    return `old ${from}\n${proof.join("")}\n${site.log.checkpoint()}`;
  };

  it("cosigns a log that only grows, and the receipt then carries its signature", async () => {
    for (const count of [3, 1, 252, 1, 300]) {
      grow(count);
      assert.equal(await askWitness(site.log, post, verifier), site.log.size);
    }
    grow(5);
    const proven = verifyProofFile(site.log.proofFile(100), [...witness.logs, verifier])!;
    assert.equal(proven.checkpoint.size, 557);
    assert.deepEqual(proven.checkpoint.signedBy.at(-1), { verifier, time: 1_795_000_000 });
    assert.equal(verifyProofFile(site.log.proofFile(560), [...witness.logs])?.checkpoint.size, 562);
    await site.log.publish();
    assert.deepEqual(verifyLog(site.tiles, { vkey: site.log.vkey }).findings, []);
  });

  it("tells how far it has seen the log when asked from elsewhere", async () => {
    grow(10);
    await askWitness(site.log, post, verifier);
    grow(10);
    const { status, type, body } = addCheckpoint(request(5), witness);
    assert.deepEqual({ status, type, body }, { status: 409, type: "text/x.tlog.size", body: "10\n" });
    requests = [];
    await askWitness(site.log, post, verifier, 20);
    assert.deepEqual(
      requests.map((text) => text.split("\n")[0]),
      ["old 20", "old 10"],
    );
    requests = [];
    await askWitness(site.log, post, verifier, 20);
    assert.equal(requests.length, 1, "the same again is fine");
  });

  it("never signs a smaller, another or a forked tree", () => {
    grow(10);
    const ten = request(0);
    assert.equal(addCheckpoint(ten, witness).status, 200);
    const seed = site.ring.keys("log").get(site.log.origin)!;
    const signed = (size: number, root: Buffer) =>
      signNote(checkpointText({ origin: site.log.origin, size, root }), site.log.origin, signingKey(seed));
    const other = sha256("another tree");
    assert.equal(addCheckpoint(`old 10\n\n${signed(10, other)}`, witness).status, 409);
    assert.equal(addCheckpoint(`old 10\n\n${signed(9, other)}`, witness).status, 400);
    assert.equal(addCheckpoint(`old 10\n\n${signed(11, other)}`, witness).status, 422);
    assert.equal(
      addCheckpoint(`old 10\n${other.toString("base64")}\n\n${signed(11, other)}`, witness).status,
      422,
    );
    assert.equal(addCheckpoint(`old 0\n\n${signed(11, other)}`, witness).status, 409);
    assert.equal(addCheckpoint(ten, witness).status, 409);
    grow(1);
    assert.equal(addCheckpoint(request(10), witness).status, 200);
  });

  it("answers what is not its business as the protocol says", () => {
    grow(1);
    const stranger = signNote(
      `${site.log.checkpoint().split("\n\n")[0]}\n`,
      "test.example/gate",
      signingKey(Buffer.alloc(32, 9)),
    );
    assert.equal(addCheckpoint(`old 0\n\n${stranger}`, witness).status, 403);
    assert.equal(addCheckpoint(request(0), { ...witness, logs: [] }).status, 404);
    for (const bad of [
      "",
      "old 0",
      "old 00\n\n",
      "old -1\n\n",
      request(0).replace("old 0", "new 0"),
      "old 0\n\ngarbage",
    ]) {
      assert.equal(addCheckpoint(bad, witness).status, 400, JSON.stringify(bad));
    }
    const hash = sha256("").toString("base64");
    const long = request(0).replace("old 0\n", `old 0\n${`${hash}\n`.repeat(64)}`);
    assert.equal(addCheckpoint(long, witness).status, 400);
    assert.equal(addCheckpoint(request(0).replace("old 0\n", `old 0\n${hash}\n`), witness).status, 422);
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (garbage) => {
        assert.equal(addCheckpoint(garbage, witness).status, 400);
      }),
    );
  });

  it("lets only one of two requests at once pass", () => {
    grow(5);
    const five = request(0);
    grow(5);
    const ten = request(0);
    const racing: typeof witness.memory = {
      ...witness.memory,
      latest(origin) {
        const seen = witness.memory.latest(origin);
        if (!seen) addCheckpoint(ten, witness); // the other one slips in between check and write
        return seen;
      },
    };
    assert.equal(addCheckpoint(five, { ...witness, memory: racing }).status, 409);
    assert.equal(witness.memory.latest(site.log.origin)?.size, 10);
  });

  it("tells a log that it was rolled back", async () => {
    grow(3);
    const lost: Post = () => Promise.resolve({ status: 409, body: "7\n" });
    await assert.rejects(askWitness(site.log, lost, verifier), { code: "log-behind" });
    const silent: Post = () => Promise.resolve({ status: 200, body: "— council.example/witness AAAA\n" });
    await assert.rejects(askWitness(site.log, silent, verifier), { code: "witness-refused" });
    const forged: Post = () => Promise.resolve({ status: 500, body: "" });
    await assert.rejects(askWitness(site.log, forged, verifier), { code: "witness-refused" });
  });

  describe("over HTTP", () => {
    let server: Server;
    let url: string;
    beforeEach(async () => {
      server = witnessServer(witness).listen(0, "127.0.0.1");
      await once(server, "listening");
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    afterEach(() => {
      server.closeAllConnections();
      server.close();
    });
    const send: Post = async (body) => {
      const answer = await fetch(`${url}/add-checkpoint`, { method: "POST", body });
      return { status: answer.status, body: await answer.text() };
    };

    it("cosigns, and shows monitors the newest checkpoint it has seen", async () => {
      grow(4);
      assert.equal(await askWitness(site.log, send, verifier), 4);
      const shown = await fetch(`${url}/${sha256(site.log.origin).toString("hex")}/checkpoint`);
      assert.equal(await shown.text(), site.log.checkpoint());
      grow(1);
      const conflict = await fetch(`${url}/add-checkpoint`, { method: "POST", body: request(1) });
      assert.equal(conflict.status, 409);
      assert.equal(conflict.headers.get("content-type"), "text/x.tlog.size");
    });

    it("has nothing else, and takes no flood", async () => {
      for (const path of ["/", "/add-checkpoint", `/${"0".repeat(64)}/checkpoint`]) {
        assert.equal((await fetch(url + path)).status, 404, path);
      }
      const flood = fetch(`${url}/add-checkpoint`, { method: "POST", body: "x".repeat(300_000) });
      const status = await flood.then(
        (answer) => answer.status,
        () => 413,
      ); // or the line is cut while it still talks
      assert.equal(status, 413);
    });
  });
});
