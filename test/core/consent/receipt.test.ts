import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import {
  type ConsentReceipt,
  canonical,
  checkRecord,
  signerFrom,
  signJson,
  verifyReceipt,
} from "../../../core/consent/index.ts";
import { handClock } from "../hand-clock.ts";
import { noticeFor, openSite, type TestSite } from "../retention/site.ts";

describe("consent receipts", () => {
  let site: TestSite;
  let receipt: string;
  let record: ConsentReceipt["limen:record"];
  before(() => {
    site = openSite(handClock());
    site.consents.publish([noticeFor(["gate-1"])]);
    const child = site.persons.create({ name: "Child", birthDate: "2016-01-01" });
    const parent = site.persons.create({ name: "Marker-Parent" });
    ({ receipt } = site.give(child, ["gate-1"], {
      givenBy: "guardian",
      guardian: parent,
      relation: "parent",
    }));
    record = (JSON.parse(receipt) as ConsentReceipt)["limen:record"];
  });
  after(() => site.remove());

  it("verifies with the public key alone, and is the same when issued again", () => {
    const verified = verifyReceipt(receipt, site.signer.publicKey);
    assert.equal(verified["@type"], "dpv:ConsentReceipt");
    assert.equal(site.consents.receipt(record["dct:identifier"]), receipt);
    assert.ok(!receipt.includes("Marker-Parent"));
  });

  it("verifies with Ed25519 itself, as the docs describe it", () => {
    const { signature, ...body } = JSON.parse(receipt) as Record<string, never> & {
      signature: { key: string; value: string };
    };
    const der = Buffer.concat([
      Buffer.from("302a300506032b6570032100", "hex"),
      Buffer.from(signature.key, "base64"),
    ]);
    const key = createPublicKey({ key: der, format: "der", type: "spki" });
    const bytes = Buffer.from(`limen receipt v1\n${canonical(body)}`);
    assert.ok(verify(null, bytes, key, Buffer.from(signature.value, "base64")));
  });

  it("fails with any one bit changed", () => {
    const bytes = Buffer.from(receipt);
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      assert.throws(() => verifyReceipt(bytes.toString("utf8"), site.signer.publicKey), `bit ${bit}`);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    verifyReceipt(bytes.toString("utf8"), site.signer.publicKey);
  }).timeout(30_000);

  it("fails under another site's key, re-signed by another, cut short or spaced out", () => {
    const other = signerFrom(Buffer.alloc(32, 7));
    assert.throws(() => verifyReceipt(receipt, other.publicKey), { code: "receipt-bad" });
    const { signature: _, ...body } = JSON.parse(receipt) as Record<string, unknown>;
    assert.throws(() => verifyReceipt(signJson(body, other), site.signer.publicKey), { code: "receipt-bad" });
    for (const text of [
      "",
      "{}",
      receipt.slice(0, -1),
      ` ${receipt}`,
      JSON.stringify(JSON.parse(receipt), null, 1),
      "[]",
      "null",
    ]) {
      assert.throws(() => verifyReceipt(text, site.signer.publicKey), { code: "receipt-bad" });
    }
  });

  it("has every mandatory field of ISO/IEC TS 27560: without any one of them, or with one more, it is none", () => {
    checkRecord(structuredClone(record));
    const optional = new Set(["dpv:hasRelation"]);
    let mutations = 0;
    const mutate = (value: unknown, path: string[]) => {
      if (value === null || typeof value !== "object") return;
      const target = value as Record<string, unknown>;
      for (const name of Object.keys(target)) {
        const kept = target[name];
        if (!optional.has(name)) {
          delete target[name];
          if (Array.isArray(target)) target.length = 0;
          assert.throws(
            () => checkRecord(structuredClone(record)),
            { code: "consent-record-bad" },
            [...path, name].join(" / "),
          );
          target[name] = kept;
          for (const other of [42, null, ""]) {
            target[name] = other;
            assert.throws(
              () => checkRecord(structuredClone(record)),
              { code: "consent-record-bad" },
              `${path} ${name}: ${other}`,
            );
          }
          target[name] = kept;
          mutations += 4;
        }
        mutate(kept, [...path, name]);
      }
      if (!Array.isArray(target)) {
        target.extra = "x";
        assert.throws(() => checkRecord(structuredClone(record)), { code: "consent-record-bad" });
        delete target.extra;
      }
    };
    mutate(record, []);
    assert.ok(mutations > 100, String(mutations));
    checkRecord(structuredClone(record));
  });
});
