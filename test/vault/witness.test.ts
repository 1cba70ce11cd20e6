import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { openCheckpoint } from "../../core/audit/checkpoint.ts";
import { signingKey } from "../../core/audit/ed25519.ts";
import { parseVkey, signatureTypes, vkeyOf } from "../../core/audit/note.ts";
import { addCheckpoint, type WitnessMemory } from "../../core/audit/witness.ts";
import { keepWitnessed } from "../../vault/witness.ts";
import { openRig, type Rig } from "./rig.ts";

/** A witness in this process: the real protocol, a memory that can be looked into. */
function witnessOf(logs: readonly string[]) {
  const key = signingKey(Buffer.alloc(32, 9));
  const seen = new Map<string, { size: number; root: Buffer; note: string }>();
  const memory: WitnessMemory = {
    latest: (origin) => seen.get(origin),
    advance(from, { origin, size, root }, note) {
      if ((seen.get(origin)?.size ?? 0) !== from) return false;
      seen.set(origin, { size, root, note });
      return true;
    },
  };
  const name = "witness.test/box";
  const identity = {
    name,
    key,
    logs: logs.map((line) => parseVkey(line)!),
    memory,
    now: () => 1_800_000_000,
  };
  const answer = (async (_: unknown, { body }: { body: string }) => {
    await Promise.resolve();
    const { status, body: text } = addCheckpoint(body, identity);
    return { status, text: () => Promise.resolve(text) };
  }) as unknown as typeof fetch;
  return { seen, answer, vkey: vkeyOf(name, key.publicKey, signatureTypes.cosignature) };
}

describe("the vault and its witness", () => {
  let rig: Rig;
  const lines: string[] = [];
  before(async () => {
    rig = await openRig();
  });
  after(() => rig.close());
  const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

  it("has its checkpoint cosigned, and proof files carry the cosignature", async () => {
    const { log } = rig.vault.services;
    const { answer, seen, vkey } = witnessOf([log.vkey]);
    const before = log.size;
    const end = keepWitnessed({
      log,
      url: "http://127.0.0.1:1",
      vkey,
      say: (line) => lines.push(line),
      fetch: answer,
    });
    while (!seen.has(log.origin)) await pause();
    const cosigned = seen.get(log.origin)!.size;
    assert.ok(cosigned >= before && cosigned <= log.size); // the vault goes on writing meanwhile
    while (!log.proofFile(0).includes("witness.test/box")) await pause();
    const note = log.proofFile(0).split("\n\n").slice(1).join("\n\n");
    assert.ok(openCheckpoint(note, [parseVkey(log.vkey)!, parseVkey(vkey)!]));
    end();
  });

  it("raises an alarm when the witness has seen more than there is, and goes on opening doors", async () => {
    const { log } = rig.vault.services;
    const { answer, seen, vkey } = witnessOf([log.vkey]);
    seen.set(log.origin, { size: log.size + 100, root: Buffer.alloc(32), note: "" });
    const end = keepWitnessed({
      log,
      url: "http://127.0.0.1:1",
      vkey,
      say: (line) => lines.push(line),
      fetch: answer,
    });
    while (!lines.some((line) => line.includes("ALARM"))) await pause();
    await rig.client.call("ping", {});
    end();
  });

  it("refuses a key that is none", () => {
    const { publicKey } = generateKeyPairSync("ed25519");
    const vkey = String(publicKey.export({ format: "pem", type: "spki" }));
    const { log } = rig.vault.services;
    assert.throws(() => keepWitnessed({ log, url: "http://127.0.0.1:1", vkey, say: () => undefined }), {
      code: "witness-key-bad",
    });
  });
});
