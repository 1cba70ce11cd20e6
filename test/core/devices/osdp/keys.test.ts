import assert from "node:assert/strict";
import { checkKey, newKey, publicKey } from "../../../../core/devices/osdp/keys.ts";

const bytes = (text: string): Buffer => Buffer.from(text, "hex");

describe("OSDP keys", () => {
  for (const [key, code, why] of [
    [hexOf(publicKey), "osdp-key-public", "the published one"],
    ["00".repeat(16), "osdp-key-weak", "zeros"],
    ["ff".repeat(16), "osdp-key-weak", "all alike"],
    ["000102030405060708090a0b0c0d0e0f", "osdp-key-weak", "counting up"],
    ["f8f9fafbfcfdfeff0001020304050607", "osdp-key-weak", "counting up past 255"],
    ["0f0e0d0c0b0a09080706050403020100", "osdp-key-weak", "counting down"],
    ["00112233445566778899aabbccddeeff", "osdp-key-weak", "counting by 17"],
    ["deadbeefdeadbeefdeadbeefdeadbeef", "osdp-key-weak", "a word four times"],
    ["0011".repeat(8), "osdp-key-weak", "two bytes eight times"],
    ["0123456789abcde70123456789abcde7", "osdp-key-weak", "a half twice"],
    ["0f1e2d3c4b5a69788796a5b4c3d2e1", "osdp-key-length", "too short"],
    ["", "osdp-key-length", "none"],
  ] as const)
    it(`refuses ${why}`, () => {
      assert.throws(
        () => checkKey(bytes(key)),
        (error: Error & { code?: string }) =>
          error.code === code && (key === "" || !`${error.stack} ${JSON.stringify(error)}`.includes(key)),
      );
    });

  it("refuses a key that another reader has", () => {
    const key = newKey();
    checkKey(key);
    assert.throws(() => checkKey(key, [newKey(), Buffer.from(key)]), { code: "osdp-key-reused" });
  });

  it("makes a different key every time", () => {
    const keys = new Set(Array.from({ length: 200 }, () => newKey().toString("hex")));
    assert.equal(keys.size, 200);
  });

  it("makes none at all rather than a weak one", () => {
    assert.throws(() => newKey([], (length) => Buffer.alloc(length, 7)), { code: "osdp-key-weak" });
  });
});

function hexOf(key: Buffer): string {
  return key.toString("hex");
}
