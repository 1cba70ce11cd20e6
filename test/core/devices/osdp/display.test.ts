import assert from "node:assert/strict";
import { displayed, displayWidth } from "../../../../core/devices/osdp/display.ts";
import texts from "../../../../core/devices/osdp/reader-texts.json" with { type: "json" };
import { attemptCodes } from "../../../../core/entry/codes.ts";

const display = [{ code: 6, level: 1, items: 1 }];
const granted = { outcome: "granted", code: "granted" } as const;

describe("words on an OSDP reader's display", () => {
  it("fit its one line, in the letters OSDP has, under codes there are", () => {
    for (const list of Object.values(texts))
      for (const [code, text] of Object.entries(list)) {
        assert.match(text, /^[\x20-\x7e]+$/);
        assert.ok(text.length <= displayWidth, text);
        assert.ok(code === "denied" || (attemptCodes as readonly string[]).includes(code), code);
      }
  });

  it("are there for every outcome, and for whoever reads them", () => {
    for (const code of attemptCodes)
      assert.equal(displayed({ outcome: "denied", code }, display)?.kind, "text", code);
    assert.equal(displayed(granted, display, "en-US")?.kind, "text");
    assert.equal(displayed(granted, display, "zh-TW"), undefined);
    assert.equal(displayed({ outcome: "pending" }, display), undefined);
  });

  it("are not sent to a reader without a display", () => {
    assert.equal(displayed(granted, []), undefined);
    assert.equal(displayed(granted, [{ code: 6, level: 0, items: 0 }]), undefined);
  });
});
