import assert from "node:assert/strict";
import type { Sitter } from "../../../../cli/bench/scenes.ts";
import { PrintMemory } from "../../../../core/faces/liveness/repeats.ts";
import type { FaceEngine, LookRequest, LookResult } from "../../../../core/faces/types.ts";
import { arriving, needs, newEngine, picture, settings as usual } from "../data.ts";
import { actOf, sitterFrom, turning } from "./acting.ts";

/** The frames end a look here, not the clock. */
const settings = { ...usual, seconds: 60 };
const own = ["102_1.jpg", "102_6.jpg", "102_7.jpg"].map((name) => `asian/ChinaTarget_102/${name}`);

/** Drawn heads and drawn pictures of them (synthetic): the real engine looks at what a camera would give. */
describe("a look over an act", () => {
  let engine: FaceEngine;
  let sitter: Sitter;

  before(async function () {
    needs(this, "models", "faces");
    engine = await newEngine();
    const { vectors } = await engine.enrol(own.map(picture));
    engine.gallery.put("template_a", "person_a", vectors);
    sitter = await sitterFrom(engine, own[1]!);
  });
  after(() => engine?.close());

  const look = (frames: readonly Buffer[], more: Partial<LookRequest> = {}): Promise<LookResult> =>
    engine.look({
      frames: arriving(frames),
      allowed: new Set(["person_a"]),
      mode: "1:N",
      settings: { ...settings, frames: 10, agreeing: 3 },
      ...more,
    });
  const walking = [0, 0.1, 0.2, 0.3, 0.4].map((x) => ({ x, y: x / 6 }));

  it("opens for somebody who walks up before a wall", async () => {
    assert.equal((await look(await actOf("live", sitter, walking))).code, "granted");
  });

  it("ends with a print that is moved by hand, though it is the right person's", async () => {
    const { code, evidence } = await look(await actOf("print", sitter, walking));
    assert.equal(code, "not-live");
    assert.ok(evidence.cue === "held" || evidence.cue === "model", evidence.cue);
  });

  it("ends with a screen, by the models or by its grid", async () => {
    for (const kind of ["screen", "video-on-screen"] as const) {
      const { code, evidence } = await look(await actOf(kind, sitter, walking));
      assert.equal(code, "not-live", kind);
      assert.ok(evidence.cue !== undefined, kind);
    }
  });

  it("lets in whoever turns the head as asked, on either side, and says when to ask", async () => {
    for (const [challenge, to] of [
      ["turn-left", 42],
      ["turn-right", -42],
    ] as const) {
      let asked = 0;
      const onChallenge = () => void asked++;
      const { code, evidence } = await look(await actOf("live", sitter, turning(to)), {
        challenge,
        onChallenge,
        settings,
      });
      assert.deepEqual([code, asked], ["granted", 1], `${challenge} ${JSON.stringify(evidence)}`);
      assert.ok(evidence.turned! >= 15);
    }
  });

  it("does not take the other side, no turn at all, or a print's tilt for it", async () => {
    const challenge = "turn-left" as const;
    const other = await look(await actOf("live", sitter, turning(-42)), { challenge, settings });
    assert.equal(other.code, "challenge-failed");
    const none = await look(await actOf("live", sitter, walking), {
      challenge,
      settings,
    });
    assert.equal(none.code, "challenge-failed");
    for (const to of [30, 40, 50, 60]) {
      const print = await look(await actOf("print", sitter, turning(to)), { challenge, settings });
      assert.ok(["not-live", "challenge-failed"].includes(print.code), `${to}: ${print.code}`);
    }
  });

  it("asks nothing of somebody it does not know", async () => {
    let asked = 0;
    const stranger = await sitterFrom(engine, "deepface/img1.jpg");
    const frames = await actOf("live", stranger, turning(42));
    const { code } = await look(frames, { challenge: "turn-left", onChallenge: () => void asked++ });
    assert.notEqual(code, "granted");
    assert.equal(asked, 0);
  });

  it("takes no recording: the same pictures again in a later look, or going round in one", async () => {
    const earlier = new PrintMemory();
    const frames = await actOf("live", sitter, walking);
    assert.equal((await look(frames, { earlier })).code, "granted");
    const again = await look(frames, { earlier });
    assert.deepEqual([again.code, again.evidence.cue], ["not-live", "repeat"]);
    const [one, two] = await actOf("live", sitter, walking, 8);
    const loop = await look([one!, two!, one!, two!], { earlier });
    assert.deepEqual([loop.code, loop.evidence.cue], ["not-live", "repeat"]);
    assert.equal((await look(frames)).code, "granted", "at a simulated door they may come back");
  });

  it("lets nobody else turn in the recognised person's place", async () => {
    const stranger = await sitterFrom(engine, "deepface/img1.jpg");
    const known = (await actOf("live", sitter, [{ x: 0 }, { x: 0.01 }, { x: 0.02 }])).slice(0, 3);
    const turned = await actOf("live", stranger, turning(42));
    const { code } = await look([...known, ...turned], { challenge: "turn-left", settings });
    assert.equal(code, "challenge-failed");
  });
});
